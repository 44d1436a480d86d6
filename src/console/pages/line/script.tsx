import type { ComponentChildren } from 'preact'
import { asksCallers, type LinePolicy, type NextStep, type PurposePolicy } from '../../../core/policy.js'
import { fieldsAt } from '../../../lines/fields/fields.js'
import type { SpokenWords } from '../../../lines/spoken-words.js'
import { Play } from '../parts/play.js'
import { AnswerTag } from '../parts/tag.js'
import type { Words } from '../words/words.js'
import { Below, Value } from './editing.js'
import { Legend } from './legend.js'
import { minHeardText } from './min-heard.js'
import { Outsiders } from './outsiders.js'
import { Sentences } from './sentences.js'
import { Spoken } from './spoken.js'

interface ScriptProps {
  policy: LinePolicy
  prompts: ReadonlyMap<string, SpokenWords>
  words: Words
  /** The content below the questions, such as a button that adds one. */
  afterQuestions?: ComponentChildren
}

/** A line as a conversation: the prompts that the caller hears, the answers that count, and the next step. */
export const Script = (props: ScriptProps) => {
  const { policy, words } = props
  const { line } = words
  if (policy.mode === 'none') return <Unasked {...props} />
  const beats = [
    <Announcement key="announcement" {...props} />,
    ...(asksCallers(policy) ? [<Asked key="asked" {...props} />] : []),
    <Ways key="ways" policy={policy} words={words} />,
    <During key="during" {...props} />,
    <After key="after" policy={policy} words={words} />,
  ]
  const titles = asksCallers(policy) ? [line.announced, line.asked] : [line.announced]
  return (
    <section class="sheet script">
      <Legend words={words} />
      {beats.map((beat, i) => (
        <div class="beat" key={beat.key}>
          <span class="step" aria-hidden="true">
            {i + 1}
          </span>
          <div>
            <h2>
              {[...titles, line.next, line.during, line.after][i]}
              {i === 0 && <small>{line.toldWhen}</small>}
            </h2>
            {beat}
          </div>
        </div>
      ))}
    </section>
  )
}

/** A line that plays nothing to its callers, and records nothing. */
const Unasked = ({ policy, words }: ScriptProps) => (
  <section class="sheet script">
    <p class="sentence">
      {words.line.called} <Value field="name">{policy.name ?? words.edit.none('name')}</Value>
      <br />
      <Value field="mode">{words.edit.choices('mode')!['none']}</Value> {words.line.unasked}
    </p>
    <Below fields={['name', 'mode', 'language']} />
  </section>
)

const Announcement = ({ policy, prompts, words }: ScriptProps) => {
  const [before, value, after] = words.line.bargeIn[policy.bargeIn ? 'true' : 'false']
  return (
    <>
      <p class="sentence">
        {words.line.called} <Value field="name">{policy.name ?? words.edit.none('name')}</Value>
        <br />
        {words.line.speaks} <Value field="language">{words.edit.language(policy.language)}</Value>,{' '}
        {words.line.asks} <Value field="mode">{words.edit.choices('mode')![policy.mode]}</Value>
        <br />
        {words.line.names} <Value field="company">{policy.company ?? words.edit.none('company')}</Value>
      </p>
      <LanguageOffer policy={policy} prompts={prompts} words={words} />
      <Spoken field="disclosure" name={policy.disclosure} prompts={prompts} words={words} />
      {asksCallers(policy) && (
        <p class="sentence">
          {before} <Value field="bargeIn">{value}</Value>
          {after && ` ${after}`}
          {policy.bargeIn && (
            <>
              <br />
              {words.line.minHeard.before} <Value field="minHeardMs">{minHeardText(policy, words)}</Value>
              {words.line.minHeard.after}
            </>
          )}
        </p>
      )}
      <Below fields={['disclosure', 'bargeIn', 'minHeardMs', 'name', 'language', 'mode', 'company']} />
      <Sentences place="announced" policy={policy} words={words} />
    </>
  )
}

/** The choice of a language, before the disclosure. */
const LanguageOffer = ({ policy: { languages = [], language: own }, prompts, words }: ScriptProps) => {
  const found = prompts.get('choose-language')
  return (
    <>
      <p class="sentence">
        {words.line.languageChoice}{' '}
        <Value field="languages">
          {languages.length === 0
            ? words.edit.none('languages')
            : languages.map(({ language, key }) => `${key} – ${words.edit.language(language)}`).join(', ')}
        </Value>
      </p>
      {languages.map(({ language }) => (
        <div class="spoken" key={language}>
          <div class="said">
            {(language === own ? found : found?.others[language]) && (
              <Play {...{ name: 'choose-language', language, words }} />
            )}
            <p lang={language}>
              {(language === own ? found : found?.others[language])?.text ??
                words.line.missing('choose-language')}
            </p>
          </div>
        </div>
      ))}
      <Below fields={['languages']} whole="languages" />
    </>
  )
}

