import { DAY_MS } from '../shared/clock.js'

/** Why it is not certain what day it is. */
export interface ClockDoubt {
  /**
   * `jumped`: the clock differs from the anchor that a service of this machine wrote. `database`: it differs from
   * PostgreSQL's clock. `journal`: it does not follow on the times of the events. Only `journal` can be confirmed, because
   * only then the clock may be right.
   */
  kind: 'jumped' | 'database' | 'journal'
  /** For people: what was compared, and how to go on. */
  detail: string
  /** What PostgreSQL's clock says, ms since the epoch. */
  at: number
}

/**
 * How far the machine's clock and PostgreSQL's may be apart, ms. NTP keeps clocks within a second, and terms are counted in
 * days, so five minutes matter to no term. A jump of the machine's clock has the same limit.
 */
const APART_MS = 300_000
/** How far the clock may be behind the last certain moment, ms: two machines that agree with PostgreSQL differ by no more. */
const BEHIND_MS = 2 * APART_MS
/**
 * The longest time without an event after which the clock is still trusted, ms. A running service writes an event at least
 * each hour, so the machine was off. A week covers a long weekend. It also bounds how much too early a wrong clock destroys
 * anything.
 */
const HOLE_MS = 7 * DAY_MS

/** A time span without a gap, ms since the epoch. */
export interface Span {
  first: number
  last: number
}

const CONFIRM =
  'If the clock is right now (the machine may have been off, or a backup restored), hold what must not go and confirm it: consentry purge --clock-checked'

/**
 * Compares the machine's clock with PostgreSQL's.
 *
 * @param machine what the machine's clock said just before and just after PostgreSQL was asked
 * @param database what PostgreSQL's said, ms since the epoch
 * @returns what is wrong, in words; undefined if they agree
 */
export function databaseDoubt(machine: Span, database: number): string | undefined {
  const apart = Math.max(machine.first - database, database - machine.last)
  if (apart <= APART_MS) return undefined
  return `The machine's clock says ${iso(machine.last)}, PostgreSQL's says ${iso(database)}. One of them is wrong: set it right.`
}

/**
 * Compares the machine's clock with the times in the journal, which may have no gap over `HOLE_MS` from the last certain
 * moment to now.
 *
 * @param certain the last moment at which the time was certain, ms since the epoch
 * @param spans the times of the events since then
 * @param now what the machine's clock says, ms since the epoch
 * @returns what is wrong, in words; undefined if nothing is
 */
export function journalDoubt(certain: number, spans: readonly Span[], now: number): string | undefined {
  if (now < certain - BEHIND_MS)
    return `The machine's clock says ${iso(now)}, which is before the last certain time of the journal, ${iso(certain)}. ${CONFIRM}`
  const points = [certain, now].map(at => ({ first: at, last: at }))
  const [earliest, ...later] = [...points, ...spans].sort((one, other) => one.first - other.first)
  let reached = earliest!.last
  for (const { first, last } of later) {
    if (first - reached > HOLE_MS)
      return `The journal knows nothing of the time from ${iso(reached)} to ${iso(first)}, ${days(first - reached)}; the machine's clock says ${iso(now)}. ${CONFIRM}`
    reached = Math.max(reached, last)
  }
  return undefined
}

/** What is wrong after a jump of the clock, in words. @param offMs how far the machine's clock is off, ms */
export const jumpDoubt = (offMs: number): string =>
  `The machine's clock is off by ${Math.round(offMs / 1000)} s from what the service knows. If it is right, remove run/clock.json in the data folder, see docs/runbook.md.`

const iso = (at: number): string => new Date(at).toISOString()
const days = (ms: number): string => `${Math.floor(ms / DAY_MS)} days`
