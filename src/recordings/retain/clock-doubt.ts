import { DAY_MS } from '../../core/clock.js'
import { counted } from '../../lib/plural.js'

/** Why the current day is not certain. */
export interface ClockDoubt {
  /**
   * `jumped`: the clock differs from the anchor that a service of this machine wrote. `database`: it differs from
   * PostgreSQL's clock. `journal`: the journal has no events just before the current time, or has later ones. A person
   * can confirm the clock only for `journal`, the only case in which the clock may be right.
   */
  kind: 'jumped' | 'database' | 'journal'
  /** Text for people: both times, and what to do next. */
  detail: string
  /** The time of PostgreSQL's clock, ms since the epoch. */
  at: number
}

/**
 * How far the machine's clock and PostgreSQL's may differ, ms. NTP keeps clocks within a second. Retention is counted
 * in days, so five minutes do not matter to it. A jump of the machine's clock has the same limit.
 */
const MAX_DIFFERENCE_MS = 300_000
/** How far the clock may be behind a moment in the journal, ms. Two machines that agree with PostgreSQL differ by no more. */
const MAX_BEHIND_MS = 2 * MAX_DIFFERENCE_MS
/**
 * The longest time without an event after which the clock is still trusted, ms. A running service writes an event at
 * least each hour, so a longer time without events means that the machine was off. A week covers a long weekend. Times
 * without events add up until a person confirms the clock. Several starts with a wrong clock thus gain no more than
 * one. A wrong clock can therefore destroy recordings at most a week too early.
 */
const MAX_WITHOUT_EVENT_MS = 7 * DAY_MS
/** A shorter time without events is usual, ms. A running service writes one each hour. */
const USUAL_MS = 7_200_000
/**
 * This share of the time with events is subtracted from the sum of the times without events. A machine that is off for
 * an occasional weekend therefore needs no confirmation.
 */
const SUBTRACTED_SHARE = 0.25

/** The first and the last moment of a span of time, ms since the epoch. */
export interface Span {
  first: number
  last: number
}

const HOW_TO_CONFIRM =
  'The clock may be right: the machine may have been off, or a backup may have been restored. If it is right, place holds on recordings that must stay, then confirm the clock: consentry purge --clock-checked'

/**
 * Compares the machine's clock with PostgreSQL's.
 *
 * @param machine the machine's time just before and just after the query of PostgreSQL's time
 * @param database PostgreSQL's time, ms since the epoch
 * @returns a text for people that says what is wrong; undefined if the clocks agree
 */
export function databaseDoubt(machine: Span, database: number): string | undefined {
  const apart = Math.max(machine.first - database, database - machine.last)
  if (apart <= MAX_DIFFERENCE_MS) return undefined
  return `The machine's clock says ${iso(machine.last)}, PostgreSQL's says ${iso(database)}. One of them is wrong: set it right.`
}

/** What the times in the journal prove about the machine's clock. */
export interface JournalDoubt {
  /** A text for people that states the fault; undefined if there is none. */
  doubt: string | undefined
  /** Time without events that no person has confirmed, ms. */
  unseenMs: number
}

/**
 * Compares the machine's clock with the times in the journal. The sum of the times without events, from the last
 * certain moment to now and left over from before, may not exceed `MAX_WITHOUT_EVENT_MS`.
 *
 * @param certain the last moment at which the time was certain, ms since the epoch
 * @param spans the times of the events since then
 * @param now the machine's time, ms since the epoch
 * @param beforeMs time without events that was left at the last certain moment, ms
 */
export function journalDoubt(
  certain: number,
  spans: readonly Span[],
  now: number,
  beforeMs = 0,
): JournalDoubt {
  let unseenMs = beforeMs
  const doubtful = (doubt: string): JournalDoubt => ({ doubt: `${doubt} ${HOW_TO_CONFIRM}`, unseenMs })
  const says = `The machine's clock says ${iso(now)}.`
  if (now < certain - MAX_BEHIND_MS)
    return doubtful(`${says} This is before the last certain time in the journal, ${iso(certain)}.`)
  const points = [certain, now].map(at => ({ first: at, last: at }))
  const [earliest, ...later] = [...points, ...spans].sort((one, other) => one.first - other.first)
  let reached = earliest!.last
  let seenMs = reached - earliest!.first
  for (const { first, last } of later) {
    const gapMs = first - reached
    if (gapMs > MAX_WITHOUT_EVENT_MS)
      return doubtful(
        `The journal has no events from ${iso(reached)} to ${iso(first)}, ${days(gapMs)}. ${says}`,
      )
    if (gapMs > USUAL_MS) {
      unseenMs = Math.max(0, unseenMs - seenMs * SUBTRACTED_SHARE) + gapMs
      seenMs = 0
    } else seenMs += Math.max(0, gapMs)
    if (unseenMs > MAX_WITHOUT_EVENT_MS)
      return doubtful(`The journal has times without events, ${days(unseenMs)} together. ${says}`)
    seenMs += Math.max(0, last - Math.max(reached, first))
    reached = Math.max(reached, last)
  }
  return { doubt: undefined, unseenMs: Math.round(Math.max(0, unseenMs - seenMs * SUBTRACTED_SHARE)) }
}

/**
 * Compares the machine's clock with the latest time in the journal.
 *
 * @param newest the latest of the last certain moment and the events since then, ms since the epoch
 * @param now the machine's time, ms since the epoch
 * @returns a text for people that says that the clock is behind; undefined if it is not
 */
export const behindDoubt = (newest: number, now: number): string | undefined =>
  now >= newest - MAX_BEHIND_MS
    ? undefined
    : `The machine's clock says ${iso(now)}. This is before the newest event in the journal, ${iso(newest)}. ${HOW_TO_CONFIRM}`

/**
 * @param offMs how far the machine's clock differs from the anchor, ms
 * @returns a text for people that says that the clock jumped
 */
export const jumpDoubt = (offMs: number): string =>
  `The machine's clock differs by ${Math.round(offMs / 1000)} s from the time that the service kept. If the clock is right, remove run/clock.json in the data folder; see docs/runbook.md. If it is wrong, set it right.`

const iso = (at: number): string => new Date(at).toISOString()
const days = (ms: number): string => counted(Math.floor(ms / DAY_MS), 'day', 'days')
