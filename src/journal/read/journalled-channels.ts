import { AppError } from '../../core/errors.js'
import type { ChannelId } from '../../core/ids.js'
import { type Db, sql } from '../../db/database.js'
import { describeFailure, isRefusal } from '../../db/failure.js'

/**
 * Which of these channels have a call in the journal.
 *
 * @param since the calls began after this moment, ms since the epoch
 * @throws AppError `db.unavailable`; the error of a database that refuses the query
 */
export async function journalledChannels(
  db: Db,
  channels: readonly ChannelId[],
  since: number,
): Promise<ReadonlySet<ChannelId>> {
  const { rows } = await sql<{ channel: ChannelId }>`select channel from call
    where started_at > ${new Date(since)} and channel = any(${channels}::text[])`
    .execute(db)
    .catch((error: unknown) => {
      if (isRefusal(error)) throw error
      throw new AppError('db.unavailable', `The database did not answer: ${describeFailure(error)}`, {
        ...{ retryable: true, cause: error },
      })
    })
  return new Set(rows.map(({ channel }) => channel))
}
