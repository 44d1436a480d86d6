import type { LinePolicy } from '../../../core/policy.js'
import { fieldsAt } from '../../../lines/fields/fields.js'
import type { Words } from '../words/words.js'
import { Below, Value } from './editing.js'
import { Sentences } from './sentences.js'

/** How a line by voice hears its callers. */
export const Hearing = ({ policy, words }: { policy: LinePolicy; words: Words }) => {
  const { voice } = policy
  const { heard } = words.line
  const kept = voice?.keepAnswer || undefined
  const chosen = (name: 'engine' | 'weak' | 'keyAfterYes' | 'experimental') => {
    const value = voice && String(voice[name])
    return (value && words.edit.choices(`voice.${name}`)?.[value]) ?? (value || '…')
  }
  return (
    <>
      <p class="sentence">
        {heard.engine} <Value field="voice.engine">{chosen('engine')}</Value>; {heard.threshold}{' '}
        <Value field="voice.threshold">{voice ? words.number(voice.threshold) : '…'}</Value>
        <br />
        {heard.weak} <Value field="voice.weak">{chosen('weak')}</Value>
        <br />
        {heard.keyAfterYes} <Value field="voice.keyAfterYes">{chosen('keyAfterYes')}</Value>
        <br />
        {heard.experimental} <Value field="voice.experimental">{chosen('experimental')}</Value>
        <br />
        {heard.keepAnswer}{' '}
        <Value field="voice.keepAnswer.legalBasis">
          {kept?.legalBasis || words.edit.none('voice.keepAnswer.legalBasis')}
        </Value>
        {kept && (
          <>
            ; {heard.keptFor}{' '}
            <Value field="voice.keepAnswer.retentionDays">{words.days(kept.retentionDays)}</Value>
            {(kept.retentionDays > 30 || kept.longerBecause) && (
              <>
                {' '}
                ({heard.keptBecause}{' '}
                <Value field="voice.keepAnswer.longerBecause">{kept.longerBecause || '…'}</Value>)
              </>
            )}
          </>
        )}
      </p>
      <Below fields={fieldsAt('hearing')} whole="voice" />
      <Sentences place="hearing" policy={policy} words={words} />
    </>
  )
}
