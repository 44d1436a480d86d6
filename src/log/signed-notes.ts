import { type Db, sql } from '../db/database.js'

/** A checkpoint of the database: its size, and its signed note with the cosignatures. */
export interface SignedNote {
  size: number
  note: string
}

/** Verifier keys of all witnesses of this log, past and present, oldest first. */
export async function knownWitnesses(db: Db): Promise<string[]> {
  const { rows } = await sql<{ key: string }>`select key from log_witness order by seen_at, key`.execute(db)
  return rows.map(({ key }) => key)
}

const withCosignatures = (size: ReturnType<typeof sql>) => sql<SignedNote>`
  select c.size, c.note || coalesce((
    select string_agg(s.line || chr(10), '' order by s.line collate "C") from log_cosignature s where s.size = c.size), '') as note
  from log_checkpoint c where c.size = (${size})`

/**
 * The first checkpoint that covers a leaf: the first cosigned one, or without one the first of all.
 *
 * @param index of the leaf, from 0
 * @param most largest size of the checkpoint
 */
export async function firstCovering(db: Db, index: number, most: number): Promise<SignedNote | undefined> {
  const cosigned = sql`select min(size) from log_cosignature where size > ${index} and size <= ${most}`
  const any = sql`select min(size) from log_checkpoint where size > ${index} and size <= ${most}`
  return (await withCosignatures(sql`select coalesce((${cosigned}), (${any}))`).execute(db)).rows[0]
}

/**
 * The last checkpoint that does not cover a leaf: the last cosigned one, or without one the last of all.
 *
 * @param index of the leaf, from 0
 */
export async function lastBefore(db: Db, index: number): Promise<SignedNote | undefined> {
  const cosigned = sql`select max(size) from log_cosignature where size <= ${index}`
  const any = sql`select max(size) from log_checkpoint where size <= ${index}`
  return (await withCosignatures(sql`select coalesce((${cosigned}), (${any}))`).execute(db)).rows[0]
}
