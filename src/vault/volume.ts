import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  makeFolder,
  syncFolder,
  systemCode,
  unlessAbsent,
  unwritable,
  writeSynced,
} from '../files/durable.js'
import type { Marking } from '../files/marking.js'
import { AppError } from '../shared/errors.js'
import { Lane } from '../shared/lane.js'

/**
 * File operations of calls in one place at once. A disk does a few syncs together about as fast as one; if it hangs, they
 * keep only a small part of the process's threads.
 */
const MAX_PARALLEL = 8

/** Stands in the folder of every place. */
export const MARK_FILE = '.consentry-place'

/** What is kept in a place: a mark for keys is none for recordings. */
export type VolumeContent = 'keys' | 'recordings'

/**
 * A folder in which keys or recordings are kept. It is marked, so that no other folder is taken for it, nor the empty one
 * that is seen where a volume is not mounted: nothing is made there, and that something is missing there says nothing.
 */
export class Volume {
  readonly folder: string
  /** For the file operations of calls. A job does one operation after another. */
  readonly lane = new Lane(MAX_PARALLEL)
  /** Undefined where nothing was ever kept. */
  readonly #mark: string | undefined

  private constructor(folder: string, mark: string | undefined) {
    this.folder = folder
    this.#mark = mark
  }

  /**
   * @param marking how it is known; without one, whatever is found there is taken for it, and made if nothing is
   * @throws AppError `store.unwritable`
   */
  static async open(folder: string, content: VolumeContent, marking?: Marking): Promise<Volume> {
    if (marking?.ifMissing === 'nothing kept yet') return new Volume(folder, undefined)
    const mark = `${content} ${marking?.id ?? randomUUID()}\n`
    if (marking?.ifMissing === 'refuse at use') return new Volume(folder, mark)
    try {
      if (marking?.ifMissing !== 'refuse') {
        await makeFolder(folder)
        const found = (await readMark(folder)) ?? (await writeMark(folder, mark))
        if (!marking) return new Volume(folder, found)
      }
      const volume = new Volume(folder, mark)
      await volume.check()
      return volume
    } catch (error) {
      throw unwritable(folder, error)
    }
  }

  /** That the folder is there, and is the one it was. @throws AppError `store.unwritable` */
  async check(): Promise<void> {
    if (this.#mark === undefined) return
    const mark = await readMark(this.folder).catch(error => {
      throw unwritable(this.folder, error)
    })
    if (mark === this.#mark) return
    throw new AppError('store.unwritable', this.#mismatch(mark, this.#mark), { retryable: true })
  }

  #mismatch(found: string | undefined, wanted: string): string {
    if (found === undefined)
      return `${this.folder} is not there, or without its mark: is its volume mounted, and is it the right folder? A new one is marked by hand, see docs/keys.md.`
    const [has, needs] = [found, wanted].map(mark => mark.split(' ')[0])
    if (has !== needs)
      return `${this.folder} is marked as a folder of ${has}, not of ${needs}: do CONSENTRY_STORE and CONSENTRY_KEYSTORE name the right folders?`
    return `${this.folder} is another than before: is the right volume mounted, and is it the right folder?`
  }
}

const readMark = (folder: string): Promise<string | undefined> =>
  unlessAbsent<string | undefined>(readFile(join(folder, MARK_FILE), 'utf8'), undefined)

/** @returns what stands there in the end: another process may have been faster */
async function writeMark(folder: string, mark: string): Promise<string> {
  const [path, temporary] = [join(folder, MARK_FILE), join(folder, `${MARK_FILE}-${randomUUID()}`)]
  await (await writeSynced(temporary, Buffer.from(mark))).close()
  try {
    // Unlike renaming, this replaces none that is there.
    await link(temporary, path)
  } catch (error) {
    // Some network file systems have no second names.
    if (systemCode(error) !== 'EEXIST') await rename(temporary, path)
  }
  await rm(temporary, { force: true })
  await syncFolder(dirname(path))
  return readFile(path, 'utf8')
}
