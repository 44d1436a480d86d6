import { AppError } from '../../core/errors.js'
import { plainNumber } from '../../core/typed-number.js'
import { type Db, sql } from '../../db/database.js'
import { callRows } from '../../journal/read/call-rows.js'

/**
 * Refuses an empty caller's number. Unknown callers can have an empty number, and an unset variable of a script gives
 * one too. So an empty number never stands for a person.
 *
 * @throws AppError `request.invalid`
 */
export function checkNumber(number: string): void {
  if (number.trim() === '')
    throw new AppError('request.invalid', "Give the caller's number, as the PBX gives it: it is empty.")
}

/**
 * Finds the stored form of a typed number: as typed if anything is stored under it, else as a PBX gives it. So
 * `+7 495 123-45-67` finds the data of `+74951234567`.
 *
 * @throws AppError `request.invalid` for an empty number; the errors of the database
 */
export async function meantNumber(db: Db, typed: string): Promise<string> {
  checkNumber(typed)
  const plain = plainNumber(typed)
  return plain === typed || (await isStored(db, typed)) ? typed : plain
}

/** Whether a call, a hold or a request has exactly this number. */
async function isStored(db: Db, number: string): Promise<boolean> {
  const calls = await callRows(db, { caller: number, limit: 1 })
  if (calls.length > 0) return true
  const { rows } = await sql<{ found: boolean }>`select exists (select from hold where number = ${number})
    or exists (select from rights_request where number = ${number}) as found`.execute(db)
  return rows[0]!.found
}
