import type { GroupPreview, GroupView } from '../../../operations/lines/groups.js'
import { describeDifferences } from '../../../operations/lines/line-versions.js'
import { Icon } from '../parts/icon.js'
import { Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'
import { GroupForm } from './group-form.js'

export interface GroupContentProps {
  group: GroupView
  /** Names of all prompts. */
  prompts: readonly string[]
  words: Words
  view: View
  mayChange: boolean
  /** Whether only the command may change a group. */
  approval: boolean
  /** What was typed. */
  input?: object
  /** What that would do. */
  preview?: GroupPreview
  /** Why it cannot be. */
  fault?: string
}

/** A group: its lines, what they share, and what a change would do. */
export const GroupContent = (props: GroupContentProps) => {
  const { group, words, preview, fault, mayChange, approval } = props
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
        {fault && (
          <p class="note wrong" role="alert">
            <Icon name="warn" />
            <span class="written">{fault}</span>
          </p>
        )}
        {preview && <Preview {...props} preview={preview} />}
        <section class="sheet">
          <h2>{groups.lines}</h2>
          {group.lines.length === 0 ? (
            <p class="soft">{groups.noLines}</p>
          ) : (
            <p class="row">
              {group.lines.map(number => (
                <a key={number} class="number" href={`/lines/${encodeURIComponent(number)}`}>
                  {number}
                </a>
              ))}
            </p>
          )}
        </section>
        {mayChange && approval && (
          <p class="note">
            <Icon name="info" />
            <span>
              {groups.approval} <code>consentry line group set {group.name} --file FILE</code>
            </span>
          </p>
        )}
        <GroupForm {...props} />
        {group.versions.length > 0 && <GroupVersions {...props} />}
      </div>
    </>
  )
}

/** Which lines a change would change, in words, and the button that does it. */
const Preview = ({
  group,
  preview: { lines, warnings, fields, version },
  words: { groups, line },
  view,
  approval,
}: GroupContentProps & { preview: GroupPreview }) => (
  <section class="sheet stack" role="status">
    <h2>{groups.previewTitle}</h2>
    {warnings.map(warning => (
      <p class="note warn" key={warning}>
        <Icon name="warn" />
        <span>{warning}</span>
      </p>
    ))}
    {lines.length === 0 && <p class="soft">{groups.unchanged}</p>}
    {lines.map(({ number, changes }) => (
      <div key={number}>
        <b class="number">{line.title(number)}</b>
        <ul class="bullets">
          {describeDifferences(changes, view.language).map(sentence => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      </div>
    ))}
    {!approval && (
      <form method="post" action={`/lines/groups/${encodeURIComponent(group.name)}`} class="stack">
        <input type="hidden" name="seen" value={version} />
        <input type="hidden" name="input" value={JSON.stringify(fields)} />
        <small class="faint">{groups.publishHint}</small>
        <div>
          <button class="button main" type="submit">
            {groups.publish}
          </button>
        </div>
      </form>
    )}
  </section>
)

const GroupVersions = ({ group: { versions }, words, view }: GroupContentProps) => (
  <section class="sheet">
    <h2>{words.groups.history}</h2>
    <ol class="versions">
      {versions.map(({ version, at, by, inForce, fields }) => (
        <li key={version}>
          <div class="row">
            <b class="number">{version}</b>
            <Moment at={at} view={view} />
            <span class="soft">{by}</span>
            {inForce && <span class="tag granted">{words.line.inForce}</span>}
          </div>
          <p class="soft">{Object.keys(fields).map(words.groups.field).join(', ')}</p>
        </li>
      ))}
    </ol>
  </section>
)
