/**
 * The vault keeps encrypted recordings and their keys. `crypto` encrypts and opens containers and key files, `store` and `keys`
 * keep them on volumes, `rotation` seals key files for another recipient, and `probe` tests the volumes in another process.
 */
import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../core/errors.js'
import {
  makeDurableFolder,
  syncFolder,
  systemCode,
  unlessAbsent,
  unwritable,
  writeSynced,
} from '../lib/files/durable.js'
import type { Marking } from '../lib/files/marking.js'
import { Lane } from '../lib/lane.js'

/**
 * File operations of calls that run in parallel on one volume. A disk does a few syncs together about as fast as one. If the
 * disk hangs, so few operations block only a small part of the process's threads.
 */
const MAX_PARALLEL = 8

/** Name of the mark, a file in the folder of every volume. */
export const MARK_FILE = '.consentry-place'

/** The content of a volume. The mark states it, so that a volume of keys is not accepted as one of recordings. */
export type VolumeContent = 'keys' | 'recordings'

/** The setting that names the folders, for people. */
const SETTING: Record<VolumeContent, string> = { keys: 'CONSENTRY_KEYSTORE', recordings: 'CONSENTRY_STORE' }

/**
 * A folder that holds keys or recordings. Its mark distinguishes it from other folders, and from the empty folder that
 * is visible while the volume is not mounted. Without the right mark, no file is written, and a missing file does not
 * count as missing.
 */
export class Volume {
  readonly folder: string
  readonly #setting: string
  /** Limits the file operations of calls. Jobs do one operation at a time and do not use the lane. */
  readonly lane = new Lane(MAX_PARALLEL)
  /** Expected content of the mark. Undefined if nothing was ever stored, so that no mark exists. */
  readonly #mark: string | undefined

  private constructor(folder: string, content: VolumeContent, mark: string | undefined) {
    this.folder = folder
    this.#setting = SETTING[content]
    this.#mark = mark
  }

  /**
   * Opens a volume.
   *
   * @param folder absolute path
   * @param marking the expected mark; without it any mark is accepted, and a missing folder or mark is made
   * @throws AppError `store.unwritable` if the folder is missing, is another volume, or cannot be made
   */
  static async open(folder: string, content: VolumeContent, marking?: Marking): Promise<Volume> {
    if (marking?.ifMissing === 'nothing kept yet') return new Volume(folder, content, undefined)
    const mark = `${content} ${marking?.id ?? randomUUID()}\n`
    if (marking?.ifMissing === 'refuse at use') return new Volume(folder, content, mark)
    try {
      if (marking?.ifMissing !== 'refuse') {
        await makeDurableFolder(folder)
        const found = (await readMark(folder)) ?? (await writeMark(folder, mark))
        if (!marking) return new Volume(folder, content, found)
      }
      const volume = new Volume(folder, content, mark)
      await volume.check()
      return volume
    } catch (error) {
      throw unwritable(`${SETTING[content]}: ${folder}`, error)
    }
  }

  /** Resolves if the folder has the expected mark. @throws AppError `store.unwritable` if not */
  async check(): Promise<void> {
    if (this.#mark === undefined) return
    const mark = await readMark(this.folder).catch(error => {
      throw unwritable(`${this.#setting}: ${this.folder}`, error)
    })
    if (mark === this.#mark) return
    throw new AppError('store.unwritable', this.#mismatch(mark, this.#mark), { retryable: true })
  }

  #mismatch(actual: string | undefined, expected: string): string {
    const named = `${this.#setting}: ${this.folder}`
    if (actual === undefined)
      return `${named} is missing or without its mark. Check that its volume is mounted and that it is the right folder. To use a new folder, mark it by hand as in docs/security.md.`
    const [has, needs] = [actual, expected].map(mark => mark.split(' ')[0])
    if (has !== needs)
      return `${named} is marked as a folder of ${has}, not of ${needs}. Check that CONSENTRY_STORE and CONSENTRY_KEYSTORE name the right folders.`
    return `${named} has another mark than expected. Check that the right volume is mounted and that it is the right folder.`
  }
}

const readMark = (folder: string): Promise<string | undefined> =>
  unlessAbsent<string | undefined>(readFile(join(folder, MARK_FILE), 'utf8'), undefined)

/** Writes a mark unless there is one. @returns the mark in the folder, which another process may have written first */
async function writeMark(folder: string, mark: string): Promise<string> {
  const [path, temporary] = [join(folder, MARK_FILE), join(folder, `${MARK_FILE}-${randomUUID()}`)]
  await (await writeSynced(temporary, Buffer.from(mark))).close()
  try {
    // Unlike `rename`, `link` does not replace an existing mark.
    await link(temporary, path)
  } catch (error) {
    // Some network file systems do not support hard links.
    if (systemCode(error) !== 'EEXIST') await rename(temporary, path)
  }
  await rm(temporary, { force: true })
  await syncFolder(dirname(path))
  return readFile(path, 'utf8')
}
