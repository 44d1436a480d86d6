import { availableParallelism, loadavg } from 'node:os'
import type { Test } from 'tap'
import { LEGS, type Leg } from '../../../src/core/audio.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'
import type { CallLab, Legs } from '../lab/call-lab.js'
import { placesOf } from '../lab/tones-heard.js'
import { gapsOf, mostLost } from './gaps.js'
import { drawnOf } from './pictures/pictures.js'
import type { Played, Said, Utterance } from './said.js'

/**
 * Which share must be in the recording of what was agreed, and was sent in time. What the journal says was lost counts as there. One packet too few
 * leaves out a whole window, so of less than 20 s one window may be missing.
 */
const LEAST_SHARE = 0.995
/** How much of a side may be lost after a move, s. */
export const MOST_LOST_S = 1
/**
 * How much of what a caller hears the journal may have as lost after a move, s. It is what may be missing at most: it has the wait of the service,
 * and an order to Asterisk, which on a busy machine takes long. On an idle one it has 0.4 s.
 */
const MOST_HEARD_LOST_S = 1.5
/** Where other programs keep the processors busy, such as other tests, a restart of a tap takes as long as they let it: no length is asserted. */
export const isBusy = (): boolean => loadavg()[0]! > availableParallelism()
/** Where packets are late, Asterisk drops some. Of what was agreed, no larger share is put down to that. */
const MOST_LATE = 0.1
/** Tones are looked for in windows of this length, ms. So of what is late, each begun window is missing whole. */
const WINDOW_MS = 100
/** How long before the end of a call the PBX may report that those who were with the caller are not any more, ms. */
const END_MS = 1_000
/** How long after a loss the journal may have it, ms. */
const LATE_JOURNAL_MS = 500

/** What happened to a recorded caller, or to one who is not recorded, and what is expected of the recordings. */
export interface Situation extends Played {
  /** How often the caller is asked, as {@link askedIn} counts. */
  asked: number
  /** Further calls in which the same person is asked. */
  also?: readonly CallTimeline[]
  /** What may be recorded, in turn, as {@link turnsOf} says it. */
  allowed: string[]
  /** Voices of which nothing may be recorded. All others have agreed. */
  unagreed?: string[]
}

/** A row of the table, measured. */
export interface Row {
  asked: number
  told: string
  allowed: string[]
  /** Which voices are on a side, and for how long, s. */
  sides: Record<Leg, [voice: string, seconds: number][]>
  /** For how long somebody is recorded who did not agree, s. */
  unagreed: number
  /** How much was said of what may be recorded, s; how much of that is there; of the rest, how much the journal has as lost. */
  agreed: { said: number; there: number; lost: number }
}

const HEAD = [
  ...['situation', 'asked', 'told when joined', 'may be recorded'],
  ...['on the caller’s side, s', 'on the other side, s', 'of who did not agree, s', 'of what was agreed'],
]
let isHeadShown = false

/**
 * Adds a row to the table that `npm test` prints: one situation, and who is on which side of its recordings for how long. Asserts that
 * nothing is there of anybody who did not agree, and all of what was agreed; and that a picture of the situation says the same.
 */
