import { sodiumModule, withHeap } from './heap.js'

/** Length of every symmetric key and of the commitment in bytes. */
export const KEY_BYTES = 32

const COMMITMENT = Buffer.from('consentry commitment 1')
const STREAM_KEY = Buffer.from('consentry stream key 1')
/** Context of `crypto_kdf`. libsodium requires exactly 8 bytes. */
const SEGMENTS = Buffer.from('segments')

/** Keyed BLAKE2b with 32 bytes of output (libsodium `crypto_generichash`, RFC 7693). */
const blake2b = (key: Uint8Array, ...message: Uint8Array[]): Buffer =>
  withHeap(heap => {
    const joined = Buffer.concat(message)
    const out = heap.allocate(KEY_BYTES)
    const text = heap.copyIn(joined)
    sodiumModule._crypto_generichash(out, KEY_BYTES, text, joined.length, 0, heap.copyIn(key), key.length)
    return heap.copyOut(out, KEY_BYTES)
  })

/**
 * Computes the commitment that binds a container to one data key and to every byte of its header. With another key or
 * another header the commitment differs.
 */
export const commitment = (dataKey: Uint8Array, header: Uint8Array): Buffer =>
  blake2b(dataKey, COMMITMENT, header)

/** Derives the key from which all segment keys are derived. It depends on the data key and on the header. */
export const streamKey = (dataKey: Uint8Array, header: Uint8Array): Buffer =>
  blake2b(dataKey, STREAM_KEY, header)

/** Derives the key of one segment's stream (libsodium `crypto_kdf`). */
export const segmentKey = (key: Uint8Array, segment: number): Buffer =>
  withHeap(heap => {
    const out = heap.allocate(KEY_BYTES)
    sodiumModule._crypto_kdf_derive_from_key(
      out,
      KEY_BYTES,
      segment,
      0,
      heap.copyIn(SEGMENTS),
      heap.copyIn(key),
    )
    return heap.copyOut(out, KEY_BYTES)
  })
