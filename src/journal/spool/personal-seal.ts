import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'

/** ChaCha20-Poly1305 (RFC 8439); lengths in bytes. Nonces are drawn at random, which does for 2^32 events under one key. */
const CIPHER = 'chacha20-poly1305'
export const KEY_BYTES = 32
const NONCE_BYTES = 12
const MAC_BYTES = 16

/** A row of the journal, as far as the spool has to know it. */
interface Row {
  uuid: string
  personal?: unknown
  salt?: string
  sealed?: string
}

/**
 * A row whose personal data, and the salt without which its hash says nothing, are sealed and bound to the event.
 *
 * @param row JSON, from the journal
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
 * The row that was sealed. Without its key the event is left as after an erasure: with a hash of what nobody knows.
 *
 * @returns `whole` false if there was something sealed that could not be opened
 */
export function openRow(spooled: string, key: Uint8Array | undefined): { row: string; whole: boolean } {
  const { sealed, ...open } = JSON.parse(spooled) as Row
  if (sealed === undefined) return { row: spooled, whole: true }
  const bytes = Buffer.from(sealed, 'base64')
  try {
    if (!key) throw new Error('The key is gone')
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
