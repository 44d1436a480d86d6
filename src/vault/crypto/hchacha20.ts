import { createCipheriv } from 'node:crypto'

/** The constant of a ChaCha state, words 0-3. */
const CONSTANT = Buffer.from('expand 32-byte k')

/**
 * HChaCha20 (draft-irtf-cfrg-xchacha-03, section 2.2). XChaCha20 uses it to derive a key from a key and 16 bytes of nonce.
 *
 * OpenSSL does not offer HChaCha20, so this function computes it from ChaCha20. A ChaCha20 block is the permuted state plus
 * the initial state, word by word. HChaCha20 is words 0-3 and 12-15 of the permuted state. The initial words at these
 * positions are public (constant and nonce), so subtracting them leaves HChaCha20.
 *
 * @param key 32 bytes
 * @param input 16 bytes of nonce
 * @returns 32 bytes
 */
export function hchacha20(key: Uint8Array, input: Uint8Array): Buffer {
  const cipher = createCipheriv('chacha20', key, input)
  const block = cipher.update(Buffer.alloc(64))
  // `final` makes OpenSSL wipe its copy of the key now. Without it the copy stays until garbage collection.
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
