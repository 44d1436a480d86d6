import { english, type Message } from '../../../core/message.js'
import type { LinePolicy } from '../../../core/policy.js'
import type { DraftView } from '../../../lines/drafts/show-draft.js'
import type { LineSources } from '../../../lines/line-sources.js'
import { describeDifferences } from '../../../lines/line-versions.js'
import type { ReplayReport } from '../../../lines/replay-line.js'
import type { SpokenWords } from '../../../lines/spoken-words.js'
import type { CallerMet } from '../../../lines/try-line.js'
import { Breakable } from '../parts/breakable.js'
import { SelectField } from '../parts/fields.js'
import { Icon } from '../parts/icon.js'
import { moves } from '../parts/moves.js'
import { type Phones, phoneOptions, rungPhone } from '../parts/phones.js'
import { WithLinks } from '../parts/warnings.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'
import { Approval } from './approval.js'
import { type Editing, EditingProvider, type RefusedValue } from './editing.js'
import { ExampleNames } from './example-names.js'
import { PublishBar } from './publish-bar.js'
import { Script } from './script.js'
import { Membership, SourcesProvider } from './sources.js'
import { Phone, WhatCallersMeet } from './try.js'

export interface DraftContentProps {
  draft: DraftView
  policy: LinePolicy
  prompts: ReadonlyMap<string, SpokenWords>
  /** Empty while the draft has faults. */
  callers: CallerMet[]
  sources: LineSources
  /** Names of all groups of lines. */
  groups: readonly string[]
  /** The field whose form is open. */
  open: string | undefined
  replay: ReplayReport | undefined
  /** Phones that may be rung, and the one that was just rung. */
  phones: Phones
  words: Words
  view: View
  nonce: string
  visitor: { name: string; mayChange: boolean; approvalRequired: boolean }
  /** A refused time of publication, as typed, and why. */
  time?: RefusedTime | undefined
  /** The refused input of the open field. */
  value?: RefusedValue | undefined
  /** Why a step was refused. */
  refusal?: Message | undefined
  /** The refused comment of a step. */
  comment?: string | undefined
}

/** A refused time of publication. */
export interface RefusedTime {
  /** As the field sends it. */
  typed: string
  wrong: Message
}

/** A draft: the conversation, in which each value is a button, the telephone, and its effect. */
export const DraftContent = (props: DraftContentProps) => {
  const { draft, policy, prompts, callers, words, nonce, visitor } = props
  const { edit } = words
  // A refused time stands in its field, unless the draft cannot be published now.
  const refusal = props.refusal ?? (isPublishable(draft) ? undefined : props.time?.wrong)
  const ended = draft.state === 'published' || draft.state === 'discarded'
  const editing: Editing | undefined =
    visitor.mayChange && !ended && draft.state !== 'scheduled'
      ? {
          ...{ draft: draft.id, revision: draft.revision, policy, open: props.open, faults: draft.faults },
          refused: props.value,
          input: draft.input,
          changed: new Set(draft.changedFields),
          ...{ prompts: [...prompts.keys()], words, nonce },
        }
      : undefined
  return (
    <EditingProvider value={editing}>
      <div id="editor">
        <Head {...props} />
        {refusal && <Refused {...props} refusal={refusal} editing={editing} />}
        {draft.outdated && !ended && <Outdated {...props} />}
        {!ended && <ExampleNames draft={draft} words={words} />}
        {!ended && <Approval {...props} />}
        <DraftNotes {...props} />
        <div class={ended ? 'line ended' : 'line'}>
          <SourcesProvider value={{ ...props.sources, policy }}>
            <Script
              {...{ policy, prompts, words }}
              afterQuestions={editing && <Purposes editing={editing} words={words} />}
            />
          </SourcesProvider>
          <aside class="stack">
            {draft.faults.length > 0 && !ended && <p class="note">{edit.untried}</p>}
            {draft.faults.length === 0 && policy.mode !== 'none' && (
              <Phone policy={policy} prompts={prompts} words={words} />
            )}
            {callers.length > 0 && <WhatCallersMeet callers={callers} words={words} />}
            {editing && draft.faults.length === 0 && <Ring {...props} />}
            {editing && <Membership {...props} />}
            <Replay {...props} />
          </aside>
        </div>
        <PublishBar {...props} ended={ended} />
      </div>
    </EditingProvider>
  )
}

