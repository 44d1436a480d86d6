import type { Answer } from '../../../core/events.js'
import type { Message } from '../../../core/message.js'
import { type CallCount, needsSomebody, type Present } from '../../../recordings/calls/present.js'
import type { Attention as Waiting } from '../../../site/attention.js'
import type { Recordable, SetupNeed } from '../../../site/progress.js'
import { faultsOf, type ServiceState } from '../../service-state.js'
import { clockTime } from '../parts/clock-time.js'
import { Icon } from '../parts/icon.js'
import { Moment } from '../parts/moment.js'
import { AnswerTag } from '../parts/tag.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'
import { Attention } from './attention.js'

/** Length of a part of the day in the ribbon, ms: half an hour. */
export const PART_MS = 1_800_000
const MINUTE_MS = 60_000

export interface NowContentProps {
  present: Present
  service: ServiceState
  /** Unfinished steps of the setup. */
  missing: readonly SetupNeed[]
  /** Whether recordings are possible for all, some or none of the purposes. */
  recordable: Recordable
  /** The operator's other tasks. */
  attention: Waiting
  /** True if the visitor may set it up. */
  mayChange: boolean
  /** True if the visitor may have a caller asked in a conversation. */
  mayAsk: boolean
  /** The result of the visitor's order to ask a caller: `begun`, or the refusal. Undefined without one. */
  asked?: { begun: true } | { refusal: Message } | undefined
  words: Words
  view: View
  /** ms since the epoch. */
  now: number
  /** Beginning of the day, ms since the epoch. */
  since: number
  /** True if the browser counts the durations of calls. Their parts then change only with the calls. */
  live?: boolean
}

/** The state of the system, today's calls, calls in progress, and the operator's tasks. A script keeps it live. */
export const NowContent = (props: NowContentProps) => {
  const { words } = props
  const part = partsOf(props)
  return (
    <div id="live" data-events="/now/events" data-at={props.now}>
      <div class="head">
        <div>
          {part['now-headline']}
          <h1 id="now-unknown" hidden>
            <span class="light" aria-hidden="true" />
            {words.now.unknown}
          </h1>
          <p class="lead">
            <span role="status">
              <span id="now-silent" hidden>
                {words.now.nothingNewSince}{' '}
              </span>
              <span id="now-crowded" hidden>
                {words.now.crowded}{' '}
              </span>
              <span id="now-old" hidden>
                {words.now.figuresOf}{' '}
              </span>
            </span>
            {part['now-time']}
          </p>
        </div>
      </div>
      <Asked {...props} />
      <div class="now">
        <div class="stack">
          {part['now-figures']}
          {part['now-calls']}
        </div>
        <aside class="stack">
          <h2>{words.now.attention}</h2>
          {part['now-attention']}
        </aside>
      </div>
    </div>
  )
}

/** The live parts of the page, by the ids of their elements. */
export function partsOf(props: NowContentProps) {
  const { present, words, view, now } = props
  const well = stateOf(props) === 'well'
  return {
    'now-headline': (
      <h1 id="now-headline">
        <span class={well ? 'light well' : 'light'} aria-hidden="true" />
        {headline(props)}
      </h1>
    ),
    'now-time': (
      <span id="now-time">
        <Moment at={new Date(now).toISOString()} view={view} seconds />
      </span>
    ),
    'now-figures': <Figures {...props} />,
    'now-calls': (
      <section class="sheet" id="now-calls">
        <h2>{words.now.onLines}</h2>
        {present.calls.length === 0 ? <p class="empty">{words.now.noCalls}</p> : <Calls {...props} />}
      </section>
    ),
    'now-attention': <Attention {...props} />,
  }
}

/**
 * The state of the system, the worst first. `well`: the next caller who agrees is recorded, for every purpose of the
 * line.
 */
function stateOf({
  service,
  recordable,
  attention: { untrue },
  present,
}: NowContentProps): 'away' | 'faulty' | 'nothing' | 'partly' | 'alarmed' | 'well' {
  if (!service.running) return 'away'
  if (faultsOf(service).length > 0) return 'faulty'
  if (recordable === 'none') return 'nothing'
  if (recordable === 'some') return 'partly'
  return needsSomebody(present) || untrue.length > 0 ? 'alarmed' : 'well'
}

