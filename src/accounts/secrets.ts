import { createHash, randomBytes } from 'node:crypto'
import { Secret } from '../core/secret.js'

/** Random bytes of a link or a cookie. */
const BYTES = 32
/** The form of such a secret. Any other text is refused without a query. */
const FORM = /^[A-Za-z0-9_-]{43}$/

/** Draws the secret of a link or a cookie. */
export const newSecret = (): Secret => new Secret(randomBytes(BYTES).toString('base64url'))

/** SHA-256, which is stored in place of the secret. Undefined for a text of another form. */
export const hashOfSecret = (text: string): Buffer | undefined =>
  FORM.test(text) ? createHash('sha256').update(text).digest() : undefined
