import type { AppError } from '../../core/errors.js'
import type { PartLocation } from '../../core/part-location.js'
import type { SealedChunk } from '../crypto/types.js'

/**
 * Where running recordings are written. An object grows, and each append is durable within a second. Objects are named
 * `<purpose>/<YYYY>/<MM>/<DD>/<part id>.ctry`.
 */
export interface AppendStore {
  /** Where a part lies whose object is in this store. */
  readonly location: PartLocation
  /**
   * Creates an object. Its name is durable when the promise resolves.
   * @throws AppError `store.unwritable`, also if an object has that name; `config.invalid` if the purpose has no location
   */
  create(name: string): Promise<ObjectWriter>
  /** Removes an object durably. Does nothing if it does not exist. @throws AppError `store.unwritable` */
  remove(name: string): Promise<void>
  /** Whether the purpose has a location. */
  accepts(purpose: string): boolean
  /** Returns free space and size of the disk of this purpose in bytes; undefined if they are unknown. */
  freeSpace(purpose: string): Promise<{ free: number; size: number } | undefined>
  /**
   * Resolves if recordings of this purpose can be written.
   * @throws AppError `store.unwritable`, `config.invalid` if the purpose has no location
   */
  checkWritable(purpose: string): Promise<void>
}

/** Where recordings are kept. An object is read, listed and removed as a whole. It has a name as in an `AppendStore`. */
export interface Archive {
  /** Where a part lies whose object is in this archive. */
  readonly location: PartLocation
  /** @throws AppError `not-found`; `store.unwritable` if the object cannot be read or its volume is not mounted */
  open(name: string): Promise<ObjectSource>
  /**
   * Whether an object has this name, readable or not.
   * @throws AppError `store.unwritable` if that is unknown, `config.invalid` if the purpose has no location
   */
  has(name: string): Promise<boolean>
  /** Lists every object in no order. `size` is in bytes, `modifiedAt` in ms since the epoch. */
  list(): AsyncIterable<{ name: string; size: number; modifiedAt: number }>
  /** Lists absolute paths of objects in the store of another purpose, where nothing opens or destroys them. */
  misplaced(): AsyncIterable<string>
  /**
   * Removes many objects with few syncs. Rejects only for a name that is not the name of an object.
   * @returns the objects that could not be removed, each with its error
   */
  removeAll(names: readonly string[]): Promise<Map<string, AppError>>
  /** Removes an object durably. Does nothing if it does not exist. @throws AppError `store.unwritable` */
  remove(name: string): Promise<void>
  /** Returns the absolute path of an object, or its name if its purpose has no location. */
  locate(name: string): string
  /**
   * Resolves if the right volume of this purpose is mounted.
   * @throws AppError `store.unwritable`, `config.invalid` if the purpose has no location
   */
  checkMounted(purpose: string): Promise<void>
}

/** A store that is both: a recording stays where it was written. */
export interface ObjectStore extends AppendStore, Archive {}

/** The one writer of one object. */
export interface ObjectWriter {
  /**
   * Resolves when the chunks and all before them are durable.
   * @throws AppError `store.unwritable`; every later append then fails too
   */
  append(chunks: SealedChunk[]): Promise<void>
  /** Closes the object after all appends have ended. */
  close(): Promise<void>
}

/** An object open for reading. */
export interface ObjectSource {
  /** Size in bytes when the object was opened. */
  readonly size: number
  /**
   * Reads `length` bytes at `offset`; fewer only at the end of the object.
   * @throws AppError `store.unwritable` if the object cannot be read
   */
  read(offset: number, length: number): Promise<Buffer>
  /**
   * Resolves when everything written to the object so far is durable, also by another process.
   * @throws AppError `store.unwritable`
   */
  sync(): Promise<void>
  close(): Promise<void>
}
