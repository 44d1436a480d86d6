import sodium from 'libsodium-wrappers'
import './ready.js'

/**
 * The functions of libsodium's WebAssembly module that touch secrets. The wrappers of libsodium-wrappers copy
 * every argument into the module's heap and free it unwiped; called like this, we own each copy and wipe it.
 * 64-bit numbers are passed as two halves, low half first.
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

/** Memory of libsodium's heap that is wiped before it is given back. */
export class HeapMemory {
  readonly #allocated: { at: number; length: number }[] = []

  /** An address with room for `length` bytes. */
  allocate(length: number): number {
    const at = sodiumModule._malloc(Math.max(1, length))
    this.#allocated.push({ at, length })
    return at
  }

  /** The address of a copy of `bytes`. */
  copyIn(bytes: Uint8Array): number {
    const at = this.allocate(bytes.length)
    // The heap's view is replaced whenever the heap grows, hence read afresh each time.
    sodiumModule.HEAPU8.set(bytes, at)
    return at
  }

  /** A copy of what stands at an address. */
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

/** Runs `work` with heap memory that is wiped when it returns or throws. */
export function withHeap<T>(work: (heap: HeapMemory) => T): T {
  const heap = new HeapMemory()
  try {
    return work(heap)
  } finally {
    heap.wipe()
  }
}
