import { access, type FileHandle, open, opendir, stat, statfs } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { AppError, codeOf } from '../../core/errors.js'
import { DISK } from '../../core/part-location.js'
import {
  checkFolderWritable,
  FILE_MODE,
  makeDurableFolder,
  syncFolder,
  unlessAbsent,
  unwritable,
} from '../../lib/files/durable.js'
import type { Marking } from '../../lib/files/marking.js'
import type { Lane } from '../../lib/lane.js'
import { joinWork } from '../../lib/work.js'
import type { SealedChunk } from '../crypto/types.js'
import { removeDurably } from '../remove-durably.js'
import { Volume } from '../volume.js'
import { openDiskSource } from './disk-source.js'
import { checkedName, isFolderName, isObjectName } from './object-name.js'
import type { ObjectSource, ObjectStore, ObjectWriter } from './types.js'

/**
 * How long an append may wait for others before it is written and synced, ms. A block may be in memory only for 1 s, so this is
 * well below. It is long enough that hundreds of running calls share a few commits of the file system's journal.
 */
const MAX_WAIT = 200

/** A writer that can write and sync its pending data. */
interface Flushable {
  /** Never rejects. */
  flush(): Promise<void>
}

/** Makes the writers of all running recordings write and sync at the same time. */
export class SyncGroup {
  readonly #waiting = new Set<Flushable>()
  #timer: NodeJS.Timeout | undefined

  /** Calls `flush` of `writer` within `MAX_WAIT`. */
  add(writer: Flushable): void {
    this.#waiting.add(writer)
    this.#timer ??= setTimeout(() => this.#flush(), MAX_WAIT)
  }

  #flush(): void {
    this.#timer = undefined
    for (const writer of this.#waiting) void writer.flush()
    this.#waiting.clear()
  }
}

/**
 * Free space in bytes below which no new recording begins. Hundreds of running recordings need it to store the blocks that they
 * hold, 64 KB for both legs of each.
 */
const MIN_FREE_BYTES = 32 * 1024 * 1024

/**
 * Opens a store in a folder of this machine. Folders get mode 0700, files 0600.
 *
 * @param folder absolute path
 * @param marking as in {@link Volume.open}
 * @throws AppError `store.unwritable`
 */
export async function openDiskStore(folder: string, marking?: Marking): Promise<ObjectStore> {
  return new DiskStore(await Volume.open(folder, 'recordings', marking))
}

class DiskStore implements ObjectStore {
  readonly location = DISK
  readonly #volume: Volume
  readonly #folder: string
  readonly #group = new SyncGroup()

  constructor(volume: Volume) {
    this.#volume = volume
    this.#folder = volume.folder
  }

  async create(name: string): Promise<ObjectWriter> {
    return this.#volume.lane.run(() => this.#create(name))
  }

  async #create(name: string): Promise<ObjectWriter> {
    const path = this.locate(name)
    await this.#volume.check()
    try {
      await makeDurableFolder(dirname(path))
      const file = await open(path, 'ax', FILE_MODE)
      await syncFolder(dirname(path)).catch(async error => {
        await file.close()
        throw error
      })
      return new DiskWriter(file, name, this.#group, this.#volume.lane)
    } catch (error) {
      throw unwritable(`object ${name}`, error)
    }
  }

  async open(name: string): Promise<ObjectSource> {
    try {
      return await openDiskSource(this.locate(name))
    } catch (error) {
      if (codeOf(error) === 'not-found') await this.#volume.check()
      throw error
    }
  }

  async has(name: string): Promise<boolean> {
    const path = this.locate(name)
    const exists = await unlessAbsent(
      access(path).then(() => true),
      false,
    ).catch(error => {
      throw unwritable(`object ${name}`, error)
    })
    if (!exists) await this.#volume.check()
    return exists
  }

  async *list(): AsyncGenerator<{ name: string; size: number; modifiedAt: number }> {
    await this.#volume.check()
    for await (const path of filesBelow(this.#folder)) {
      const name = relative(this.#folder, path)
      if (!isObjectName(name)) continue
      // The file may be destroyed during the listing.
      const found = await stat(path).catch(() => undefined)
      if (found) yield { name, size: found.size, modifiedAt: found.mtimeMs }
    }
  }

  /** Yields nothing: this store holds every purpose. */
  async *misplaced(): AsyncGenerator<string> {}

  accepts(): boolean {
    return true
  }

  async removeAll(names: readonly string[]): Promise<Map<string, AppError>> {
    const { failed } = await removeDurably(
      names.map(name => this.locate(name)),
      { checkVolume: () => this.#volume.check() },
    )
    const faults = names.flatMap(name => {
      const cause = failed.get(this.locate(name))
      return cause === undefined ? [] : [[name, unwritable(`object ${name}`, cause)] as const]
    })
    return new Map(faults)
  }

  async remove(name: string): Promise<void> {
    const faults = await this.#volume.lane.run(() => this.removeAll([name]))
    for (const fault of faults.values()) throw fault
  }

  locate(name: string): string {
    return join(this.#folder, checkedName(name))
  }

  async freeSpace() {
    const { bavail, bsize, blocks } = await statfs(this.#folder)
    // Some network file systems do not report their size.
    return blocks > 0 ? { free: bavail * bsize, size: blocks * bsize } : undefined
  }

  async checkMounted(): Promise<void> {
    await this.#volume.check()
  }

  readonly checkWritable = joinWork(() => this.#volume.lane.run(() => this.#checkWritable()))

  async #checkWritable(): Promise<void> {
    await this.#volume.check()
    try {
      await checkFolderWritable(this.#folder)
      const room = await this.freeSpace()
      if (room && room.free < MIN_FREE_BYTES)
        throw Object.assign(new Error('nearly full'), { code: 'ENOSPC' })
    } catch (error) {
      throw unwritable(`store ${this.#folder}`, error)
    }
  }
}

/** One name in a listing of a folder. */
interface Entry {
  name: string
  isDirectory(): boolean
  isFile(): boolean
}

type ListFolder = (folder: string) => Promise<AsyncIterable<Entry>>

/**
 * Yields the files of a folder and of its subfolders that may hold objects. Other subfolders are skipped: only root can
 * read the `lost+found` of a volume. Node's recursive `opendir` ends each folder after 32 entries (Node 20).
 *
 * @param list lists one folder
 * @throws the system's error; ignores a folder that was removed
 */
export async function* filesBelow(folder: string, list: ListFolder = opendir): AsyncGenerator<string> {
  const entries = await unlessAbsent<AsyncIterable<Entry> | undefined>(list(folder), undefined)
  for await (const entry of entries ?? []) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (isFolderName(entry.name)) yield* filesBelow(path, list)
    } else if (entry.isFile()) yield path
  }
}

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
