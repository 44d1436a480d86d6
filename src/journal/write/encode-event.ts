import { randomBytes } from 'node:crypto'
import type { CallEvent, PersonalData } from '../../core/events.js'
import { separateTyped } from '../../core/typed-text.js'
import { personalHash } from '../../lib/canonical-json.js'

/** Bytes of the salt of a personal part. A hash of a phone number without salt is guessed in seconds. */
const SALT_BYTES = 16

/**
 * Encodes an event as a row of the JSON array in `write-batch.ts`, with the field names used there. Typed text goes
 * into the personal part.
 *
 * @throws RangeError, TypeError for a value that JSON or the calendar cannot express
 */
export function encodeEvent({ id, call, at, type, data, personal }: CallEvent): string {
  const { open, typed } = separateTyped(type, data as Record<string, unknown>)
  const apart = typed ? { ...personal, ...typed } : personal
  return JSON.stringify({
    uuid: id,
    call_id: call,
    at: new Date(at).toISOString(),
    type,
    data: open,
    ...(apart && separatePersonal(apart)),
  })
}

/** The personal part, its salt, and the salted hash that stays in the event when the personal part is erased. */
function separatePersonal(personal: PersonalData) {
  const salt = randomBytes(SALT_BYTES)
  // The hash covers the data as it is read back. JSON leaves out undefined members.
  const readBack: unknown = JSON.parse(JSON.stringify(personal))
  return { personal, salt: salt.toString('hex'), personal_hash: personalHash(salt, readBack) }
}
