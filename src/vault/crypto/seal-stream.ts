import { createCipheriv, randomBytes } from 'node:crypto'
import { hchacha20 } from './hchacha20.js'
import { MAC_BYTES, PLAINTEXT_STEP, STREAM_HEADER_BYTES } from './stream-format.js'

/** Length in bytes of the block that carries the tag. Only its first byte is sent. */
const TAG_BLOCK_BYTES = 64
const NOTHING = Buffer.alloc(0)

/**
 * Encrypts one stream of libsodium's `crypto_secretstream_xchacha20poly1305`. The bytes are those that libsodium writes, but
 * OpenSSL's ChaCha20-Poly1305 (RFC 8439) computes them, because libsodium in WebAssembly takes three times as long. The time
 * saved pays for the container's SHA-256. `OpenStream` decrypts with libsodium itself, so every test that opens a container
 * also checks this class.
 *
 * One message is the cipher over `tag ‖ 63 zero bytes ‖ message`, of which the encrypted 63 bytes are not sent. The MAC of a
 * message is mixed into the nonce of the next message.
 *
 * secretstream pads its MAC input by `length mod 16`, RFC 8439 by `-length mod 16`. The two are equal only for lengths that
 * are multiples of 8 bytes, so this class refuses other lengths. secretstream changes its key when the 32-bit counter wraps or
 * after a final message. A stream ends before either, so this class never changes the key.
 */
export class SealStream {
  readonly header = randomBytes(STREAM_HEADER_BYTES)
  readonly #key: Buffer
  /** Message counter (4 bytes, from 1), then 8 bytes into which the MAC of each message is mixed. */
  readonly #nonce = Buffer.alloc(12)

  constructor(key: Uint8Array) {
    this.#key = hchacha20(key, this.header.subarray(0, 16))
    this.#nonce.writeUInt32LE(1, 0)
    this.header.copy(this.#nonce, 4, 16)
  }

  /**
   * Encrypts one message.
   *
   * @param parts the message in pieces, together a multiple of 8 bytes; the first one is copied, so it should be short
   * @param associated data that is authenticated but not encrypted
   * @param tag `TAG_MESSAGE` or `TAG_FINAL`
   * @returns the ciphertext in pieces, together 17 bytes longer than the message
   */
  push(parts: Uint8Array[], associated: Uint8Array, tag: number): Buffer[] {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    if (length % PLAINTEXT_STEP !== 0) throw new Error('the plaintext must be a multiple of 8 bytes')
    const cipher = createCipheriv('chacha20-poly1305', this.#key, this.#nonce, { authTagLength: MAC_BYTES })
    cipher.setAAD(associated, { plaintextLength: TAG_BLOCK_BYTES + length })
    const [first = NOTHING, ...others] = parts.filter(part => part.length > 0)
    // One call for both, because a call of the cipher costs as much as 1 KB of audio.
    const start = Buffer.allocUnsafe(TAG_BLOCK_BYTES + first.length).fill(0, 0, TAG_BLOCK_BYTES)
    start[0] = tag
    start.set(first, TAG_BLOCK_BYTES)
    const sealedStart = cipher.update(start)
    const sealed = [
      sealedStart.subarray(0, 1),
      sealedStart.subarray(TAG_BLOCK_BYTES),
      ...others.map(part => cipher.update(part)),
    ]
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
