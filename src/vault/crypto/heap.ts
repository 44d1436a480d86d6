import sodium from 'libsodium-wrappers'
import './ready.js'

/**
 * The functions of libsodium's WebAssembly module that handle secrets. libsodium-wrappers copies every argument into the
 * module's heap and frees the copy without wiping it. This code calls the module itself, so that it owns each copy and wipes
 * it. A 64-bit number is passed as two halves, the low half first.
 */
export interface SodiumModule {
  HEAPU8: Uint8Array
  _malloc(length: number): number
  _free(at: number): void
  _crypto_box_seal(out: number, m: number, mLow: number, mHigh: number, publicKey: number): number
  _crypto_box_seal_open(
    out: number,
    c: number,
    cLow: number,
    cHigh: number,
    pub: number,
    secret: number,
  ): number
  _crypto_generichash(
    out: number,
    outLength: number,
    m: number,
    mLow: number,
    mHigh: number,
    key: number,
    keyLength: number,
  ): number
  _crypto_kdf_derive_from_key(
    out: number,
    outLength: number,
    idLow: number,
    idHigh: number,
    context: number,
    key: number,
  ): number
  _crypto_secretstream_xchacha20poly1305_init_pull(state: number, header: number, key: number): number
  _crypto_secretstream_xchacha20poly1305_pull(
    state: number,
    m: number,
    mLength: number,
    tag: number,
    c: number,
    cLow: number,
    cHigh: number,
    ad: number,
    adLow: number,
    adHigh: number,
  ): number
}

export const sodiumModule = (sodium as unknown as { libsodium: SodiumModule }).libsodium

/** Memory in libsodium's heap. `wipe` overwrites all of it before it is freed. */
export class HeapMemory {
  readonly #allocated: { at: number; length: number }[] = []

  /** Returns the address of `length` new bytes. */
  allocate(length: number): number {
    const at = sodiumModule._malloc(Math.max(1, length))
    this.#allocated.push({ at, length })
    return at
  }

  /** Copies `bytes` into the heap and returns the address of the copy. */
  copyIn(bytes: Uint8Array): number {
    const at = this.allocate(bytes.length)
    // Read `HEAPU8` each time: the module replaces it whenever its heap grows.
    sodiumModule.HEAPU8.set(bytes, at)
    return at
  }

  /** Copies `length` bytes from an address out of the heap. */
  copyOut(at: number, length: number): Buffer {
    return Buffer.from(sodiumModule.HEAPU8.subarray(at, at + length))
  }

  wipe(): void {
    for (const { at, length } of this.#allocated.splice(0)) {
      sodiumModule.HEAPU8.fill(0, at, at + length)
      sodiumModule._free(at)
    }
  }
}

/** Runs `work` with heap memory, and wipes that memory when `work` returns or throws. */
export function withHeap<T>(work: (heap: HeapMemory) => T): T {
  const heap = new HeapMemory()
  try {
    return work(heap)
  } finally {
    heap.wipe()
  }
}
