import type { FileHandle } from 'node:fs/promises'
import { AppError } from '../../core/errors.js'
import { unwritable } from '../../lib/files/durable.js'
import type { Lane } from '../../lib/lane.js'
import type { SealedChunk } from '../crypto/types.js'
import type { Flushable, SyncGroup } from './sync-group.js'
import type { ObjectWriter } from './types.js'

interface PendingAppend {
  bytes: Buffer[]
  done(): void
  failed(error: AppError): void
}

/** Appends to one file. Chunks that arrive during a write are written with the next. */
export class DiskWriter implements ObjectWriter, Flushable {
  readonly #file: FileHandle
  readonly #name: string
  readonly #group: SyncGroup
  readonly #lane: Lane
  #pending: PendingAppend[] = []
  #writing: Promise<void> = Promise.resolve()
  #failure: AppError | undefined
  #closed = false

  constructor(file: FileHandle, name: string, group: SyncGroup, lane: Lane) {
    this.#file = file
    this.#name = name
    this.#group = group
    this.#lane = lane
  }

  append(chunks: SealedChunk[]): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    if (this.#closed)
      return Promise.reject(new AppError('store.unwritable', `object ${this.#name} is closed`))
    return new Promise((done, failed) => {
      this.#pending.push({ bytes: chunks.flatMap(({ pieces }) => pieces), done, failed })
      this.#group.add(this)
    })
  }

  /** Writes and syncs all pending chunks, after the previous flush, so that the chunks stay in order. Never rejects. */
  flush(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#lane.run(() => this.#write()))
    return this.#writing
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.flush()
    await this.#lane.run(() => this.#file.close())
  }

  async #write(): Promise<void> {
    const batch = this.#pending
    this.#pending = []
    if (batch.length === 0) return
    try {
      if (this.#failure) throw this.#failure
      await writeAll(
        this.#file,
        batch.flatMap(({ bytes }) => bytes),
      )
      await this.#file.datasync()
      for (const { done } of batch) done()
    } catch (error) {
      // The file may end within a chunk. A reader could not read anything after it, so nothing more is written.
      this.#failure ??= unwritable(`object ${this.#name}`, error)
      for (const { failed } of batch) failed(this.#failure)
    }
  }
}

/** Writes every byte, also when the system accepts only some at a time, as on a disk that fills up. */
async function writeAll(file: FileHandle, buffers: Buffer[]): Promise<void> {
  const total = buffers.reduce((sum, { length }) => sum + length, 0)
  if (total === 0) return
  const { bytesWritten } = await file.writev(buffers)
  if (bytesWritten === total) return
  const rest = Buffer.concat(buffers).subarray(bytesWritten)
  for (let at = 0; at < rest.length; ) at += (await file.write(rest, at)).bytesWritten
}
