import { english, type Message } from '../../../core/message.js'
import type { GroupPreview, GroupView } from '../../../lines/groups.js'
import type { LineNames } from '../../../lines/line-names.js'
import { describeDifferences } from '../../../lines/line-versions.js'
import type { GroupProposal, RefusedProposal } from '../../../lines/propose-group.js'
import { Confirmed } from '../parts/confirmed.js'
import { DecisionForm } from '../parts/decision-form.js'
import { Wrong } from '../parts/fields.js'
import { Icon } from '../parts/icon.js'
import { LineLink } from '../parts/line-link.js'
import { Moment } from '../parts/moment.js'
import { Warnings } from '../parts/warnings.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'
import { ChangedValues, GroupChanges } from './changed-values.js'
import { GroupForm } from './group-form.js'

/** The effect of a proposed change, or why it cannot be made: it has a fault, or the group has changed since. */
export type ProposedChange = { preview: GroupPreview } | { fault: Message } | { outdated: true }

export interface GroupContentProps {
  group: GroupView
  lineNames: LineNames
  /** Names of all prompts. */
  prompts: readonly string[]
  words: Words
  view: View
  mayChange: boolean
  /** True if a second person must approve a change. */
  approval: boolean
  /** The open proposal, with its effect. */
  proposal?: GroupProposal | undefined
  proposed?: ProposedChange | undefined
  /** The change that was rejected last. */
  refused?: RefusedProposal | undefined
  /** The name of the visitor. */
  visitor: string
  /** The typed input. */
  input?: object
  /** The effect of the input. */
  preview?: GroupPreview
  /** The fault of the input. */
  fault?: Message
  /** Why a step was refused. */
  refusal?: Message
  /** The refused comment of a decision. */
  comment?: string | undefined
  /** Notes about the action just completed. */
  done: readonly Message[]
}

/** A group: its lines, the shared fields, and the effect of a change. */
export const GroupContent = (props: GroupContentProps) => {
  const { group, lineNames, words, preview, fault, refusal, proposal, proposed, refused, done } = props
  const { groups } = words
  return (
    <>
      <div class="head">
        <div>
          <p class="crumb">
            <a href="/lines">{words.lines.title}</a> / <a href="/lines/groups">{groups.title}</a> /{' '}
            {group.name}
          </p>
          <h1>{groups.group(group.name)}</h1>
          <p class="lead">{group.version === 0 ? groups.fresh : groups.version(group.version)}</p>
        </div>
      </div>
      <div class="stack">
        <Warnings warnings={done} words={words} />
        {refusal && <Wrong why={words.problem.inWords(refusal)} />}
        {fault && (
          <p class="note wrong" role="alert">
            <Icon name="warn" />
            <span class="written">{words.problem.inWords(fault)}</span>
          </p>
        )}
        {proposal && proposed && <Proposal {...props} proposal={proposal} proposed={proposed} />}
        {refused && !preview && <Refused {...props} refused={refused} />}
        {preview && <Preview {...props} preview={preview} />}
        <section class="sheet">
          <h2>{groups.lines}</h2>
          {group.lines.length === 0 ? (
            <p class="soft">{groups.noLines}</p>
          ) : (
            <p class="row">
              {group.lines.map(number => (
                <LineLink key={number} number={number} name={lineNames.get(number)} />
              ))}
            </p>
          )}
        </section>
        <GroupForm {...props} />
        {group.versions.length > 0 && <GroupVersions {...props} />}
      </div>
    </>
  )
}

/** The lines that a change affects, and the button that makes or proposes it. */
const Preview = (props: GroupContentProps & { preview: GroupPreview }) => {
  const { group, preview, words, approval } = props
  const { groups } = words
  return (
    <section class="sheet stack" role="status">
      <h2>{groups.previewTitle}</h2>
      <Changes {...props} />
      <form method="post" action={`/lines/groups/${encodeURIComponent(group.name)}`} class="stack">
        <input type="hidden" name="seen" value={preview.version} />
        <input type="hidden" name="input" value={JSON.stringify(preview.fields)} />
        {(approval || preview.lines.length > 0) && (
          <small class="faint">{approval ? groups.approvalHint : groups.publishHint}</small>
        )}
        <div>
          <button class="button main" type="submit">
            {approval ? groups.propose : preview.lines.length > 0 ? groups.publish : groups.publishAlone}
          </button>
        </div>
      </form>
    </section>
  )
}

