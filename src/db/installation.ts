import type { Marking } from '../files/marking.js'
import { type Db, sql } from './database.js'

/**
 * What the folders carry in which this database's service keeps keys and recordings. Where it knows of a part, something was kept,
 * whatever else it says: it may have been restored from before the folders were marked.
 *
 * @param by the service makes them, once; a verb takes them as they are, and one that destroys begins nothing without them
 * @throws AppError `db.unavailable`
 */
export async function expectedMarking(db: Db, by: 'service' | 'verb' | 'destroyer'): Promise<Marking> {
  const { rows } = await sql<{ id: string; placed: boolean }>`
    select id, placed_at is not null or exists (select from part) as placed from installation`.execute(db)
  const { id, placed } = rows[0]!
  if (by === 'service') return { id, ifMissing: placed ? 'refuse' : 'make' }
  if (!placed) return { ifMissing: 'nothing kept yet' }
  return { id, ifMissing: by === 'destroyer' ? 'refuse' : 'refuse at use' }
}

/** From now on a folder without the mark is not made any more. @throws AppError `db.unavailable` */
export async function noteMarked(db: Db): Promise<void> {
  await sql`update installation set placed_at = now() where placed_at is null`.execute(db)
}
