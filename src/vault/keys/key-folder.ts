import { randomBytes } from 'node:crypto'
import { access, type FileHandle, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { PartId } from '../../shared/ids.js'
import { FILE_MODE, makeFolder, syncFolder, systemCode } from '../durable.js'
import { isDay, isPart, isPurpose, keyPath } from './key-path.js'
import type { KeyRef } from './types.js'

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
      await writeSynced(temporary, wrapped)
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

  async *list(): AsyncGenerator<KeyRef & { modifiedAt: number }> {
    for await (const { purpose, due, path } of this.#days()) {
      for (const part of (await names(path)).filter(isPart)) {
        const found = await unlessAbsent(stat(join(path, part)), undefined)
        if (found) yield { purpose, due, part, modifiedAt: found.mtimeMs }
      }
    }
  }

  async destroy(ref: KeyRef): Promise<void> {
    await shred(keyPath(this.path, ref))
  }

  async *#days(): AsyncGenerator<{ purpose: string; due: string; path: string }> {
    for (const purpose of (await names(this.path)).filter(isPurpose)) {
      const days = await names(join(this.path, purpose))
      for (const due of days.filter(isDay)) yield { purpose, due, path: join(this.path, purpose, due) }
    }
  }
}

async function unlessAbsent<T>(work: Promise<T>, absent: T): Promise<T> {
  try {
    return await work
  } catch (error) {
    // ENOTDIR: something else stands where a folder should be, so there is no key file either.
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return absent
    throw error
  }
}

const names = async (folder: string): Promise<string[]> => unlessAbsent(readdir(folder), [])

async function writeSynced(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx', FILE_MODE)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Overwrites a file where it stands, then removes its name, both synced; harmless if it is not there. */
async function shred(path: string): Promise<void> {
  const file = await unlessAbsent<FileHandle | undefined>(open(path, 'r+'), undefined)
  if (!file) return
  try {
    const { size } = await file.stat()
    await file.write(randomBytes(size), 0, size, 0)
    await file.sync()
  } finally {
    await file.close()
  }
  await rm(path, { force: true })
  await syncFolder(dirname(path))
}
