import type { PartId } from '../../shared/ids.js'

/** Where a part's key file stands: `<purpose>/<due>/<part>`. */
export interface KeyRef {
  purpose: string
  /** Day on which it must be destroyed, YYYY-MM-DD. */
  due: string
  part: PartId
}

/** The only place where sealed data keys stand; who destroys one destroys the recording. */
export interface KeyStore {
  /**
   * Resolves once the key file, its name and its folders are durable on every mirror.
   * @throws AppError `store.unwritable`, also if the part has a key file already; then nothing new is left on any mirror
   */
  put(ref: KeyRef, wrapped: Buffer): Promise<void>
  /** @throws AppError `not-found` if no mirror has it */
  get(ref: KeyRef): Promise<Buffer>
  find(part: PartId): Promise<KeyRef | undefined>
  /** Every key file, once, even if only one mirror has it. */
  list(): AsyncIterable<KeyRef & { modifiedAt: number }>
  /**
   * Overwrites, syncs and unlinks the file on every mirror; harmless if it is not there.
   * @throws AppError `store.unwritable` if a mirror could not; the others have been done, and it can be repeated
   */
  destroy(ref: KeyRef): Promise<void>
}