function headline(props: NowContentProps): string {
  const { goingOn } = props.present
  const { now } = props.words
  const state = stateOf(props)
  return state === 'away' ? now.away : `${now[state]} ${now.goingOn(goingOn.calls, goingOn.recorded)}`
}

const Figures = ({ present: { counts }, words, view, since, now }: NowContentProps) => {
  const total = (decision: string) =>
    counts.filter(count => count.decision === decision).reduce((sum, { calls }) => sum + calls, 0)
  const asked = ['granted', 'refused', 'silent'].reduce((sum, decision) => sum + total(decision), 0)
  const share = asked === 0 ? '–' : words.percent(total('granted') / asked)
  return (
    <section class="sheet" id="now-figures">
      <h2>{words.now.today}</h2>
      <dl class="figures">
        <div>
          <dt class="soft">{words.now.agreed}</dt>
          <dd>{share}</dd>
        </div>
        <div>
          <dt class="soft">{words.now.asked}</dt>
          <dd>{words.number(asked)}</dd>
        </div>
        <div>
          <dt class="soft">{words.now.faults(total('failed'))}</dt>
          <dd>{words.number(total('failed'))}</dd>
        </div>
      </dl>
      <Ribbon {...{ counts, words, view, since, now: now - (now % MINUTE_MS), partMs: PART_MS }} />
    </section>
  )
}

/** The result of an order to ask a caller. */
const Asked = ({ asked, words: { now, problem } }: NowContentProps) =>
  asked && (
    <div class={'begun' in asked ? 'note done' : 'note wrong'} role={'begun' in asked ? 'status' : 'alert'}>
      <Icon name={'begun' in asked ? 'check' : 'warn'} />
      <div>
        <p>{'begun' in asked ? now.questionBegins : now.askRefused}</p>
        {'refusal' in asked && <p class="written">{problem.inWords(asked.refusal)}</p>}
      </div>
    </div>
  )

const Calls = ({ present: { calls }, words, now, live, mayAsk }: NowContentProps) => (
  <table class="table">
    <thead>
      <tr>
        <th scope="col">{words.now.line}</th>
        <th scope="col">{words.now.caller}</th>
        <th scope="col">{words.now.state}</th>
        <th scope="col" class="end">
          {words.now.duration}
        </th>
        {mayAsk && (
          <th scope="col" class="end">
            <span class="unseen">{words.now.ask}</span>
          </th>
        )}
      </tr>
    </thead>
    <tbody>
      {calls.map(({ id, line, name, caller, decision, withdrawn, unasked, recorded, startedAt, askable }) => (
        <tr key={id}>
          <td data-label={words.now.line}>
            {line ?? words.now.noLine}
            {name !== null && <span class="soft"> · {name}</span>}
          </td>
          <td class="number" data-label={words.now.caller}>
            {caller ?? words.now.noNumber}
          </td>
          <td data-label={words.now.state}>
            {decision ? (
              <AnswerTag answer={decision} words={words} />
            ) : unasked ? (
              words.now.notAsked
            ) : (
              words.now.beingAsked
            )}{' '}
            {withdrawn && <span class="soft">{words.now.withdrawn}</span>}{' '}
            {recorded && <span class="soft">{words.now.recorded}</span>}
          </td>
          <td class="end number" data-label={words.now.duration} data-started={startedAt.getTime()}>
            {live ? '' : clockTime(now - startedAt.getTime())}
          </td>
          {mayAsk && (
            <td class="end">
              <AskAgain {...{ id, line, caller, askable, words }} />
            </td>
          )}
        </tr>
      ))}
    </tbody>
  </table>
)

/** The button that asks a caller during the call. */
const AskAgain = ({
  id,
  line,
  caller,
  askable,
  words,
}: Pick<NowContentProps['present']['calls'][number], 'id' | 'line' | 'caller' | 'askable'> & {
  words: Words
}) => (
  <form method="post" action={`/now/calls/${id}/ask`}>
    <button
      class="button bare"
      type="submit"
      id={`ask-${id}`}
      disabled={!askable}
      aria-label={words.now.askOf(line ?? words.now.noLine, caller ?? words.now.noNumber)}
      title={askable ? undefined : words.now.nothingToAsk}
    >
      {words.now.ask}
    </button>
  </form>
)

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
const Ribbon = ({ counts, words, view, since, now, partMs }: RibbonProps) => {
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
