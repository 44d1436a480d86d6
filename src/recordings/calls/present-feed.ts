import type { Clock } from '../../core/clock.js'
import type { Db } from '../../db/database.js'
import { type CallCount, eventsAfter, latestEvent } from '../../journal/read/present.js'
import { DayCounts } from './day-counts.js'
import { readSnapshot, type Snapshot } from './present.js'

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
