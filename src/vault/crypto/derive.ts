import { inHeap, sodiumModule } from './heap.js'

/** Length of every symmetric key and of the commitment, bytes. */
export const KEY_BYTES = 32

const COMMITMENT = Buffer.from('consentry commitment 1')
const STREAM_KEY = Buffer.from('consentry stream key 1')
/** Context of `crypto_kdf`, exactly 8 bytes. */
const SEGMENTS = Buffer.from('segments')

/** Keyed BLAKE2b with 32 bytes of output (libsodium `crypto_generichash`, RFC 7693). */
const blake2b = (key: Uint8Array, ...message: Uint8Array[]): Buffer =>
  inHeap(heap => {
    const joined = Buffer.concat(message)
    const out = heap.room(KEY_BYTES)
    const text = heap.put(joined)
    sodiumModule._crypto_generichash(out, KEY_BYTES, text, joined.length, 0, heap.put(key), key.length)
    return heap.copy(out, KEY_BYTES)
  })

/** Binds a container to one data key and to every byte of its header, so that neither can be swapped. */
export const commitment = (dataKey: Uint8Array, header: Uint8Array): Buffer =>
  blake2b(dataKey, COMMITMENT, header)

/** The key from which the segments' keys come; another header gives another key. */
export const streamKey = (dataKey: Uint8Array, header: Uint8Array): Buffer =>
  blake2b(dataKey, STREAM_KEY, header)

/** The key of one segment's stream (libsodium `crypto_kdf`). */
export const segmentKey = (key: Uint8Array, segment: number): Buffer =>
  inHeap(heap => {
    const out = heap.room(KEY_BYTES)
    sodiumModule._crypto_kdf_derive_from_key(out, KEY_BYTES, segment, 0, heap.put(SEGMENTS), heap.put(key))
    return heap.copy(out, KEY_BYTES)
  })