const Asked = ({ policy, prompts, words, afterQuestions }: ScriptProps) => {
  const { line } = words
  return (
    <>
      {policy.purposes.map(({ purpose, prompts: names }, i) => (
        <div key={purpose}>
          <Spoken
            field={`purposes.${i}.prompts.question`}
            name={names.question}
            prompts={prompts}
            words={words}
            aside={purpose && line.askedFor(words.purpose(purpose))}
          />
          <Below fields={[`purposes.${i}.prompts.question`]} />
        </div>
      ))}
      <p class="sentence">
        <Value field="keys.yes" keyCap>
          {policy.keys.yes}
        </Value>{' '}
        {line.keys.yes}{' '}
        <Value field="keys.no" keyCap>
          {policy.keys.no}
        </Value>{' '}
        {line.keys.no} <Value field="waitMs">{words.seconds0(policy.waitMs)}</Value>; {line.keys.repeat}{' '}
        <Value field="retries">{policy.retries === 0 ? line.keys.never : words.times(policy.retries)}</Value>
      </p>
      <Below fields={fieldsAt('asked')} />
      <Sentences place="asked" policy={policy} words={words} />
      {policy.mode === 'voice-or-key' && (
        <>
          <Sentences place="hearing" policy={policy} words={words} />
          <Below fields={[]} whole="voice" />
        </>
      )}
      {afterQuestions}
    </>
  )
}

/** An answer, with the field of its next step. After a yes the call always continues in the dialplan. */
type Way = ['granted' | 'refused' | 'silent' | 'failed' | 'notice', string | undefined, NextStep]

const Ways = ({ policy, words }: { policy: LinePolicy; words: Words }) => {
  const { line } = words
  const failed: Way = ['failed', 'onFailed', policy.onFailed]
  const ways: Way[] = asksCallers(policy)
    ? [
        ['granted', undefined, { do: 'continue' }],
        ['refused', 'onRefused', policy.onRefused],
        ['silent', 'onSilent', policy.onSilent],
        failed,
      ]
    : [['notice', undefined, { do: 'continue' }], failed]
  return (
    <>
      <ul class="ways">
        {ways.map(([answer, field, next]) => (
          <li key={answer}>
            <div class="way">
              <AnswerTag answer={answer} words={words} />
              <span>{line.ways[answer]}</span>
              <span class="soft">
                {field ? <Value field={field}>{line.steps[next.do]}</Value> : line.steps[next.do]}
              </span>
            </div>
            {field && <Below fields={[field]} />}
          </li>
        ))}
      </ul>
      <Sentences place="next" policy={policy} words={words} />
    </>
  )
}

const During = (props: ScriptProps) => (
  <>
    <Sentences {...props} place="withdrawal" />
    <Sentences {...props} place="pause" />
    <Below fields={[]} whole="keys" />
    <Outsiders {...props} />
    <Sentences {...props} place="during" />
  </>
)

const After = ({ policy, words }: { policy: LinePolicy; words: Words }) => (
  <>
    {policy.purposes.map((purpose, i) => (
      // Fields are named by the index of their purpose.
      <Kept key={purpose.purpose} purpose={purpose} place={`purposes.${i}`} words={words} />
    ))}
    <Below fields={[]} whole="purposes" />
    <Sentences place="after" policy={policy} words={words} />
  </>
)

const Kept = ({ purpose, place, words }: { purpose: PurposePolicy; place: string; words: Words }) => {
  const { line } = words
  const longer = purpose.longerBecause !== undefined || purpose.retentionDays > 30
  return (
    <>
      <p class="sentence">
        <Value field={`${place}.purpose`}>{purpose.purpose ? words.purpose(purpose.purpose) : '…'}</Value>{' '}
        {line.keep} <Value field={`${place}.retentionDays`}>{words.days(purpose.retentionDays)}</Value>
        <br />
        {line.because} <Value field={`${place}.legalBasis`}>{purpose.legalBasis || '…'}</Value>
        {longer && (
          <>
            <br />
            {line.longer} <Value field={`${place}.longerBecause`}>{purpose.longerBecause ?? '…'}</Value>
          </>
        )}
      </p>
      <p class="sentence">
        {line.confirmed} <Value field={`${place}.prompts.granted`}>{purpose.prompts.granted || '…'}</Value>
        {line.declined} <Value field={`${place}.prompts.refused`}>{purpose.prompts.refused || '…'}</Value>
      </p>
      <Below
        fields={[
          'purpose',
          'retentionDays',
          'legalBasis',
          'longerBecause',
          'prompts.granted',
          'prompts.refused',
        ].map(name => `${place}.${name}`)}
      />
    </>
  )
}
