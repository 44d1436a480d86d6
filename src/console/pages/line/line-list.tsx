import type { ComponentChildren } from 'preact'
import type { LinePolicy } from '../../../core/policy.js'
import type { DraftSummary } from '../../../lines/drafts/show-draft.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'
import { DraftState } from './begin.js'

/** All lines, by number. `children`: the content below, such as drafts of numbers that are not lines yet. */
export const LineList = ({
  lines,
  waiting,
  words: { lines: words, ...rest },
  view,
  children,
}: {
  lines: LinePolicy[]
  /** Drafts of all lines that need a next step. */
  waiting: readonly DraftSummary[]
  words: Words
  view: View
  children?: ComponentChildren
}) => (
  <>
    <div class="head">
      <div>
        <h1>{words.title}</h1>
        <p class="lead">{words.lead}</p>
      </div>
      <div class="row">
        <OpenNumber words={words} />
        <a class="button" href="/lines/groups">
          {rest.groups.open}
        </a>
      </div>
    </div>
    <section class="sheet">
      {lines.length === 0 ? (
        <p class="empty">{words.none}</p>
      ) : (
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{words.number}</th>
              <th scope="col">{words.asks}</th>
              <th scope="col">{words.purposes}</th>
              <th scope="col" class="end">
                {words.version}
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.map(line => (
              <Row
                key={line.number}
                {...{ line, view, words: { lines: words, ...rest } }}
                drafts={waiting.filter(draft => draft.line === line.number)}
              />
            ))}
          </tbody>
        </table>
      )}
    </section>
    {children}
  </>
)

/** The form that opens the page of any number. */
const OpenNumber = ({ words }: { words: Words['lines'] }) => (
  <form class="row" method="get" action="/lines">
    <label for="any-number">{words.anyNumber}</label>
    <input id="any-number" class="short" name="number" required maxLength={100} autocomplete="off" />
    <button class="button" type="submit">
      {words.look}
    </button>
  </form>
)

const Row = ({
  line,
  drafts,
  words,
  words: { lines, edit },
  view,
}: {
  line: LinePolicy
  drafts: DraftSummary[]
  words: Words
  view: View
}) => (
  <tr>
    <td>
      <a href={`/lines/${encodeURIComponent(line.number)}`} class="number">
        <b>{line.number}</b>
      </a>
      {line.name !== undefined && <div class="soft">{line.name}</div>}
    </td>
    <td>
      {lines.modes[line.mode]}, {lines.inLanguage(line.language)}
      {drafts.map(draft => (
        <div class="row tight" key={draft.id}>
          <a href={`/drafts/${draft.id}`}>{edit.oneDraft}</a>
          <DraftState {...{ draft, words, view }} />
        </div>
      ))}
    </td>
    <td>
      {line.mode === 'none' && '–'}
      {(line.mode === 'none' ? [] : line.purposes).map(({ purpose, retentionDays }) => (
        <div key={purpose}>
          {words.purpose(purpose)} <small class="soft">{lines.kept(retentionDays)}</small>
        </div>
      ))}
    </td>
    <td class="end number" data-label={lines.version}>
      {line.version}
    </td>
  </tr>
)
