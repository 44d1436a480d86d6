import { describeDifferences, type LineVersion } from '../../../operations/lines/line-versions.js'
import type { LinePolicy } from '../../../shared/policy.js'
import { Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

/** The versions of a line, the newest first, with what each changed. */
export const Versions = ({
  policy,
  versions,
  words,
  view,
  mayChange,
}: {
  policy: LinePolicy
  versions: LineVersion[]
  words: Words
  view: View
  mayChange: boolean
}) => (
  <section class="sheet" id="versions">
    <h2>{words.line.history}</h2>
    <ol class="versions">
      {versions.map(one => (
        <li key={one.version}>
          <div class="row">
            <b class="number">{one.version}</b>
            <Moment at={one.at} view={view} />
            <span class="soft">{one.by ?? words.line.unknownBy}</span>
            {one.inForce && <span class="tag granted">{words.line.inForce}</span>}
            {mayChange && !one.inForce && (
              <form method="post" action={`/lines/${encodeURIComponent(policy.number)}/restore`}>
                <button class="button bare" type="submit" name="version" value={one.version}>
                  {words.line.restore}
                </button>
              </form>
            )}
          </div>
          <ul class="soft">
            {describeDifferences(one.changes, view.language).map(sentence => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  </section>
)
