import { sodiumModule, withHeap } from './heap.js'

/** Length of every symmetric key and of the commitment, bytes. */
export const KEY_BYTES = 32

const COMMITMENT = Buffer.from('consentry commitment 1')
const STREAM_KEY = Buffer.from('consentry stream key 1')
/** Context of `crypto_kdf`, exactly 8 bytes. */
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

/** Binds a container to one data key and to every byte of its header, so that neither can be swapped. */
export const commitment = (dataKey: Uint8Array, header: Uint8Array): Buffer =>
  blake2b(dataKey, COMMITMENT, header)

/** The key from which the segments' keys come; another header gives another key. */
export const streamKey = (dataKey: Uint8Array, header: Uint8Array): Buffer =>
  blake2b(dataKey, STREAM_KEY, header)

/** The key of one segment's stream (libsodium `crypto_kdf`). */
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
