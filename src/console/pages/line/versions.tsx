import type { LinePolicy } from '../../../core/policy.js'
import { describeDifferences, type LineVersion } from '../../../lines/line-versions.js'
import { Confirmed } from '../parts/confirmed.js'
import { Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

interface VersionsProps {
  policy: LinePolicy
  versions: LineVersion[]
  /** The group from which the line inherits. */
  group: string | undefined
  words: Words
  view: View
  mayChange: boolean
  /** True if a second person must approve a line. */
  approval: boolean
}

/** The versions of a line, the newest first, each with its changes. */
export const Versions = ({ policy, versions, group, words, view, mayChange, approval }: VersionsProps) => (
  <section class="sheet" id="versions">
    <h2>{words.line.history}</h2>
    <ol class="versions">
      {versions.map(one => (
        <li key={one.version}>
          <div class="row">
            <b class="number">{one.version}</b>
            <Moment at={one.at} view={view} />
            <span class="soft">{one.by ?? words.line.unknownBy}</span>
            {one.approvedBy && <span class="soft">{words.edit.approvedBy(one.approvedBy)}</span>}
            {one.inForce && <span class="tag granted">{words.line.inForce}</span>}
          </div>
          <Changes changes={one.changes} view={view} />
          {mayChange && isRestorable(one, group) && (
            <Restore {...{ policy, group, words, view, approval }} version={one} />
          )}
        </li>
      ))}
    </ol>
  </section>
)

/** True if restoring a version changes something. A restored line of a group inherits nothing. */
const isRestorable = ({ inForce, restoring }: LineVersion, group: string | undefined): boolean =>
  !inForce && (restoring.length > 0 || group !== undefined)

const Changes = ({ changes, view }: { changes: LineVersion['changes']; view: View }) => (
  <ul class="soft">
    {describeDifferences(changes, view.language).map(sentence => (
      <li key={sentence}>{sentence}</li>
    ))}
  </ul>
)

/** Puts a version into force again, after showing the changes. If a second person must approve, it begins a draft. */
const Restore = ({
  version: { version, restoring },
  policy,
  group,
  words,
  words: { line },
  view,
  approval,
}: Omit<VersionsProps, 'versions' | 'mayChange'> & { version: LineVersion }) => (
  <Confirmed
    {...{ label: line.restore, look: 'bare', words }}
    deed={approval ? line.restoreDraft(version) : line.restoreDo(version)}
    action={`/lines/${encodeURIComponent(policy.number)}/${approval ? 'drafts' : 'restore'}`}
    fields={{ version }}
  >
    <p>{approval ? line.restoreByDraft(version) : line.restoreAsks(version)}</p>
    {restoring.length === 0 ? <p>{line.restoreSame}</p> : <Changes changes={restoring} view={view} />}
    {group && <p>{line.restoreAlone(group)}</p>}
    {!approval && <p>{line.restoreUndo(policy.version)}</p>}
  </Confirmed>
)