/** A change that awaits approval. */
const Proposal = (props: GroupContentProps & { proposal: GroupProposal; proposed: ProposedChange }) => {
  const { group, proposal, proposed, words, view, visitor, mayChange, comment } = props
  const { groups } = words
  const address = `/lines/groups/${encodeURIComponent(group.name)}`
  return (
    <section class="sheet stack">
      <h2>{'outdated' in proposed ? groups.outdatedTitle : groups.waits}</h2>
      {'outdated' in proposed && (
        <p class="note warn">
          <Icon name="warn" />
          <span>{groups.outdated(proposal.base)}</span>
        </p>
      )}
      <p class="row soft">
        {groups.proposedBy(proposal.by)} <Moment at={proposal.at} view={view} />
      </p>
      {'preview' in proposed && <Changes {...props} preview={proposed.preview} />}
      {'outdated' in proposed && <ChangedValues changes={proposal.changes} words={words} />}
      {'fault' in proposed && (
        <p class="note wrong">
          <Icon name="warn" />
          <span class="written">{words.problem.inWords(proposed.fault)}</span>
        </p>
      )}
      {mayChange && proposal.by !== visitor && (
        <DecisionForm
          {...{ address, words, comment }}
          fields={{ proposal: proposal.id }}
          approve={'preview' in proposed ? groups.approve : undefined}
        />
      )}
      {mayChange && proposal.by === visitor && 'preview' in proposed && (
        <small class="soft">{groups.approvalHint}</small>
      )}
      {mayChange && (
        <div class="row">
          <Confirmed
            {...{ label: groups.withdraw, deed: groups.withdrawDo, words }}
            action={`${address}/withdraw`}
            fields={{ proposal: proposal.id }}
          >
            <p>{groups.withdrawAsks}</p>
          </Confirmed>
        </div>
      )}
    </section>
  )
}

/** A change that a second person has rejected, and why. It can be edited again. */
const Refused = ({
  group,
  refused: { by, changes, refused },
  words,
  words: { groups },
  view,
  mayChange,
}: GroupContentProps & { refused: RefusedProposal }) => (
  <section class="sheet stack">
    <h2>{groups.refusedTitle}</h2>
    <p class="row soft">
      {groups.refusedBy(refused.by, by)} <Moment at={refused.at} view={view} />
    </p>
    <p class="written">{refused.comment}</p>
    <ChangedValues changes={changes} words={words} />
    {mayChange && (
      <div>
        <a class="button" href={`/lines/groups/${encodeURIComponent(group.name)}?again=yes`}>
          {groups.again}
        </a>
      </div>
    )}
  </section>
)

/** The affected values and lines, each with its changes. */
const Changes = ({
  preview: { changes, lines, warnings },
  words,
  words: { groups, line, problem },
  view,
  lineNames,
}: Pick<GroupContentProps, 'words' | 'view' | 'lineNames'> & { preview: GroupPreview }) => (
  <>
    {warnings.map(warning => (
      <p class="note warn" key={english(warning)}>
        <Icon name="warn" />
        <span>{problem.inWords(warning)}</span>
      </p>
    ))}
    <ChangedValues changes={changes} words={words} />
    {lines.length === 0 && <p class="soft">{groups.unchanged}</p>}
    {lines.map(({ number, changes }) => (
      <div key={number}>
        <b class="number">{line.title(number, lineNames.get(number))}</b>
        <ul class="bullets">
          {describeDifferences(changes, view.language).map(sentence => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </div>
    ))}
  </>
)

const GroupVersions = ({ group: { versions }, words, view }: GroupContentProps) => (
  <section class="sheet">
    <h2>{words.groups.history}</h2>
    <ol class="versions">
      {versions.map(({ version, at, by, proposedBy, comment, inForce, changes }) => (
        <li key={version}>
          <div class="row">
            <b class="number">{version}</b>
            <Moment at={at} view={view} />
            <span class="soft">{proposedBy ? words.edit.approvedBy(by) : by}</span>
            {proposedBy && <span class="soft">{words.groups.proposedBy(proposedBy)}</span>}
            {inForce && <span class="tag granted">{words.line.inForce}</span>}
          </div>
          {comment && <p class="written">{comment}</p>}
          <GroupChanges changes={changes} words={words} />
        </li>
      ))}
    </ol>
  </section>
)
