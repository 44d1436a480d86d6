import type { SealedChunk } from '../crypto/types.js'

/** Where sealed audio is kept. Names are `<purpose>/<YYYY>/<MM>/<DD>/<part id>.ctry`. */
export interface ObjectStore {
  /**
   * A new object, whose name is durable once this resolves.
   * @throws AppError `store.unwritable`, also if the name is taken
   */
  create(name: string): Promise<ObjectWriter>
  /** @throws AppError `not-found` */
  open(name: string): Promise<ObjectSource>
  /** Every object of the store, in no order. */
  list(): AsyncIterable<{ name: string; size: number }>
  /** Harmless if the object is not there. */
  remove(name: string): Promise<void>
  /** Absolute path (or URL) of an object. */
  locate(name: string): string
  /** @throws AppError `store.unwritable` */
  checkWritable(): Promise<void>
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
  /** Up to `length` bytes; fewer only at the end. */
  read(offset: number, length: number): Promise<Buffer>
  close(): Promise<void>
}
