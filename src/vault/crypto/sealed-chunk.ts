/**
 * Bytes of a container that may be written to a disk: the header or ciphertext. A store accepts no other type. The protected
 * field makes the type nominal, and only `vault/crypto` imports this file, so no other room can create a value. A test checks
 * that.
 */
export class SealedChunk {
  /** In order. They are not joined, because that would copy every byte of audio. */
  readonly pieces: readonly Buffer[]
  protected readonly sealed = true

  constructor(pieces: readonly Buffer[]) {
    this.pieces = pieces
  }
}
