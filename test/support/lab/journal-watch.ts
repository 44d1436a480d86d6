import type { Database } from '../../../src/db/database.js'

/** A journal counts as changed after this time, ms, in case something changed without an event. */
const READ_AGAIN_MS = 2_000

/** Says whether it is worth reading the journal again. It asks one short question; to read a call takes a dozen longer ones. */
export class JournalWatch {
  #newest: unknown
  #changedAt = -Infinity

  constructor(private readonly db: Database) {}

  /** Whether the journal has taken an event since it last said so. The first time it says so in any case. */
  async hasChanged(): Promise<boolean> {
    const newest = await this.#newestEvent()
    const now = performance.now()
    if (newest === this.#newest && now - this.#changedAt < READ_AGAIN_MS) return false
    this.#newest = newest
    this.#changedAt = now
    return true
  }

  async #newestEvent(): Promise<unknown> {
    const [newest] = await this.db.selectFrom('event').select('id').orderBy('id', 'desc').limit(1).execute()
    return newest?.id
  }
}
