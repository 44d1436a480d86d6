import { randomBytes } from 'node:crypto'
import { access, readdir, readFile, rename, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { PartId } from '../../shared/ids.js'
import { makeFolder, syncFolder, tryFolder } from '../durable.js'
import { type Gone, removeDurably } from '../shred-all.js'
import { destroyKey } from './destroy-key.js'
import { isDay, isPart, isPurpose, keyPath } from './key-path.js'
import { replaceKey } from './replace-key.js'
import { shred, unlessAbsent, writeSynced } from './shred.js'
import type { KeyEntry, KeyRef } from './types.js'

/** Ends the name of a file that is not yet whole. */
const TEMPORARY = '.tmp'
/** A temporary file older than this was left by a crash, ms; a write takes far less. */
const STALE_AFTER = 10 * 60_000

/** One mirror of the key store. Throws the operating system's errors. */
export class KeyFolder {
  readonly path: string

  constructor(path: string) {
    this.path = path
  }

  async checkWritable(): Promise<void> {
    await tryFolder(this.path)
  }

  /** Creates the folder and destroys what an interrupted `put` left. */
  async prepare(now: number): Promise<void> {
    await makeFolder(this.path)
    for await (const folder of this.#days()) {
      for (const name of await readdir(folder.path)) {
        const path = join(folder.path, name)
        if (name.endsWith(TEMPORARY) && now - (await stat(path)).mtimeMs > STALE_AFTER) await shred(path)
      }
    }
  }

  async put(ref: KeyRef, wrapped: Buffer): Promise<void> {
    const path = keyPath(this.path, ref)
    const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}${TEMPORARY}`)
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
    return unlessAbsent(
      access(keyPath(this.path, ref)).then(() => true),
      false,
    )
  }

  /** Undefined if there is no such file. */
  async get(ref: KeyRef): Promise<Buffer | undefined> {
    return unlessAbsent<Buffer | undefined>(readFile(keyPath(this.path, ref)), undefined)
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
      for (const part of (await names(path)).filter(isPart)) {
        const found = await unlessAbsent(stat(join(path, part)), undefined)
        if (found) yield { purpose, due, part, modifiedAt: found.mtimeMs }
      }
    }
  }

  /** @returns whether there was a file and `change` replaced it */
  async reseal(ref: KeyRef, change: (wrapped: Buffer) => Buffer | undefined): Promise<boolean> {
    return replaceKey(keyPath(this.path, ref), change)
  }

  /** @returns what became of each path that `keyPath` gives */
  async destroyAll(refs: readonly KeyRef[]): Promise<Gone> {
    return removeDurably(
      refs.map(ref => keyPath(this.path, ref)),
      destroyKey,
    )
  }

  async destroy(ref: KeyRef): Promise<void> {
    const { failed } = await this.destroyAll([ref])
    for (const cause of failed.values()) throw cause
  }

  async *#days(): AsyncGenerator<{ purpose: string; due: string; path: string }> {
    for (const purpose of (await names(this.path)).filter(isPurpose)) {
      const days = await names(join(this.path, purpose))
      for (const due of days.filter(isDay)) yield { purpose, due, path: join(this.path, purpose, due) }
    }
  }
}

const names = async (folder: string): Promise<string[]> => unlessAbsent(readdir(folder), [])
