import type { Answer } from '../../../core/events.js'
import type { CallCount } from '../../../recordings/calls/present.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

/** Size of the drawing, in its own units. */
const [WIDTH, HEIGHT, FOOT] = [720, 110, 18]
/** From the foot of a column to its top. */
const ORDER = ['granted', 'notice', 'refused', 'silent', 'abandoned', 'failed'] as const
const HOUR_MS = 3_600_000

interface RibbonProps {
  counts: CallCount[]
  words: Words
  view: View
  since: number
  now: number
  partMs: number
}

/** The day as columns of calls, coloured by the callers' answers. The numbers are below it in words. */
export const Ribbon = ({ counts, words, view, since, now, partMs }: RibbonProps) => {
  const parts = Math.ceil((24 * HOUR_MS) / partMs)
  const column = WIDTH / parts
  const most = Math.max(1, ...sums(counts).values())
  const place = (at: number) => ((at - since) / partMs) * column
  return (
    <figure class="ribbon">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT + FOOT}`} aria-hidden="true">
        {columns(counts).map(({ from, answer, below, calls }) => (
          <rect
            key={`${from} ${answer}`}
            class={answer === 'notice' ? 'granted' : answer}
            x={place(from) + 1}
            width={column - 2}
            y={HEIGHT - ((below + calls) / most) * HEIGHT}
            height={(calls / most) * HEIGHT}
          />
        ))}
        <line class="present" x1={place(now)} x2={place(now)} y1={0} y2={HEIGHT} />
        <line class="foot" x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
        {[0, 4, 8, 12, 16, 20].map(hour => (
          <text key={hour} x={place(since + hour * HOUR_MS)} y={HEIGHT + 14}>
            {hourOf(since + hour * HOUR_MS, view)}
          </text>
        ))}
      </svg>
      <figcaption class="legend">
        {ORDER.map(answer => (
          <span key={answer}>
            <span class={`tag ${answer}`}>{words.answers[answer]}</span>{' '}
            <b class="number">{words.number(totalOf(counts, answer))}</b>
          </span>
        ))}
      </figcaption>
    </figure>
  )
}

/** The pieces of all columns: each is stacked on those before it. */
function columns(counts: CallCount[]): { from: number; answer: Answer; below: number; calls: number }[] {
  const below = new Map<number, number>()
  return ORDER.flatMap(answer =>
    counts
      .filter(({ decision }) => decision === answer)
      .map(({ from, calls }) => {
        const piece = { from, answer, calls, below: below.get(from) ?? 0 }
        below.set(from, piece.below + calls)
        return piece
      }),
  )
}

function sums(counts: CallCount[]): Map<number, number> {
  const all = new Map<number, number>()
  for (const { from, decision, calls } of counts) if (decision) all.set(from, (all.get(from) ?? 0) + calls)
  return all
}

const totalOf = (counts: CallCount[], answer: Answer): number =>
  counts.filter(({ decision }) => decision === answer).reduce((sum, { calls }) => sum + calls, 0)

const hourOf = (at: number, { zone = 'UTC' }: View): string =>
  new Intl.DateTimeFormat('ru', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(at)
