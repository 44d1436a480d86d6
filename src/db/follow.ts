import { AppError } from '../core/errors.js'
import type { Log } from '../lib/log.js'
import type { Database } from './database.js'
import { describeFailure } from './failure.js'

/** Time between two loads, ms, in case a notification was missed. Normally a change is notified at once. */
const POLL_MS = 30_000

export interface Followed {
  /** The notification of a change (LISTEN). */
  channel: string
  /** Names the loaded items in messages, in the plural. */
  what: string
  /** Loads all items. Runs once at a time. */
  load(): Promise<void>
  log: Log
}

/**
 * Loads items from the database, and loads them again after each change. While the database is away, the last loaded
 * items stay in force.
 *
 * @returns a function that stops it
 * @throws AppError `db.unavailable` if the first load fails
 */
export async function follow(
  db: Database,
  { channel, what, load, log }: Followed,
): Promise<{ stop(): Promise<void> }> {
  await load().catch((error: unknown) => {
    throw new AppError('db.unavailable', `The ${what} cannot be loaded: ${describeFailure(error)}`, {
      retryable: true,
    })
  })
  // One load at a time, so that an older answer never replaces a newer one.
  let loading = Promise.resolve()
  const reload = () => {
    loading = loading.then(load).catch((error: unknown) => {
      log.warn(
        { reason: describeFailure(error) },
        `the ${what} could not be reloaded; the known ones stay in force, and the next reload tries again`,
      )
    })
  }
  const listener = db.listen(channel, reload)
  const poll = setInterval(reload, POLL_MS)
  return {
    async stop() {
      clearInterval(poll)
      await listener.stop()
      await loading
    },
  }
}
