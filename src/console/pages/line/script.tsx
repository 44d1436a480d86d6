import type { ComponentChildren } from 'preact'
import type { SpokenWords } from '../../../operations/lines/spoken-words.js'
import type { LinePolicy, NextStep } from '../../../shared/policy.js'
import { AnswerTag } from '../parts/tag.js'
import type { Words } from '../words/words.js'

type Prompts = ReadonlyMap<string, SpokenWords>

/** A line as a conversation: what the caller hears, what counts as which answer, and what follows. */
export const Script = ({
  policy,
  prompts,
  words,
}: {
  policy: LinePolicy
  prompts: Prompts
  words: Words
}) => {
  const { line } = words
  const asks = policy.mode === 'key'
  return (
    <section class="sheet script">
      <Beat step="1" title={line.told} aside={line.toldWhen}>
        <Spoken name={policy.disclosure} prompts={prompts} words={words} />
        {asks && <BargeIn policy={policy} words={words} />}
      </Beat>
      {asks && (
        <Beat step="2" title={line.asked}>
          {policy.purposes.map(({ purpose, prompts: names }) => (
            <div key={purpose}>
              <Spoken name={names.question} prompts={prompts} words={words} aside={line.askedFor(purpose)} />
            </div>
          ))}
          <p class="sentence">
            <Value keyCap>{policy.keys.yes}</Value> {line.keys.yes} <Value keyCap>{policy.keys.no}</Value>{' '}
            {line.keys.no} <Value>{words.seconds0(policy.waitMs)}</Value> {line.keys.repeat}{' '}
            <Value>{policy.retries === 0 ? line.keys.never : words.times(policy.retries)}</Value>
          </p>
        </Beat>
      )}
      <Beat step={asks ? '3' : '2'} title={line.next}>
        <Ways policy={policy} words={words} />
      </Beat>
      <Beat step={asks ? '4' : '3'} title={line.during}>
        <During policy={policy} words={words} />
      </Beat>
      <Beat step={asks ? '5' : '4'} title={line.after}>
        {policy.purposes.map(purpose => (
          <p class="sentence" key={purpose.purpose}>
            {line.keep(purpose.purpose)} <Value>{words.days(purpose.retentionDays)}</Value>
            <br />
            {line.because} <Value>{purpose.legalBasis}</Value>
            {purpose.longerBecause && (
              <>
                <br />
                {line.longer} <Value>{purpose.longerBecause}</Value>
              </>
            )}
          </p>
        ))}
      </Beat>
    </section>
  )
}

const Beat = ({
  step,
  title,
  aside,
  children,
}: {
  step: string
  title: string
  aside?: string
  children: ComponentChildren
}) => (
  <div class="beat">
    <span class="step" aria-hidden="true">
      {step}
    </span>
    <div>
      <h2>
        {title}
        {aside && <small>{aside}</small>}
      </h2>
      {children}
    </div>
  </div>
)

const Value = ({ keyCap, children }: { keyCap?: boolean; children: ComponentChildren }) => (
  <span class={keyCap ? 'value key' : 'value'}>{children}</span>
)

const Spoken = ({
  name,
  prompts,
  words: { line },
  aside,
}: {
  name: string
  prompts: Prompts
  words: Words
  aside?: string
}) => {
  const found = prompts.get(name)
  return (
    <div class="spoken">
      <p>{found?.text ?? line.missing(name)}</p>
      <small class="faint">
        {found && line.length(name, found.lengthMs)}
        {aside && ` · ${aside}`}
      </small>
    </div>
  )
}

const BargeIn = ({ policy, words }: { policy: LinePolicy; words: Words }) => {
  const [before, value, after] = words.line.bargeIn[policy.bargeIn ? 'true' : 'false']
  return (
    <p class="sentence">
      {before} <Value>{value}</Value> {after}
    </p>
  )
}

const Ways = ({ policy, words }: { policy: LinePolicy; words: Words }) => {
  const { line } = words
  const ways: ['granted' | 'refused' | 'silent' | 'failed' | 'notice', NextStep][] =
    policy.mode === 'key'
      ? [
          ['granted', { do: 'continue' }],
          ['refused', policy.onRefused],
          ['silent', policy.onSilent],
          ['failed', policy.onFailed],
        ]
      : [
          ['notice', { do: 'continue' }],
          ['failed', policy.onFailed],
        ]
  return (
    <ul class="ways">
      {ways.map(([answer, next]) => (
        <li class="way" key={answer}>
          <AnswerTag answer={answer} words={words} />
          <span>{line.ways[answer]}</span>
          <span class="soft">{line.steps[next.do]}</span>
        </li>
      ))}
    </ul>
  )
}

const During = ({ policy, words: { line, ...words } }: { policy: LinePolicy; words: Words }) => {
  const destroys = policy.onWithdraw === 'destroy'
  return (
    <>
      <p class="sentence">
        <Caps keys={policy.keys.withdraw} /> {destroys ? line.withdraw.destroy : line.withdraw.keep}{' '}
        <Value>{destroys ? line.withdraw.destroyed : line.withdraw.kept}</Value>
      </p>
      <p class="sentence">
        <Caps keys={policy.keys.pause} /> {line.pause} <Value>{words.seconds0(policy.pauseMaxMs)}</Value>
      </p>
    </>
  )
}

const Caps = ({ keys }: { keys: string }) => (
  <>
    {[...keys].map((one, i) => (
      <span class="value key" key={i}>
        {one}
      </span>
    ))}
  </>
)
