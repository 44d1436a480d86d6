import type { LinePolicy } from '../../../core/policy.js'
import type { Words } from '../words/words.js'
import { Below, Value } from './editing.js'

/** The fields of hearing, in the order of the sentence. */
export const HEARING_FIELDS = [
  'voice.engine',
  'voice.threshold',
  'voice.weak',
  'voice.keyAfterYes',
  'voice.experimental',
  'voice.keepAnswer.legalBasis',
  'voice.keepAnswer.retentionDays',
  'voice.keepAnswer.longerBecause',
]

/** The choices of a field of hearing, with their words; undefined for other fields. */
export const hearingChoices = (field: string, { edit }: Words): Record<string, string> | undefined =>
  (edit.hearing as Record<string, Record<string, string>>)[field.replace('voice.', '')]

/** How a line by voice hears its callers. */
export const Hearing = ({ policy: { voice }, words }: { policy: LinePolicy; words: Words }) => {
  const { heard } = words.line
  const kept = voice?.keepAnswer || undefined
  const chosen = (name: 'engine' | 'weak' | 'keyAfterYes' | 'experimental') => {
    const value = voice && String(voice[name])
    return (value && hearingChoices(name, words)?.[value]) ?? (value || '…')
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
        <Value field="voice.keepAnswer.legalBasis">{kept?.legalBasis || heard.notKept}</Value>
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
      <Below fields={HEARING_FIELDS} whole="voice" />
    </>
  )
}
