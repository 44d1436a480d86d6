import type { AppError } from '../../shared/errors.js'
import type { SealedChunk } from '../crypto/types.js'

/** Where sealed audio is kept. Names are `<purpose>/<YYYY>/<MM>/<DD>/<part id>.ctry`. */
export interface ObjectStore {
  /**
   * A new object, whose name is durable once this resolves.
   * @throws AppError `store.unwritable`, also if the name is taken
   */
  create(name: string): Promise<ObjectWriter>
  /** @throws AppError `not-found`; `store.unwritable` if it may be there, and cannot be read, or its place is not there */
  open(name: string): Promise<ObjectSource>
  /**
   * Whether something stands under this name, be it readable or not.
   * @throws AppError `store.unwritable` if that cannot be told, `config.invalid` if the purpose has no place
   */
  has(name: string): Promise<boolean>
  /** Every object of the store, in no order; when it was last written to, ms since the epoch. */
  list(): AsyncIterable<{ name: string; size: number; modifiedAt: number }>
  /** Objects that lie in the place of another purpose, where nothing opens or destroys them: their absolute paths. */
  misplaced(): AsyncIterable<string>
  /**
   * As `remove`, of many at once and for the price of few. Never rejects.
   * @returns those that could not be removed, each with its AppError
   */
  removeAll(names: readonly string[]): Promise<Map<string, AppError>>
  /** Harmless if the object is not there. */
  remove(name: string): Promise<void>
  /** Absolute path (or URL) of an object; its bare name if its purpose has no place. */
  locate(name: string): string
  /** Whether there is a place for recordings of this purpose. */
  accepts(purpose: string): boolean
  /** Room for recordings of this purpose, bytes; undefined if it is not known. */
  freeSpace(purpose: string): Promise<{ free: number; size: number } | undefined>
  /**
   * That the place of this purpose is there, and is the one it was.
   * @throws AppError `store.unwritable`, `config.invalid` if the purpose has no place
   */
  checkMounted(purpose: string): Promise<void>
  /** @throws AppError `store.unwritable`, `config.invalid` if the purpose has no place */
  checkWritable(purpose: string): Promise<void>
}

/** The one writer of one object. */
export interface ObjectWriter {
  /**
   * Resolves once the chunks, and all before them, are durable.
   * @throws AppError `store.unwritable`; the object then takes nothing more
   */
  append(chunks: SealedChunk[]): Promise<void>
  /** Waits for what was appended. */
  close(): Promise<void>
}

/** An object open for reading. */
export interface ObjectSource {
  /** Bytes, when it was opened. */
  readonly size: number
  /**
   * Up to `length` bytes; fewer only at the end.
   * @throws AppError `store.unwritable` if the system does not let it be read
   */
  read(offset: number, length: number): Promise<Buffer>
  /**
   * Resolves once everything that was written to the object so far is durable, whoever wrote it.
   * @throws AppError `store.unwritable`
   */
  sync(): Promise<void>
  close(): Promise<void>
}
