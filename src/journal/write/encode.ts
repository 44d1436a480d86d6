import { randomBytes } from 'node:crypto'
import { personalHash } from '../../shared/canonical-json.js'
import type { CallEvent, PersonalData } from '../../shared/events.js'

/** Bytes of the salt beside personal data: without it, a hash of a phone number is guessed in seconds. */
const SALT_BYTES = 16

/**
 * One event as a row of the batch's JSON array; the field names are those of `write-batch.ts`.
 *
 * @throws RangeError, TypeError for what JSON or the calendar cannot express
 */
export const encodeEvent = ({ id, call, at, type, data, personal }: CallEvent): string =>
  JSON.stringify({
    uuid: id,
    call_id: call,
    at: new Date(at).toISOString(),
    type,
    data,
    ...(personal && apart(personal)),
  })

/** Personal data with what is to remain of it in the event: a hash that says nothing without the salt. */
function apart(personal: PersonalData) {
  const salt = randomBytes(SALT_BYTES)
  // As it will be read back: JSON leaves out what is undefined.
  const kept: unknown = JSON.parse(JSON.stringify(personal))
  return { personal, salt: salt.toString('hex'), personal_hash: personalHash(salt, kept) }
}
