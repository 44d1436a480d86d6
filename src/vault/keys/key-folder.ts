import { randomBytes } from 'node:crypto'
import { access, type FileHandle, link, open, readdir, readFile, rename, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { PartId } from '../../core/ids.js'
import {
  checkFolderWritable,
  makeDurableFolder,
  shred,
  syncFolder,
  unlessAbsent,
  writeSynced,
} from '../../lib/files/durable.js'
import type { Marking } from '../../lib/files/marking.js'
import { overwrite } from '../../lib/files/sync.js'
import { type RemovalResult, removeDurably, shredFile } from '../remove-durably.js'
import { Volume } from '../volume.js'
import { isDay, isPart, isPurpose, type KeyEntry, type KeyRef, keyPath } from './types.js'

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

/**
 * Replaces a key file atomically: a reader, and a crash, find the complete old file or the complete new one. Then the
 * bytes of the old file are overwritten. If the process is killed, the next call for the same path removes the
 * leftovers.
 *
 * A key file that is destroyed at the same time stays destroyed. `destroyKeyFile` overwrites the bytes before it
 * unlinks the file. If the bytes of the old file have changed when the new file gets its name, the new file is
 * destroyed as well.
 *
 * @param path path of the key file; only one process may replace key files of a folder at a time
 * @param change returns the new content for the old content, or undefined to leave the file as it is. It must refuse
 *   bytes that are not a sealed key: a key that is being destroyed is overwritten before it is unlinked.
 * @returns whether the file was replaced; false if there is no file
 * @throws the system's error; what `change` throws
 */
export async function replaceKeyFile(
  path: string,
  change: (wrapped: Buffer) => Buffer | undefined,
): Promise<boolean> {
  const [next, former] = draftPaths(path)
  await shred(next)
  await shred(former)
  const file = await unlessAbsent<FileHandle | undefined>(open(path, 'r+'), undefined)
  if (!file) return false
  let replacement: FileHandle | undefined
  try {
    const before = await contentOf(file)
    const after = change(before)
    if (!after) return false
    replacement = await writeSynced(next, after)
    await copyOwner(replacement, file)
    // The second name lets the old file be found and overwritten after a crash.
    if (!(await sourceExisted(link(path, former)))) return false
    if (!(await sourceExisted(rename(next, path)))) return false
    await syncFolder(dirname(path))
    const destroyed = !(await contentOf(file)).equals(before)
    if (destroyed) await shred(path)
    return !destroyed
  } finally {
    await file.close()
    await shred(next)
    await shred(former)
    if (replacement) await closeReplacement(replacement)
  }
}

/**
 * Overwrites and unlinks a key file and the drafts that an interrupted `replaceKeyFile` left of it. A concurrent
 * replacement sees the overwritten bytes and gives up.
 *
 * @throws the system's error; ENOENT if there is no key file
 */
export async function destroyKeyFile(path: string): Promise<void> {
  for (const draft of draftPaths(path)) {
    const exists = await unlessAbsent(
      access(draft).then(() => true),
      false,
    )
    if (exists) await shred(draft)
  }
  await shredFile(path)
}

/** Returns false if the source file of a link or rename is missing, because the key was destroyed. */
const sourceExisted = (work: Promise<void>): Promise<boolean> =>
  unlessAbsent(
    work.then(() => true),
    false,
  )

/** Copies the owner. Root may replace keys, but the service must be able to destroy them later. */
async function copyOwner(replacement: FileHandle, former: FileHandle): Promise<void> {
  const [newOwner, oldOwner] = await Promise.all([replacement.stat(), former.stat()])
  if (newOwner.uid !== oldOwner.uid || newOwner.gid !== oldOwner.gid)
    await replacement.chown(oldOwner.uid, oldOwner.gid)
}

/** Closes the new file. If its name was removed meanwhile, its bytes are overwritten first. */
async function closeReplacement(replacement: FileHandle): Promise<void> {
  try {
    const { nlink } = await replacement.stat()
    if (nlink === 0) await overwrite(replacement)
  } finally {
    await replacement.close()
  }
}

/**
 * Returns the temporary names of the new and the old file during a replacement. If the replacement is interrupted, they stay
 * until the next replacement or the destruction of the same key. A listing of keys does not show them.
 */
export const draftPaths = (path: string): [next: string, former: string] => [
  join(dirname(path), `.${basename(path)}.new`),
  join(dirname(path), `.${basename(path)}.old`),
]

async function contentOf(file: FileHandle): Promise<Buffer> {
  const { size } = await file.stat()
  const bytes = Buffer.alloc(size)
  const { bytesRead } = await file.read(bytes, 0, size, 0)
  return bytes.subarray(0, bytesRead)
}
