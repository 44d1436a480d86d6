import { DAY_MS } from '../shared/clock.js'

/** Why it is not certain what day it is. */
export interface ClockDoubt {
  /**
   * `jumped`: the clock differs from what a service of this machine knows. `database`: it differs from PostgreSQL's clock.
   * `journal`: it does not go on from the times of the events. Only the last may be right, so only that can be confirmed.
   */
  kind: 'jumped' | 'database' | 'journal'
  /** For people: what was compared, and how to go on. */
  detail: string
  /** What PostgreSQL's clock says, ms since the epoch. */
  at: number
}

/**
 * The machine's clock and PostgreSQL's may be so far apart, ms. NTP keeps clocks within a second, and terms are of days: less
 * brings no term forward by a day that anybody would notice. The same limit tells a jump of the machine's clock.
 */
const APART_MS = 300_000
/** The clock may be so far behind the last certain moment, ms: two machines that both agree with PostgreSQL differ by no more. */
const BEHIND_MS = 2 * APART_MS
/**
 * The longest time without an event that is taken for a machine that was off, ms. A running service writes one at least each
 * hour. A week bridges a long weekend; it also bounds how much too early anything is destroyed by a clock that nobody notices.
 */
const HOLE_MS = 7 * DAY_MS

/** Times between which nothing is missing, ms since the epoch. */
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
 * Compares the machine's clock with the times in the journal: from the last certain moment to now they may leave no hole that is
 * too long for a pause.
 *
 * @param certain the last moment at which the time was certain, ms since the epoch
 * @param spans the times of the events since then
 * @param now what the machine's clock says, ms since the epoch
 * @returns what is wrong, in words; undefined if it goes on from them
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

/** @param offMs how far the machine's clock is off, ms */
export const jumpDoubt = (offMs: number): string =>
  `The machine's clock is off by ${Math.round(offMs / 1000)} s from what the service knows. If it is right, remove run/clock.json in the data folder, see docs/operating.md.`

const iso = (at: number): string => new Date(at).toISOString()
const days = (ms: number): string => `${Math.floor(ms / DAY_MS)} days`
