import { access, open, stat, statfs } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { type AppError, codeOf } from '../../core/errors.js'
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
import { joinWork } from '../../lib/join-work.js'
import { removeDurably } from '../remove-durably.js'
import { Volume } from '../volume.js'
import { openDiskSource } from './disk-source.js'
import { DiskWriter } from './disk-writer.js'
import { filesBelow } from './files-below.js'
import { checkedName, isObjectName } from './object-name.js'
import { SyncGroup } from './sync-group.js'
import type { ObjectSource, ObjectStore, ObjectWriter } from './types.js'

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
