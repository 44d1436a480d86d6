import type { View } from '../view.js'
import type { Words } from '../words/words.js'

/** The behaviour of calls to a number without a line, and a button that makes it a line. */
export const NoLine = ({
  number,
  words: { lines, line, edit },
  view,
  mayChange,
}: {
  number: string
  words: Words
  view: View
  mayChange: boolean
}) => (
  <>
    <div class="head">
      <div>
        <p class="crumb">
          <a href="/lines">{lines.title}</a> / {number}
        </p>
        <h1>{lines.noLine(number)}</h1>
        <p class="lead">{line.unasked}</p>
      </div>
    </div>
    {mayChange && (
      <form method="post" action="/lines/new">
        <input type="hidden" name="number" value={number} />
        <input type="hidden" name="language" value={view.language} />
        <button class="button main" type="submit">
          {edit.makeLine}
        </button>
      </form>
    )}
  </>
)
