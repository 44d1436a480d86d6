import { randomBytes } from 'node:crypto'
import { access, readdir, readFile, rename, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { makeFolder, syncFolder, tryFolder, unlessAbsent, writeSynced } from '../../files/durable.js'
import type { Marking } from '../../files/marking.js'
import { shred } from '../../files/shred.js'
import type { PartId } from '../../shared/ids.js'
import { type Gone, removeDurably } from '../shred-all.js'
import { Volume } from '../volume.js'
import { destroyKey } from './destroy-key.js'
import { isDay, isPart, isPurpose, keyPath } from './key-path.js'
import { replaceKey } from './replace-key.js'
import type { KeyEntry, KeyRef } from './types.js'

/** Ends the name of a file that is not yet whole. */
const TEMPORARY = '.tmp'
/** A temporary file older than this was left by a crash, ms; a write takes far less. */
const STALE_AFTER = 10 * 60_000

/** One mirror of the key store. Throws the operating system's errors. */
export class KeyFolder {
  readonly path: string
  readonly #place: Volume

  private constructor(place: Volume) {
    this.#place = place
    this.path = place.folder
  }

  /**
   * @param marking as {@link Volume.open} has it
   * @throws AppError `store.unwritable`
   */
  static async open(path: string, marking?: Marking): Promise<KeyFolder> {
    return new KeyFolder(await Volume.open(path, 'keys', marking))
  }

  async checkWritable(): Promise<void> {
    await this.#place.lane.run(async () => {
      await this.#place.check()
      await tryFolder(this.path)
    })
  }

  /** Destroys what an interrupted `put` left. */
  async prepare(now: number): Promise<void> {
    for await (const folder of this.#days()) {
      for (const name of await readdir(folder.path)) {
        const path = join(folder.path, name)
        if (name.endsWith(TEMPORARY) && now - (await stat(path)).mtimeMs > STALE_AFTER) await shred(path)
      }
    }
  }

  put(ref: KeyRef, wrapped: Buffer): Promise<void> {
    return this.#place.lane.run(() => this.#put(ref, wrapped))
  }

  async #put(ref: KeyRef, wrapped: Buffer): Promise<void> {
    const path = keyPath(this.path, ref)
    const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}${TEMPORARY}`)
    await this.#place.check()
    await makeFolder(dirname(path))
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
    return this.#place.lane.run(() =>
      this.#unlessAbsent(
        access(keyPath(this.path, ref)).then(() => true),
        false,
      ),
    )
  }

  /** Undefined if there is no such file. */
  async get(ref: KeyRef): Promise<Buffer | undefined> {
    return this.#place.lane.run(() =>
      this.#unlessAbsent<Buffer | undefined>(readFile(keyPath(this.path, ref)), undefined),
    )
  }

  async find(part: PartId): Promise<KeyRef | undefined> {
    for await (const { purpose, due } of this.#days()) {
      const ref = { purpose, due, part }
      if (await this.has(ref)) return ref
    }
    return undefined
  }

  async *list(): AsyncGenerator<KeyEntry> {
    for await (const { purpose, due, path } of this.#days()) {
      for (const part of (await this.#names(path)).filter(isPart)) {
        const found = await unlessAbsent(stat(join(path, part)), undefined)
        if (found) yield { purpose, due, part, modifiedAt: found.mtimeMs }
      }
    }
  }

  /** @returns whether there was a file and `change` replaced it */
  async reseal(ref: KeyRef, change: (wrapped: Buffer) => Buffer | undefined): Promise<boolean> {
    const replaced = await replaceKey(keyPath(this.path, ref), change)
    if (!replaced) await this.#place.check()
    return replaced
  }

  /** @returns what became of each path that `keyPath` gives */
  async destroyAll(refs: readonly KeyRef[]): Promise<Gone> {
    return removeDurably(
      refs.map(ref => keyPath(this.path, ref)),
      { remove: destroyKey, there: () => this.#place.check() },
    )
  }

  async destroy(ref: KeyRef): Promise<void> {
    const { failed } = await this.#place.lane.run(() => this.destroyAll([ref]))
    for (const cause of failed.values()) throw cause
  }

  async *#days(): AsyncGenerator<{ purpose: string; due: string; path: string }> {
    await this.#place.check()
    for (const purpose of (await this.#names(this.path)).filter(isPurpose)) {
      const days = await this.#names(join(this.path, purpose))
      for (const due of days.filter(isDay)) yield { purpose, due, path: join(this.path, purpose, due) }
    }
  }

  #names(folder: string): Promise<string[]> {
    return this.#unlessAbsent(readdir(folder), [])
  }

  /** That nothing is there says something only where the folder is. */
  async #unlessAbsent<T>(work: Promise<T>, absent: T): Promise<T> {
    const found = await unlessAbsent<{ value: T } | undefined>(
      work.then(value => ({ value })),
      undefined,
    )
    if (found) return found.value
    await this.#place.check()
    return absent
  }
}
