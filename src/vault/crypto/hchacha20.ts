import { createCipheriv } from 'node:crypto'

/** The constant of a ChaCha state, words 0-3. */
const CONSTANT = Buffer.from('expand 32-byte k')

/**
 * HChaCha20 (draft-irtf-cfrg-xchacha-03, 2.2): the key that XChaCha20 derives from a key and 16 bytes of nonce.
 *
 * OpenSSL has no such call, but a ChaCha20 block is the permuted state plus the initial state, word by word, and
 * HChaCha20 is words 0-3 and 12-15 of the permuted state; both initial values are public, so they are taken off again.
 */
export function hchacha20(key: Uint8Array, input: Uint8Array): Buffer {
  const cipher = createCipheriv('chacha20', key, input)
  const block = cipher.update(Buffer.alloc(64))
  // Frees and wipes OpenSSL's copy of the key now, not when it is collected.
  cipher.final()
  const nonce = Buffer.from(input)
  const out = Buffer.alloc(32)
  for (let at = 0; at < 16; at += 4) {
    out.writeInt32LE((block.readInt32LE(at) - CONSTANT.readInt32LE(at)) | 0, at)
    out.writeInt32LE((block.readInt32LE(48 + at) - nonce.readInt32LE(at)) | 0, 16 + at)
  }
  block.fill(0)
  return out
}
