import { join } from 'node:path'
import { AppError } from '../../core/errors.js'
import { isUuid, type PartId } from '../../core/ids.js'

/** What identifies a key file. Its path in a key store is `<purpose>/<due>/<part>`. */
export interface KeyRef {
  purpose: string
  /** Day on which the key must be destroyed, YYYY-MM-DD. */
  due: string
  part: PartId
}

/** A key file in a listing. */
export interface KeyEntry extends KeyRef {
  /** Time of the last write, ms since the epoch. */
  modifiedAt: number
}

/** A key store. It holds the only copies of the data keys, so destroying a key destroys the part. */
export interface KeyStore {
  /**
   * Writes a key file. It is durable on every mirror when the promise resolves.
   * @throws AppError `store.unwritable`, also if the part has a key file; no mirror then has a new file
   */
  put(ref: KeyRef, wrapped: Buffer): Promise<void>
  /** @throws AppError `not-found` if no mirror has it */
  get(ref: KeyRef): Promise<Buffer>
  /** Finds the key file of a part without knowing purpose and due day. */
  find(part: PartId): Promise<KeyRef | undefined>
  /** Lists every key file once, also if only one mirror has it. */
  list(): AsyncIterable<KeyEntry>
  /** Lists absolute paths of key files in the key store of another purpose, where nothing opens or destroys them. */
  misplaced(): AsyncIterable<string>
  /**
   * Returns the absolute path of a key file on each mirror, whether the file exists or not.
   * @throws AppError `config.invalid` if the purpose has no location
   */
  locate(ref: KeyRef): string[]
  /** Returns those paths of `locate` at which the key file exists. */
  existingPaths(ref: KeyRef): Promise<string[]>
  /** Whether the purpose has a location. */
  accepts(purpose: string): boolean
  /**
   * Resolves if key files of this purpose can be written on every mirror.
   * @throws AppError `store.unwritable`, `config.invalid` if the purpose has no location
   */
  checkWritable(purpose: string): Promise<void>
  /**
   * Replaces a key file on each mirror atomically and overwrites the old bytes. A file that is destroyed at the same time stays
   * destroyed. Only one process may do this at a time.
   * @param change returns the new content for the old content, or undefined to leave the file as it is
   * @returns on how many mirrors the file was replaced
   * @throws AppError `store.unwritable`; the call can be repeated
   */
  reseal(ref: KeyRef, change: (wrapped: Buffer) => Buffer | undefined): Promise<number>
  /**
   * Destroys many key files with few syncs. Never rejects.
   * @returns the keys that no mirror had, and those that a mirror could not destroy, each with its error
   */
  destroyAll(refs: readonly KeyRef[]): Promise<{ absent: KeyRef[]; failed: Map<KeyRef, AppError> }>
  /**
   * Overwrites, syncs and unlinks the key file on every mirror. Does nothing if it does not exist.
   * @throws AppError `store.unwritable` if a mirror failed; the other mirrors are done, and the call can be repeated
   */
  destroy(ref: KeyRef): Promise<void>
}

const slug = /^[a-z0-9][a-z0-9-]{0,63}$/
const day = /^\d{4}-\d{2}-\d{2}$/

/** Whether a text may be the name of a purpose's folder. */
export const isPurpose = (text: string): boolean => slug.test(text)

/** Whether a text may be the name of a day's folder. */
export const isDay = (text: string): boolean => day.test(text) && !Number.isNaN(Date.parse(text))

/** Whether a text may be the name of a key file. */
export const isPart = (text: string): text is PartId => isUuid(text)

/**
 * Returns the path of a key file. The path is always inside the folder.
 *
 * @throws AppError `key.refused` if purpose, day or part has the wrong format
 */
export function keyPath(folder: string, { purpose, due, part }: KeyRef): string {
  if (!isPurpose(purpose) || !isDay(due) || !isPart(part))
    throw new AppError('key.refused', 'the path of a key file must be <purpose>/<YYYY-MM-DD>/<part id>')
  return join(folder, purpose, due, part)
}