export function situation(t: Test, lab: CallLab, title: string, expected: Situation): void {
  t.test(`${title}: nobody is recorded who did not agree, and all who did`, async t => {
    const { call, said, asked, also = [], allowed, unagreed = [] } = expected
    const opened = await Promise.all(call.recordings.map(({ id }) => lab.open(id)))
    const row = measure(call, said, unagreed, opened, also)
    const lateMs = said.lateMs() + (isBusy() ? said.unseenMs() : 0)
    const windowsMs = Math.ceil(lateMs / WINDOW_MS) * WINDOW_MS
    const late = Math.min(windowsMs / 1_000, MOST_LATE * row.agreed.said)
    for (const cells of isHeadShown ? [] : [HEAD]) t.comment(asRow(cells))
    isHeadShown = true
    t.comment(asRow([title, ...cellsOf(row, late)]))
    t.strictSame(row.allowed, allowed, 'what may be recorded, in turn')
    t.equal(row.asked, asked, 'how often the caller is asked')
    const drawn = drawnOf(title)
    if (drawn)
      t.strictSame(
        { asked: row.asked, told: row.told, allowed: row.allowed },
        drawn,
        'docs/parties.md shows the same',
      )
    t.equal(row.unagreed, 0, `seconds of ${unagreed.join(', ') || 'anybody'} who did not agree`)
    const { said: all, there, lost } = row.agreed
    const missing = Math.max((1 - LEAST_SHARE) * (all - late), WINDOW_MS / 1_000)
    t.ok(
      there + lost >= all - late - missing,
      `${there} of ${all} s that were agreed are there; the journal has ${lost} s as lost; packets were late for ${late} s`,
      { heard: placesIn(said, opened), lost: gapsOf(call) },
    )
    if (isBusy()) return
    for (const [leg, most] of [['caller', MOST_LOST_S] as const, ['agent', MOST_HEARD_LOST_S] as const]) {
      const lost = mostLost(call, leg)
      t.ok(lost <= most, `${leg}: after a move, the journal has ${lost} s as lost`, { lost: gapsOf(call) })
    }
  })
}

/**
 * @param opened the recordings of the call: one for each purpose
 * @param also further calls in which the same person is asked
 */
export function measure(
  call: CallTimeline,
  { hz, utterances }: Pick<Said, 'hz' | 'utterances'>,
  unagreed: readonly string[],
  opened: readonly Legs[],
  also: readonly CallTimeline[] = [],
): Row {
  const voices = [...new Set([...utterances.map(({ voice }) => voice), ...unagreed])]
  const seconds = (legs: Legs | undefined, leg: Leg, voice: string) =>
    legs ? placesOf(legs[leg], hz[voice]!).length / 10 : 0
  const most = (leg: Leg, voice: string) => Math.max(0, ...opened.map(legs => seconds(legs, leg, voice)))
  const [first] = opened
  const sides = Object.fromEntries(
    LEGS.map(leg => [
      leg,
      voices.map(voice => [voice, most(leg, voice)] as const).filter(([, found]) => found > 0),
    ]),
  ) as unknown as Row['sides']
  const agreed = { said: 0, there: 0, lost: 0 }
  for (const { voice, side, all } of byVoice(utterances)) {
    if (unagreed.includes(voice) || !first) continue
    const ms = all.reduce((sum, one) => sum + one.ms, 0)
    const there = Math.min(ms / 1_000, seconds(first, side, voice))
    const lost = all.reduce((sum, one) => sum + lostIn(call, one), 0)
    agreed.said += ms / 1_000
    agreed.there += there
    agreed.lost += Math.min(lost, ms / 1_000 - there)
  }
  return {
    asked: [call, ...also].reduce((sum, one) => sum + askedIn(one), 0),
    told: toldIn(call),
    allowed: turnsOf(call),
    sides,
    unagreed: LEGS.flatMap(leg => unagreed.map(voice => most(leg, voice))).reduce((sum, s) => sum + s, 0),
    agreed,
  }
}

/**
 * How often somebody was asked: the questions that were put, each with its repetitions as one, and the answers that were given in a
 * disclosure, before the question.
 */
export const askedIn = ({ events }: Pick<CallTimeline, 'events'>): number =>
  events.filter(({ type, attempt, method, afterMs }) =>
    type === 'consent.answered'
      ? (method === 'key' || method === 'voice') && afterMs === null
      : type === 'consent.asked' && attempt === 1,
  ).length

