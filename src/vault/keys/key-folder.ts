import { randomBytes } from 'node:crypto'
import { access, readdir, readFile, rename, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { PartId } from '../../core/ids.js'
import {
  checkFolderWritable,
  makeDurableFolder,
  syncFolder,
  unlessAbsent,
  writeSynced,
} from '../../lib/files/durable.js'
import type { Marking } from '../../lib/files/marking.js'
import { shred } from '../../lib/files/shred.js'
import { type RemovalResult, removeDurably } from '../remove-durably.js'
import { Volume } from '../volume.js'
import { destroyKeyFile, replaceKeyFile } from './change-key-file.js'
import { isDay, isPart, isPurpose, keyPath } from './key-path.js'
import type { KeyEntry, KeyRef } from './types.js'

/** Suffix of an incomplete file. */
const TEMPORARY = '.tmp'
/** A temporary file older than this was left by a crash, ms. A write takes far less. */
const STALE_AFTER = 10 * 60_000

/** One mirror of the key store. Its methods throw the system's errors, and AppError `store.unwritable` if the volume is wrong. */
export class KeyFolder {
  readonly path: string
  readonly #volume: Volume

  private constructor(volume: Volume) {
    this.#volume = volume
    this.path = volume.folder
  }

  /**
   * @param path absolute path of the folder
   * @param marking as in {@link Volume.open}
   * @throws AppError `store.unwritable`
   */
  static async open(path: string, marking?: Marking): Promise<KeyFolder> {
    return new KeyFolder(await Volume.open(path, 'keys', marking))
  }

  async checkWritable(): Promise<void> {
    await this.#volume.lane.run(async () => {
      await this.#volume.check()
      await checkFolderWritable(this.path)
    })
  }

  /** Destroys temporary files that an interrupted `put` left. @param now ms since the epoch */
  async removeInterruptedWrites(now: number): Promise<void> {
    for await (const folder of this.#dueFolders()) {
      for (const name of await this.#namesIn(folder.path)) {
        if (!name.endsWith(TEMPORARY)) continue
        const path = join(folder.path, name)
        // Another process may have completed the file meanwhile, which then has its final name.
        const found = await unlessAbsent(stat(path), undefined)
        if (found && now - found.mtimeMs > STALE_AFTER) await shred(path)
      }
    }
  }

  put(ref: KeyRef, wrapped: Buffer): Promise<void> {
    return this.#volume.lane.run(() => this.#put(ref, wrapped))
  }

  async #put(ref: KeyRef, wrapped: Buffer): Promise<void> {
    const path = keyPath(this.path, ref)
    const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}${TEMPORARY}`)
    await this.#volume.check()
    await makeDurableFolder(dirname(path))
    try {
      await (await writeSynced(temporary, wrapped)).close()
      await rename(temporary, path)
      await syncFolder(dirname(path))
    } catch (error) {
      await shred(temporary)
      throw error
    }
  }

  async has(ref: KeyRef): Promise<boolean> {
    return this.#volume.lane.run(() =>
      this.#absentIfMounted(
        access(keyPath(this.path, ref)).then(() => true),
        false,
      ),
    )
  }

  /** Returns the content of a key file; undefined if absent. */
  async get(ref: KeyRef): Promise<Buffer | undefined> {
    return this.#volume.lane.run(() =>
      this.#absentIfMounted<Buffer | undefined>(readFile(keyPath(this.path, ref)), undefined),
    )
  }

  async find(part: PartId): Promise<KeyRef | undefined> {
    for await (const { purpose, due } of this.#dueFolders()) {
      const ref = { purpose, due, part }
      if (await this.has(ref)) return ref
    }
    return undefined
  }

  async *list(): AsyncGenerator<KeyEntry> {
    for await (const { purpose, due, path } of this.#dueFolders()) {
      for (const part of (await this.#namesIn(path)).filter(isPart)) {
        const found = await unlessAbsent(stat(join(path, part)), undefined)
        if (found) yield { purpose, due, part, modifiedAt: found.mtimeMs }
      }
    }
  }

  /** Replaces a key file as `replaceKeyFile` does. @returns whether it was replaced */
  async reseal(ref: KeyRef, change: (wrapped: Buffer) => Buffer | undefined): Promise<boolean> {
    const replaced = await replaceKeyFile(keyPath(this.path, ref), change)
    if (!replaced) await this.#volume.check()
    return replaced
  }

  /** Destroys key files. @returns the outcome by path, as `keyPath` gives it */
  async destroyAll(refs: readonly KeyRef[]): Promise<RemovalResult> {
    return removeDurably(
      refs.map(ref => keyPath(this.path, ref)),
      { remove: destroyKeyFile, checkVolume: () => this.#volume.check() },
    )
  }

  async destroy(ref: KeyRef): Promise<void> {
    const { failed } = await this.#volume.lane.run(() => this.destroyAll([ref]))
    for (const cause of failed.values()) throw cause
  }

  async *#dueFolders(): AsyncGenerator<{ purpose: string; due: string; path: string }> {
    await this.#volume.check()
    for (const purpose of (await this.#namesIn(this.path)).filter(isPurpose)) {
      const days = await this.#namesIn(join(this.path, purpose))
      for (const due of days.filter(isDay)) yield { purpose, due, path: join(this.path, purpose, due) }
    }
  }

  #namesIn(folder: string): Promise<string[]> {
    return this.#absentIfMounted(readdir(folder), [])
  }

  /** Returns `absent` for a missing file or folder, but only if the right volume is mounted. */
  async #absentIfMounted<T>(work: Promise<T>, absent: T): Promise<T> {
    const found = await unlessAbsent<{ value: T } | undefined>(
      work.then(value => ({ value })),
      undefined,
    )
    if (found) return found.value
    await this.#volume.check()
    return absent
  }
}
