import type { Db } from '../../db/database.js'
import { type CallCount, countCalls } from '../../journal/read/present.js'

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
