/**
 * Bytes of a container that may be written to a disk: the header or ciphertext. A store accepts no other type. The protected
 * field makes the type nominal, and only `vault/crypto` imports this file, so no other room can create a value. A test checks
 * that.
 */
export class SealedChunk {
  readonly bytes: Buffer
  protected readonly sealed = true

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }
}
