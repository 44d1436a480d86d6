import type { CompanySetting } from '../core/setup-events.js'
import type { Marking } from '../lib/files/marking.js'
import { type Db, sql } from './database.js'

/**
 * Returns the mark of this database's volumes, and what to do with a folder that has no mark. If the database has a
 * part, the volumes count as marked, even if the database was restored from a backup made before they were marked.
 *
 * @param by `service` marks new volumes once; `verb` is a command that uses the volumes as they are; `destroyer` is a
 *   command that destroys recordings, and refuses to begin without the marks
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

/** Records that the volumes are marked, so that no service marks new ones. @throws AppError `db.unavailable` */
export async function noteMarked(db: Db): Promise<void> {
  await sql`update installation set placed_at = now() where placed_at is null`.execute(db)
}

/**
 * The configured company.
 *
 * @param why `to change`: locks it against other changes until the transaction ends
 * @throws AppError `db.unavailable`
 */
export async function companySetting(db: Db, why?: 'to change'): Promise<CompanySetting> {
  const { rows } = await sql<CompanySetting>`
    select company as name, language from installation ${why ? sql`for update` : sql``}`.execute(db)
  return rows[0]!
}

/** Sets the company. @throws AppError `db.unavailable` */
export async function setCompany(db: Db, { name, language }: CompanySetting): Promise<void> {
  await sql`update installation set company = ${name}, language = ${language}`.execute(db)
}

/**
 * Whether the installation is marked as a trial.
 *
 * @param why `to change`: locks it against other changes until the transaction ends
 * @throws AppError `db.unavailable`
 */
export async function trialSetting(db: Db, why?: 'to change'): Promise<boolean> {
  const { rows } = await sql<{ trial: boolean }>`
    select trial from installation ${why ? sql`for update` : sql``}`.execute(db)
  return rows[0]!.trial
}

/** Sets whether the installation is a trial. @throws AppError `db.unavailable` */
export async function setTrial(db: Db, trial: boolean): Promise<void> {
  await sql`update installation set trial = ${trial}`.execute(db)
}
