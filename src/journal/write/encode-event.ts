import { randomBytes } from 'node:crypto'
import type { CallEvent, PersonalData } from '../../shared/events.js'
import { personalHash } from '../../shared/personal-hash.js'

/** Bytes of the salt of a personal part. A hash of a phone number without salt is guessed in seconds. */
const SALT_BYTES = 16

/**
 * Encodes an event as a row of the JSON array in `write-batch.ts`, with the field names used there.
 *
 * @throws RangeError, TypeError for a value that JSON or the calendar cannot express
 */
export const encodeEvent = ({ id, call, at, type, data, personal }: CallEvent): string =>
  JSON.stringify({
    uuid: id,
    call_id: call,
    at: new Date(at).toISOString(),
    type,
    data,
    ...(personal && separatePersonal(personal)),
  })

/** The personal part, its salt, and the salted hash that stays in the event when the personal part is erased. */
function separatePersonal(personal: PersonalData) {
  const salt = randomBytes(SALT_BYTES)
  // The hash covers the data as it is read back. JSON leaves out undefined members.
  const kept: unknown = JSON.parse(JSON.stringify(personal))
  return { personal, salt: salt.toString('hex'), personal_hash: personalHash(salt, kept) }
}
