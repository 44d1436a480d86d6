import { HeapMemory, sodiumModule, withHeap } from './heap.js'
import { STATE_BYTES, STREAM_OVERHEAD } from './stream-format.js'

/** Decrypts one stream of libsodium's `crypto_secretstream_xchacha20poly1305`. */
export class OpenStream {
  readonly #memory = new HeapMemory()
  readonly #state: number

  /** @param header the first 24 bytes of the stream */
  constructor(key: Uint8Array, header: Uint8Array) {
    this.#state = this.#memory.allocate(STATE_BYTES)
    withHeap(heap =>
      sodiumModule._crypto_secretstream_xchacha20poly1305_init_pull(
        this.#state,
        heap.copyIn(header),
        heap.copyIn(key),
      ),
    )
  }

  /**
   * Decrypts the next message.
   *
   * @param associated the associated data with which the message was encrypted
   * @returns the message and its tag; undefined if the message is not authentic
   */
  pull(ciphertext: Uint8Array, associated: Uint8Array): { message: Buffer; tag: number } | undefined {
    const length = ciphertext.length - STREAM_OVERHEAD
    if (length < 0) return undefined
    return withHeap(heap => {
      const message = heap.allocate(length)
      const tag = heap.allocate(1)
      const refused = sodiumModule._crypto_secretstream_xchacha20poly1305_pull(
        this.#state,
        message,
        0,
        tag,
        heap.copyIn(ciphertext),
        ciphertext.length,
        0,
        heap.copyIn(associated),
        associated.length,
        0,
      )
      if (refused !== 0) return undefined
      return { message: heap.copyOut(message, length), tag: heap.copyOut(tag, 1)[0]! }
    })
  }

  wipe(): void {
    this.#memory.wipe()
  }
}
