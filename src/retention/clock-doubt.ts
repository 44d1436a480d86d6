import { DAY_MS } from '../shared/clock.js'
import { counted } from '../shared/plural.js'

/** Why the current day is not certain. */
export interface ClockDoubt {
  /**
   * `jumped`: the clock differs from the anchor that a service of this machine wrote. `database`: it differs from
   * PostgreSQL's clock. `journal`: the journal has no events just before the current time, or has later ones. A person can
   * confirm the clock only for `journal`, because only then the clock may be right.
   */
  kind: 'jumped' | 'database' | 'journal'
  /** Text for people: both times, and what to do next. */
  detail: string
  /** The time of PostgreSQL's clock, ms since the epoch. */
  at: number
}

/**
 * How far the machine's clock and PostgreSQL's may differ, ms. NTP keeps clocks within a second. Retention is counted in days, so
 * five minutes do not matter to it. A jump of the machine's clock has the same limit.
 */
const MAX_DIFFERENCE_MS = 300_000
/** How far the clock may be behind a moment in the journal, ms. Two machines that agree with PostgreSQL differ by no more. */
const MAX_BEHIND_MS = 2 * MAX_DIFFERENCE_MS
/**
 * The longest time without an event after which the clock is still trusted, ms. A running service writes an event at least
 * each hour, so a longer time without events means that the machine was off. A week covers a long weekend. A wrong clock can
 * therefore destroy recordings at most a week too early.
 */
const MAX_WITHOUT_EVENT_MS = 7 * DAY_MS

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

/**
 * Compares the machine's clock with the times in the journal. The events from the last certain moment to now may not be further
 * apart than `MAX_WITHOUT_EVENT_MS`.
 *
 * @param certain the last moment at which the time was certain, ms since the epoch
 * @param spans the times of the events since then
 * @param now the machine's time, ms since the epoch
 * @returns a text for people that says what is wrong; undefined if nothing is wrong
 */
export function journalDoubt(certain: number, spans: readonly Span[], now: number): string | undefined {
  if (now < certain - MAX_BEHIND_MS)
    return `The machine's clock says ${iso(now)}. This is before the last certain time in the journal, ${iso(certain)}. ${HOW_TO_CONFIRM}`
  const points = [certain, now].map(at => ({ first: at, last: at }))
  const [earliest, ...later] = [...points, ...spans].sort((one, other) => one.first - other.first)
  let reached = earliest!.last
  for (const { first, last } of later) {
    if (first - reached > MAX_WITHOUT_EVENT_MS)
      return `The journal has no events from ${iso(reached)} to ${iso(first)}, ${days(first - reached)}. The machine's clock says ${iso(now)}. ${HOW_TO_CONFIRM}`
    reached = Math.max(reached, last)
  }
  return undefined
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
