import type { Message } from '../../../core/message.js'
import type { GroupSummary } from '../../../lines/groups.js'
import type { LineNames } from '../../../lines/line-names.js'
import type { GroupProposal } from '../../../lines/propose-group.js'
import { TextField, Wrong } from '../parts/fields.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'
import { WaitingProposals } from './waiting-proposals.js'

/** The groups of lines, each with its shared fields and lines, and a form that begins one. */
export const GroupList = ({
  groups,
  names,
  proposals,
  words,
  view,
  mayChange,
  typed,
}: {
  groups: GroupSummary[]
  /** The names of lines. */
  names: LineNames
  proposals: readonly GroupProposal[]
  words: Words
  view: View
  mayChange: boolean
  /** An invalid name of a group, and the fault. */
  typed?: { name: string; wrong: Message } | undefined
}) => (
  <>
    <div class="head">
      <div>
        <p class="crumb">
          <a href="/lines">{words.lines.title}</a> / {words.groups.title}
        </p>
        <h1>{words.groups.title}</h1>
        <p class="lead">{words.groups.lead}</p>
      </div>
    </div>
    <div class="stack">
      {proposals.length > 0 && <WaitingProposals {...{ proposals, words, view }} />}
      <section class="sheet">
        {groups.length === 0 ? (
          <p class="empty">{words.groups.none}</p>
        ) : (
          <GroupTable {...{ groups, names, words }} />
        )}
      </section>
      {mayChange && <NewGroup {...{ words, typed }} />}
    </div>
  </>
)

/** The form that begins a group. */
const NewGroup = ({
  words,
  typed,
}: {
  words: Words
  typed: { name: string; wrong: Message } | undefined
}) => (
  <section class="sheet narrow">
    <h2>{words.groups.begin}</h2>
    <form method="post" action="/lines/groups" class="stack">
      <Wrong why={typed && words.problem.inWords(typed.wrong)} />
      <TextField
        id="name"
        label={words.groups.name}
        hint={words.groups.nameHint}
        input={{
          ...{ value: typed?.name, required: true, maxLength: 40 },
          ...({ autocomplete: 'off', autocapitalize: 'none' } as const),
        }}
      />
      <div>
        <button class="button main" type="submit">
          {words.groups.begin}
        </button>
      </div>
    </form>
  </section>
)

/** The groups, each with its shared fields and lines. */
const GroupTable = ({
  groups,
  names,
  words,
}: {
  groups: readonly GroupSummary[]
  names: LineNames
  words: Words
}) => (
  <table class="table">
    <thead>
      <tr>
        <th scope="col">{words.groups.member}</th>
        <th scope="col">{words.groups.shared}</th>
        <th scope="col">{words.groups.lines}</th>
        <th scope="col" class="end">
          {words.lines.version}
        </th>
      </tr>
    </thead>
    <tbody>
      {groups.map(({ name, version, fields, lines }) => (
        <tr key={name}>
          <td>
            <a href={`/lines/groups/${encodeURIComponent(name)}`}>
              <b>{name}</b>
            </a>
          </td>
          <td class="soft" data-label={words.groups.shared}>
            {Object.keys(fields).map(words.groups.field).join(', ')}
          </td>
          <td data-label={words.groups.lines}>
            {lines.length === 0
              ? '–'
              : lines.map(number => words.line.named(number, names.get(number))).join(', ')}
          </td>
          <td class="end number" data-label={words.lines.version}>
            {version}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
)
