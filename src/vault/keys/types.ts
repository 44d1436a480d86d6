import type { AppError } from '../../shared/errors.js'
import type { PartId } from '../../shared/ids.js'

/** Where a part's key file stands: `<purpose>/<due>/<part>`. */
export interface KeyRef {
  purpose: string
  /** Day on which it must be destroyed, YYYY-MM-DD. */
  due: string
  part: PartId
}

/** A key file in a listing. */
export interface KeyEntry extends KeyRef {
  /** When it was last written, ms since the epoch. */
  modifiedAt: number
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
  list(): AsyncIterable<KeyEntry>
  /** Key files that lie in the place of another purpose, where nothing opens or destroys them: their absolute paths. */
  misplaced(): AsyncIterable<string>
  /**
   * Absolute paths of a key file, one a mirror, whether it is there or not.
   * @throws AppError `config.invalid` if its purpose has no place
   */
  locate(ref: KeyRef): string[]
  /** Those of the paths of `locate` at which the key file is there. */
  existingPaths(ref: KeyRef): Promise<string[]>
  /** Whether there is a place for keys of this purpose. */
  accepts(purpose: string): boolean
  /**
   * Whether keys of this purpose can be made, tried on every mirror.
   * @throws AppError `store.unwritable`, `config.invalid` if the purpose has no place
   */
  checkWritable(purpose: string): Promise<void>
  /**
   * Replaces a key file on each mirror by what `change` makes of it, atomically; the old bytes are overwritten. A file that
   * is destroyed meanwhile stays destroyed. Only one process may do this at a time.
   * @param change undefined leaves the file as it is; what it throws ends the whole
   * @returns on how many mirrors it was replaced
   * @throws AppError `store.unwritable`; it can be repeated
   */
  reseal(ref: KeyRef, change: (wrapped: Buffer) => Buffer | undefined): Promise<number>
  /**
   * As `destroy`, of many at once and for the price of few. Never rejects: what could not be destroyed is told one by one.
   * @returns those that stood on no mirror, and those that a mirror could not destroy, each with its AppError
   */
  destroyAll(refs: readonly KeyRef[]): Promise<{ absent: KeyRef[]; failed: Map<KeyRef, AppError> }>
  /**
   * Overwrites, syncs and unlinks the file on every mirror; harmless if it is not there.
   * @throws AppError `store.unwritable` if a mirror could not; the others have been done, and it can be repeated
   */
  destroy(ref: KeyRef): Promise<void>
}
