import type { Clock } from '../../core/clock.js'
import { maskNumber } from '../../core/typed-number.js'
import type { Db } from '../../db/database.js'
import {
  type CallCount,
  countCalls,
  countPresent,
  eventsAfter,
  latestEvent,
  type PresentCall,
  presentCalls,
  type StandingAlarm,
  standingAlarms,
} from '../../journal/read/present.js'

export type { CallCount, PresentCall, StandingAlarm } from '../../journal/read/present.js'

/** Most calls that are shown one by one. */
const MAX_CALLS = 50

/** The calls and alarms of this moment, by the journal. */
export interface Snapshot {
  /** Calls in progress, and how many of them are being recorded. */
  goingOn: { calls: number; recorded: number }
  /** The latest calls in progress, at most 50. Callers' numbers are masked, here and in the alarms. */
  calls: PresentCall[]
  alarms: StandingAlarm[]
}

/** A snapshot, and the calls of the day, by the journal. */
export interface Present extends Snapshot {
  /** Calls since a given moment, by part of the day. */
  counts: CallCount[]
}

/**
 * Reads a snapshot and the counts of the day.
 *
 * @param since start of the counted period
 * @param stepMs length of a part of the day, ms
 */
export async function readPresent(
  { db }: { db: Db },
  { since, stepMs }: { since: Date; stepMs: number },
): Promise<Present> {
  const counts = await countCalls(db, since, stepMs)
  return { counts, ...(await readSnapshot({ db })) }
}

/** Reads the snapshot. Queries run one after another, because all users share the few connections of the pool. */
export async function readSnapshot({ db }: { db: Db }): Promise<Snapshot> {
  const goingOn = await countPresent(db)
  const calls = await presentCalls(db, MAX_CALLS)
  const alarms = await standingAlarms(db)
  return {
    goingOn,
    calls: calls.map(masked),
    alarms: alarms.map(one => ({ ...one, call: one.call && masked(one.call) })),
  }
}

const masked = <T extends { caller: string | null }>(call: T): T => ({
  ...call,
  caller: call.caller && maskNumber(call.caller),
})

/**
 * True if the standing alarms need an operator. One silent leg is usual while a caller is on hold. If more than one
 * call lacks a leg, and they are most of the recorded calls, the sound itself may be lost.
 */
export function needsSomebody({ alarms, goingOn }: Pick<Snapshot, 'alarms' | 'goingOn'>): boolean {
  const silent = alarms.filter(({ alarm }) => alarm === 'leg-silent')
  const calls = new Set(silent.map(({ call }) => call?.id)).size
  return alarms.length > silent.length || (calls > 1 && calls * 2 > goingOn.recorded)
}

/** Shortest time between two reads, ms. Busy lines produce events all the time. */
const READ_MS = 1_500
/** Longest time between two reads, ms. An event may enter the journal out of order, so `latest` alone is not enough. */
const ANYWAY_MS = 5_000

/** The calls and alarms of this moment, and the calls of the day by quarter of an hour. */
export interface Feed extends Snapshot {
  counts: CallCount[]
}

/** Polls for new events and reads the snapshot only after some. All viewers share one feed. */
export class PresentFeed {
  readonly #db: Db
  readonly #clock: Pick<Clock, 'now'>
  readonly #days = new DayCounts()
  #latest: number | undefined
  #changed = false
  #readAt = Number.NEGATIVE_INFINITY

  constructor({ db, clock }: { db: Db; clock: Pick<Clock, 'now'> }) {
    this.#db = db
    this.#clock = clock
  }

  /**
   * Reads the calls and alarms of this moment if events arrived since the last read, or `ANYWAY_MS` has passed.
   *
   * @param since start of the counted period, ms since the epoch
   * @param anyway reads in any case
   * @returns undefined if nothing was read
   */
  async next(since: number, anyway: boolean): Promise<Feed | undefined> {
    this.#latest ??= await latestEvent(this.#db)
    const { latest, changed } = await eventsAfter(this.#db, this.#latest)
    this.#latest = latest
    this.#changed ||= changed
    const now = this.#clock.now()
    const age = now - this.#readAt
    if (!anyway && age < ANYWAY_MS && !(this.#changed && age >= READ_MS)) return undefined
    this.#readAt = now
    this.#changed = false
    const counts = await this.#days.read(this.#db, since, now)
    return { counts, ...(await readSnapshot({ db: this.#db })) }
  }
}

/** Length of a part, ms: every time zone's midnight is the end of one. */
const PART_MS = 900_000
/** How long after its end a part may still change, ms. Callers are asked for a minute or two. */
const SETTLED_MS = 900_000
/** Time after which the whole day is counted again, ms. Spooled calls enter the database hours later. */
const RECOUNT_MS = 300_000

/**
 * Counts the calls of a day repeatedly. Parts of the day that can no longer change are counted once, so that a count
 * reads the calls of half an hour only.
 */
export class DayCounts {
  /** Calls in `#counts` began at or after `#from` and before `#until`; ms since the epoch. */
  #from = 0
  #until = 0
  #counts: CallCount[] = []
  #recountAt = 0

  /**
   * Counts calls by quarter of an hour and decision.
   *
   * @param since start of the counted period, ms since the epoch
   * @param now ms since the epoch
   */
  async read(db: Db, since: number, now: number): Promise<CallCount[]> {
    if (since < this.#from || now >= this.#recountAt) {
      this.#from = since - (since % PART_MS)
      this.#until = this.#from
      this.#counts = []
      this.#recountAt = now + RECOUNT_MS
    }
    const until = this.#until
    const counted = await countCalls(db, new Date(until), PART_MS)
    const all = [...this.#counts, ...counted]
    // Another read may have kept the same parts meanwhile.
    if (this.#until === until) this.#keep(all, now)
    return all
  }

  /** Keeps the parts before the first one that may still change. */
  #keep(all: readonly CallCount[], now: number): void {
    const settled = now - SETTLED_MS - (now % PART_MS)
    const undecided = all.filter(({ decision }) => decision === null).map(({ from }) => from)
    this.#until = Math.max(this.#until, Math.min(settled, ...undecided))
    this.#counts = all.filter(({ from }) => from < this.#until)
  }
}

/**
 * Sums the counts of a day into longer parts.
 *
 * @param counts by quarter of an hour
 * @param since start of the counted period, ms since the epoch
 * @param stepMs length of a part, ms: a multiple of a quarter of an hour
 */
export function inParts(counts: readonly CallCount[], since: number, stepMs: number): CallCount[] {
  const sums = new Map<string, CallCount>()
  for (const { from, decision, calls } of counts) {
    if (from < since) continue
    const part = from - (from % stepMs)
    const key = `${part} ${decision}`
    const sum = sums.get(key)
    if (sum) sum.calls += calls
    else sums.set(key, { from: part, decision, calls })
  }
  return [...sums.values()]
}