/** The warnings of the draft, and why it was not published at its time. */
const DraftNotes = ({ draft, words, words: { edit } }: DraftContentProps) => (
  <>
    {' '}
    {draft.warnings.map(warning => (
      <p class="note warn" key={english(warning)}>
        <Icon name="warn" />
        <span>
          <WithLinks words={words.problem.inWords(warning)} />
        </span>
      </p>
    ))}
    {draft.failure && (
      <p class="note wrong">
        <Icon name="warn" />
        <span>{edit.failed(words.problem.inWords(draft.failure.reason))}</span>
      </p>
    )}
  </>
)

/** The title of the draft, and its state. */
const Head = ({ draft, policy, words, words: { edit } }: DraftContentProps) => (
  <div class="head">
    <div>
      <p class="crumb">
        <a href="/lines">{words.lines.title}</a> /{' '}
        <a href={`/lines/${encodeURIComponent(draft.line)}`}>{draft.line}</a>
      </p>
      <h1>{words.line.title(draft.line, policy.name)}</h1>
      <p class="lead">
        {edit.draft(draft.revision)}, {edit.state(draft.state)}. {edit.basedOn(draft.base)}
      </p>
    </div>
  </div>
)

/** True if the draft's values allow a publication. */
export const isPublishable = ({ faults, examples, changesNothing }: DraftView): boolean =>
  faults.length === 0 && examples.length === 0 && !changesNothing

/**
 * Why a step was refused. The reason is at the field if its form is open. The typed value is shown here if no field can
 * show it any more.
 */
const Refused = ({
  refusal,
  value,
  editing,
  words: { edit, problem },
}: DraftContentProps & { refusal: Message; editing: Editing | undefined }) =>
  value && editing ? null : (
    <div class="note wrong" role="alert">
      <Icon name="warn" />
      <div class="stack tight">
        <p class="written">{problem.inWords(refusal)}</p>
        {value?.typed['value'] && (
          <p>
            {edit.typedWas} <b>{value.typed['value']}</b>
          </p>
        )}
      </div>
    </div>
  )

const Outdated = ({ draft, words: { edit }, view, visitor }: DraftContentProps) => (
  <div class="note warn">
    <Icon name="warn" />
    <div class="stack">
      <p>{edit.outdated}</p>
      <ul>
        {describeDifferences(draft.changedMeanwhile, view.language).map(sentence => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {visitor.mayChange && (
        <form method="post" action={`/drafts/${draft.id}/rebase`}>
          <input type="hidden" name="revision" value={draft.revision} />
          <button class="button" type="submit">
            {edit.rebase}
          </button>
        </form>
      )}
    </div>
  </div>
)

/** Buttons that add a purpose and remove one. */
const Purposes = ({
  editing: { draft, revision, policy, nonce },
  words,
  words: { edit },
}: {
  editing: Editing
  words: Words
}) => {
  const address = `/drafts/${draft}/purposes`
  return (
    <form class="row" method="post" action={address} {...moves(nonce, { post: address })}>
      <input type="hidden" name="revision" value={revision} />
      <button class="button bare" type="submit" name="change" value="add">
        {edit.addPurpose}
      </button>
      {policy.purposes.length > 1 &&
        policy.purposes.map(({ purpose }, i) => (
          <button class="button bare stop" type="submit" name="change" value={String(i)} key={purpose}>
            {edit.removePurpose(words.purpose(purpose))}
          </button>
        ))}
    </form>
  )
}

const Replay = ({ draft, replay, words: { edit }, nonce }: DraftContentProps) => {
  if (draft.faults.length > 0) return null
  const address = `/drafts/${draft.id}?replay=yes`
  return (
    <section class="sheet no-print">
      {replay ? (
        <p>{edit.replay(replay.replayed, replay.otherwise)}</p>
      ) : (
        <a class="button" href={address} {...moves(nonce, { get: address })}>
          {edit.replayDo}
        </a>
      )}
    </section>
  )
}

/** Rings one of the phones that the installation allows. */
const Ring = ({ draft, phones, words: { edit } }: DraftContentProps) => (
  <section class="sheet no-print">
    <h2>{edit.ring}</h2>
    {rungPhone(phones) && (
      <p class="note done" role="status">
        {edit.rings(rungPhone(phones)!)}
      </p>
    )}
    {phones.phones.length === 0 ? (
      <p class="soft">
        <Breakable text={edit.noPhone} />
      </p>
    ) : (
      <form method="post" action={`/drafts/${draft.id}/ring`} class="stack">
        <input type="hidden" name="revision" value={draft.revision} />
        <SelectField id="endpoint" label={edit.phone} options={phoneOptions(phones)} />
        <small class="faint">{edit.ringHint}</small>
        <button class="button" type="submit">
          {edit.ringDo}
        </button>
      </form>
    )}
  </section>
)