/** All that was said, by voice and side. */
function byVoice(utterances: readonly Utterance[]): { voice: string; side: Leg; all: Utterance[] }[] {
  const keys = new Set(utterances.map(({ voice, side }) => `${side} ${voice}`))
  return [...keys].map(key => {
    const all = utterances.filter(({ voice, side }) => `${side} ${voice}` === key)
    return { voice: all[0]!.voice, side: all[0]!.side, all }
  })
}

/** When each utterance was said, and where its voice is, to be shown with a failure. */
const placesIn = ({ hz, utterances }: Said, [first]: readonly Legs[]) =>
  utterances.map(({ voice, side, from, ms }) => ({
    said: `${voice} at ${new Date(from).toISOString()} for ${ms} ms`,
    heard: first && placesOf(first[side], hz[voice]!).join(' '),
  }))

/** What the journal has as lost on the side of an utterance while it was said, s. Of the windows where a gap begins and ends, nothing is found. */
const lostIn = (call: CallTimeline, { side, from, until }: Utterance): number =>
  gapsOf(call)
    .filter(({ leg }) => leg === side)
    .reduce((sum, gap) => {
      const overlap = Math.min(gap.to, until) - Math.max(gap.from - LATE_JOURNAL_MS, from)
      const ms = Math.min(gap.to - gap.from, Math.max(0, overlap))
      return sum + (ms > 0 ? ms + 2 * WINDOW_MS : 0) / 1_000
    }, 0)

/**
 * What may be recorded of a call in turn: `both sides`, `own side`, or `nothing`, with who or what does not allow more. When the caller hangs
 * up, the others are not heard any more, and may leave just before: what follows from that is left out.
 */
export function turnsOf({ events, recordings }: CallTimeline): string[] {
  if (recordings.length === 0) return ['nothing']
  const ended = Date.parse(events.find(({ type }) => type === 'call.ended')?.at ?? '')
  const turns = events.flatMap(({ type, by, at }) => {
    if (type === 'recording.resumed' && Date.parse(at) > ended - END_MS) return []
    if (type === 'recording.paused') return [`nothing (${by})`]
    if (type === 'recording.muted') return ['own side']
    if (type === 'consent.withdrawn') return ['nothing (withdrawn)']
    return type === 'recording.resumed' || type === 'recording.unmuted' ? ['both sides'] : []
  })
  return ['both sides', ...(turns.at(-1) === 'nothing (hold)' ? turns.slice(0, -1) : turns)]
}

/** What those who joined were told: `-` if nobody joined from outside. */
function toldIn({ events }: CallTimeline): string {
  const of = (wanted: string) => events.filter(({ type }) => type === wanted)
  const agreedLater = new Set(of('call.party-agreed').map(({ party }) => party))
  const asked = of('call.party-asked').map(({ party }) =>
    agreedLater.has(party) ? 'asked then, agreed' : 'asked then, did not agree',
  )
  const joined = of('call.party-joined').map(({ party, agreed }) => {
    if (agreed) return 'asked, agreed'
    return party === null ? 'no' : 'asked, did not agree'
  })
  return [...new Set(asked.length > 0 ? asked : joined)].join('; ') || '-'
}

/** @param late for how long packets were late, s */
function cellsOf({ asked, told, allowed, sides, unagreed, agreed }: Row, late: number): string[] {
  const { said, there, lost } = agreed
  const share = said > 0 ? `${((100 * there) / said).toFixed(1)} % of ${said.toFixed(1)} s` : '-'
  const whyLess = [
    ...(lost > 0 ? [`the journal has ${lost.toFixed(1)} s as lost`] : []),
    ...(late > 0 && there + lost < said ? [`packets were late for ${late.toFixed(1)} s`] : []),
  ]
  const [caller, other] = LEGS.map(
    leg => sides[leg].map(([voice, s]) => `${voice} ${s.toFixed(1)}`).join(', ') || '-',
  )
  return [
    String(asked),
    told,
    allowed.join(', '),
    caller!,
    other!,
    unagreed.toFixed(1),
    [share, ...whyLess].join('; '),
  ]
}

const asRow = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
