import { english, type Message } from '../../../core/message.js'
import type { LinePolicy } from '../../../core/policy.js'
import type { DraftSummary } from '../../../lines/drafts/show-draft.js'
import type { LineDoubts } from '../../../lines/line-doubts.js'
import type { LineSources } from '../../../lines/line-sources.js'
import type { LineVersion } from '../../../lines/line-versions.js'
import type { SpokenWords } from '../../../lines/spoken-words.js'
import type { CallerMet } from '../../../lines/try-line.js'
import { Icon } from '../parts/icon.js'
import { Warnings } from '../parts/warnings.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'
import { ChangeLine, Drafts } from './begin.js'
import type { RefusedNumber } from './number-field.js'
import { Script } from './script.js'
import { SourcesProvider } from './sources.js'
import { Phone, WhatCallersMeet } from './try.js'
import { Versions } from './versions.js'

export interface LineContentProps {
  policy: LinePolicy
  prompts: ReadonlyMap<string, SpokenWords>
  versions: LineVersion[]
  /** Empty if the line's prompts contradict it. */
  callers: CallerMet[]
  sources: LineSources | undefined
  drafts: DraftSummary[]
  /** Undefined if its prompts agree with it. */
  doubts: LineDoubts | undefined
  words: Words
  view: View
  /** True if the visitor may put other versions into force. */
  mayChange: boolean
  /** True if a second person must approve a line, so that a version is restored by a draft. */
  approval: boolean
  /** Notes about the action just completed. */
  done: readonly Message[]
  /** A number that was refused for a copy. */
  refused?: RefusedNumber | undefined
}

/** A line: its conversation, a telephone to try it, what each caller meets, and its versions. */
export const LineContent = ({
  policy,
  prompts,
  versions,
  callers,
  sources,
  drafts,
  doubts,
  words,
  view,
  mayChange,
  approval,
  done,
  refused,
}: LineContentProps) => (
  <>
    <Head {...{ policy, versions, words, mayChange }} />
    <Warnings warnings={done} words={words} />
    {doubts && <Doubts doubts={doubts} words={words} />}
    <div class="line">
      <div class="stack">
        <SourcesProvider value={sources && { ...sources, policy }}>
          <Script policy={policy} prompts={prompts} words={words} />
        </SourcesProvider>
        {mayChange && <Drafts number={policy.number} {...{ drafts, words, view, refused }} />}
        <Versions
          {...{ policy, versions, words, view }}
          group={sources?.group}
          mayChange={mayChange}
          approval={approval}
        />
      </div>
      <aside class="stack">
        {doubts && doubts.faults.length > 0 && <p class="note">{words.line.untried}</p>}
        {callers.length > 0 && <Phone policy={policy} prompts={prompts} words={words} />}
        {callers.length > 0 && <WhatCallersMeet callers={callers} words={words} />}
      </aside>
    </div>
  </>
)

/** The title of the line, and what can be done with it. */
const Head = ({
  policy,
  versions,
  words,
  mayChange,
}: Pick<LineContentProps, 'policy' | 'versions' | 'words' | 'mayChange'>) => (
  <div class="head">
    <div>
      <p class="crumb">
        <a href="/lines">{words.lines.title}</a> / {policy.number}
      </p>
      <h1>{words.line.title(policy.number, policy.name)}</h1>
      <p class="lead">
        {words.line.how(words.lines.modes[policy.mode], words.lines.inLanguage(policy.language))}{' '}
        {words.line.state(policy.version)}
      </p>
    </div>
    <div class="row">
      <a class="button" href={`/lines/${encodeURIComponent(policy.number)}/prompts`}>
        <Icon name="prompts" />
        {words.linePrompts.open}
      </a>
      <a class="button" href="#versions">
        <Icon name="clock" />
        {words.line.versions(versions.length)}
      </a>
      {mayChange && <ChangeLine number={policy.number} words={words} />}
    </div>
  </div>
)

/** Prompts that contradict the line, or may disclose nothing. */
const Doubts = ({
  doubts: { faults, vague },
  words: { edit, problem },
}: {
  doubts: LineDoubts
  words: Words
}) => (
  <ul class="attention">
    {faults.map(({ path, text }) => (
      <li class="note wrong" key={`${path} ${english(text)}`}>
        <Icon name="warn" />
        <div>
          <b>{edit.fields(path)}</b>
          <p>{edit.fault(text)}</p>
        </div>
      </li>
    ))}
    {vague.map(text => (
      <li class="note warn" key={english(text)}>
        <Icon name="warn" />
        <span>{problem.inWords(text)}</span>
      </li>
    ))}
  </ul>
)
