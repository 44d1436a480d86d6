import { AppError } from '../shared/errors.js'

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
