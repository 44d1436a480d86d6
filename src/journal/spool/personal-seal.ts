import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** ChaCha20-Poly1305 (RFC 8439). Lengths are in bytes. Random nonces are safe for 2^32 events under one key. */
const CIPHER = 'chacha20-poly1305'
export const KEY_BYTES = 32
const NONCE_BYTES = 12
const MAC_BYTES = 16

/** The members of a journal row that the spool uses. */
interface Row {
  uuid: string
  personal?: unknown
  salt?: string
  sealed?: string
}

/**
 * Encrypts the personal part of a row and its salt, and binds them to the event's id.
 *
 * @param row JSON from `encodeEvent`
 * @returns JSON of the row; unchanged if it has no personal part
 */
export function sealRow(row: string, key: Uint8Array): string {
  const { personal, salt, ...open } = JSON.parse(row) as Row
  if (personal === undefined) return row
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: MAC_BYTES })
  cipher.setAAD(Buffer.from(open.uuid), { plaintextLength: 0 })
  const text = [cipher.update(JSON.stringify({ personal, salt })), cipher.final()]
  return JSON.stringify({
    ...open,
    sealed: Buffer.concat([nonce, ...text, cipher.getAuthTag()]).toString('base64'),
  })
}

/**
 * Decrypts a row from `sealRow`. Without its key the row is returned as after an erasure, with only the hash of the personal
 * part.
 *
 * @param spooled JSON from the spool
 * @returns `whole` is false if the personal part could not be decrypted
 */
export function openRow(spooled: string, key: Uint8Array | undefined): { row: string; whole: boolean } {
  const { sealed, ...open } = JSON.parse(spooled) as Row
  if (sealed === undefined) return { row: spooled, whole: true }
  const bytes = Buffer.from(sealed, 'base64')
  try {
    if (!key) throw new Error('The key is lost')
    const nonce = bytes.subarray(0, NONCE_BYTES)
    const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: MAC_BYTES })
    decipher.setAAD(Buffer.from(open.uuid), { plaintextLength: 0 })
    decipher.setAuthTag(bytes.subarray(-MAC_BYTES))
    const text = [decipher.update(bytes.subarray(NONCE_BYTES, -MAC_BYTES)), decipher.final()]
    return {
      row: JSON.stringify({ ...open, ...(JSON.parse(Buffer.concat(text).toString()) as object) }),
      whole: true,
    }
  } catch {
    return { row: JSON.stringify(open), whole: false }
  }
}
