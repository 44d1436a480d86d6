/**
 * Bytes of a container that may go to a disk: header or ciphertext. A store takes nothing else. The protected
 * field makes the type nominal, and this file is imported only within `vault/crypto`: a test holds that.
 */
export class SealedChunk {
  readonly bytes: Buffer
  protected readonly sealed = true

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }
}
