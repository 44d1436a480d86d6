import { createCipheriv, randomBytes } from 'node:crypto'
import { hchacha20 } from './hchacha20.js'
import { MAC_BYTES, STREAM_HEADER_BYTES } from './stream-format.js'

/** Bytes of the block that carries the tag; only its first byte is sent. */
const TAG_BLOCK_BYTES = 64
/** Plaintexts are multiples of this; see the class comment. */
const PLAINTEXT_STEP = 8

/**
 * The writing half of libsodium's `crypto_secretstream_xchacha20poly1305`, byte for byte, computed by OpenSSL's
 * ChaCha20-Poly1305 (RFC 8439): one message is that cipher over `tag ‖ 63 zero bytes ‖ message`, of which 63
 * bytes are not sent, and the next nonce takes up the message's MAC. libsodium in WebAssembly needs three times
 * as long, and what this saves pays for the container's SHA-256. The reading half is libsodium's own, so every
 * test that opens a container also proves this file.
 *
 * secretstream pads its MAC input by `length mod 16` where RFC 8439 pads by `-length mod 16`: the two agree
 * exactly for multiples of 8 bytes, so others are refused. A stream ends before its 32-bit counter can wrap and
 * nothing follows its final message, so the rekeying of secretstream never comes into play.
 */
export class SealStream {
  readonly header = randomBytes(STREAM_HEADER_BYTES)
  readonly #key: Buffer
  /** Message counter (4 bytes, from 1), then the 8 bytes that each message's MAC is mixed into. */
  readonly #nonce = Buffer.alloc(12)

  constructor(key: Uint8Array) {
    this.#key = hchacha20(key, this.header.subarray(0, 16))
    this.#nonce.writeUInt32LE(1, 0)
    this.header.copy(this.#nonce, 4, 16)
  }

  /**
   * @param parts the message, in pieces; together a multiple of 8 bytes
   * @returns the ciphertext in pieces, 17 bytes longer than the message
   */
  push(parts: Uint8Array[], associated: Uint8Array, tag: number): Buffer[] {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    if (length % PLAINTEXT_STEP !== 0) throw new Error('plaintext is not a multiple of 8 bytes')
    const cipher = createCipheriv('chacha20-poly1305', this.#key, this.#nonce, { authTagLength: MAC_BYTES })
    cipher.setAAD(associated, { plaintextLength: TAG_BLOCK_BYTES + length })
    const tagBlock = Buffer.alloc(TAG_BLOCK_BYTES)
    tagBlock[0] = tag
    const sealed = [cipher.update(tagBlock).subarray(0, 1), ...parts.map(part => cipher.update(part))]
    cipher.final()
    const mac = cipher.getAuthTag()
    this.#nonce.writeUInt32LE(this.#nonce.readUInt32LE(0) + 1, 0)
    for (let i = 0; i < 8; i++) this.#nonce[4 + i]! ^= mac[i]!
    return [...sealed, mac]
  }

  wipe(): void {
    this.#key.fill(0)
    this.#nonce.fill(0)
  }
}
