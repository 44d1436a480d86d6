import type { Secret } from '../core/secret.js'
import { connect } from '../db/connection.js'
import { describeFailure } from '../db/failure.js'
import { watchdog } from '../db/watchdog.js'
import { probeInsert } from './write/write-batch.js'

/** How long the database may take for one event, ms. It takes 2 ms. */
const ANSWER_MS = 5_000

/**
 * Tests whether the database accepts an event of the journal. The event is rolled back.
 *
 * @param url connects as the service's role
 * @returns the refusal, without its message, which may quote the row; undefined if the event is accepted
 * @throws AppError `db.unavailable`
 */
export async function testJournal(url: Secret): Promise<string | undefined> {
  const connection = await connect(url, 'check')
  const cancelWatchdog = watchdog(ANSWER_MS, () => connection.cut())
  try {
    await probeInsert(connection)
    return undefined
  } catch (error) {
    return describeFailure(error)
  } finally {
    cancelWatchdog()
    await connection.close().catch(() => connection.cut())
  }
}
