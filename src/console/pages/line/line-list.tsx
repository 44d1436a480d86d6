import type { ComponentChildren } from 'preact'
import type { LinePolicy } from '../../../shared/policy.js'
import type { Words } from '../words/words.js'

/** All lines, by number. `children`: what stands below them, such as drafts of numbers that are no line yet. */
export const LineList = ({
  lines,
  words: { lines: words, ...rest },
  children,
}: {
  lines: LinePolicy[]
  words: Words
  children?: ComponentChildren
}) => (
  <>
    <div class="head">
      <div>
        <h1>{words.title}</h1>
        <p class="lead">{words.lead}</p>
      </div>
      <a class="button" href="/lines/groups">
        {rest.groups.open}
      </a>
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
              <Row key={line.number} line={line} words={{ lines: words, ...rest }} />
            ))}
          </tbody>
        </table>
      )}
    </section>
    {children}
  </>
)

const Row = ({ line, words: { lines: words } }: { line: LinePolicy; words: Words }) => (
  <tr>
    <td>
      <a href={`/lines/${encodeURIComponent(line.number)}`} class="number">
        <b>{line.number}</b>
      </a>
    </td>
    <td>
      {words.modes[line.mode]}, {words.languages[line.language]}
    </td>
    <td>
      {line.purposes.map(({ purpose, retentionDays }) => (
        <div key={purpose}>
          {purpose} <small class="soft">{words.kept(retentionDays)}</small>
        </div>
      ))}
    </td>
    <td class="end number" data-label={words.version}>
      {line.version}
    </td>
  </tr>
)
