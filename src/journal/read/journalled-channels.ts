import { type Db, sql } from '../../db/database.js'
import type { ChannelId } from '../../shared/ids.js'

/**
 * Which of these channels have a call in the journal.
 *
 * @param since the calls began after this moment, ms since the epoch
 */
export async function journalledChannels(
  db: Db,
  channels: readonly ChannelId[],
  since: number,
): Promise<ReadonlySet<ChannelId>> {
  const { rows } = await sql<{ channel: ChannelId }>`select channel from call
    where started_at > ${new Date(since)} and channel = any(${channels}::text[])`.execute(db)
  return new Set(rows.map(({ channel }) => channel))
}
