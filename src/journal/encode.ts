import { randomBytes } from 'node:crypto'
import type { CallEvent } from '../shared/events.js'

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
    ...(personal && { personal, salt: randomBytes(SALT_BYTES).toString('hex') }),
  })
