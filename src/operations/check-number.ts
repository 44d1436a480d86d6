import { type Db, sql } from '../db/database.js'
import { AppError } from '../shared/errors.js'
import { plainNumber } from '../shared/typed-number.js'

/**
 * Checks a caller's number before anything is done about it. Calls of unknown callers can have an empty number, and an unset
 * variable of a script gives one too. So an empty number never stands for a person.
 *
 * @throws AppError `request.invalid`
 */
export function checkNumber(number: string): void {
  if (number.trim() === '')
    throw new AppError('request.invalid', "Give the caller's number, as the PBX gives it: it is empty.")
}

/**
 * The number that somebody means: as it was typed if anything is stored under that, else as a PBX gives it, so that `+7 495 123-45-67`
 * finds what is stored under `+74951234567`.
 *
 * @throws AppError `request.invalid` for an empty number; the errors of the database
 */
export async function meantNumber(db: Db, typed: string): Promise<string> {
  checkNumber(typed)
  const plain = plainNumber(typed)
  return plain === typed || (await isStored(db, typed)) ? typed : plain
}
