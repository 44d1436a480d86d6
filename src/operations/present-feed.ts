import type { Db } from '../db/database.js'
import { type CallCount, latestEvent, newsAfter } from '../journal/read/present.js'
import type { Clock } from '../shared/clock.js'
import { DayCounts } from './day-counts.js'
import { readSnapshot, type Snapshot } from './present.js'

/** How long after a reading the next one comes at the soonest, ms. Busy lines have events all the time. */
const READ_MS = 1_500
/** How long after a reading the next one comes at the latest, ms, because an event may enter the journal out of order. */
const ANYWAY_MS = 5_000

/** What goes on, and the calls of the day by quarter of an hour. */
export interface Feed extends Snapshot {
  counts: CallCount[]
}

/** Follows what goes on: it looks for new events, and reads only after some. One is enough for all who watch. */
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
   * Reads what goes on, if something has changed or some seconds are over.
   *
   * @param since from when on calls are counted, ms since the epoch
   * @param anyway reads in any case
   * @returns undefined if nothing was read
   */
  async next(since: number, anyway: boolean): Promise<Feed | undefined> {
    this.#latest ??= await latestEvent(this.#db)
    const { latest, changed } = await newsAfter(this.#db, this.#latest)
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
