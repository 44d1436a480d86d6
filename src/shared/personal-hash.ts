import { hash } from 'node:crypto'
import { canonical } from './canonical-json.js'

/** SHA-256, in hex, over the salt and the canonical JSON of personal data. */
export const personalHash = (salt: Uint8Array, personal: unknown): string =>
  hash('sha256', Buffer.concat([salt, Buffer.from(canonical(personal))]), 'hex')
