import { randomUUID } from 'node:crypto'
import { link, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AppError } from '../shared/errors.js'
import { makeFolder, syncFolder, systemCode, unlessAbsent, unwritable, writeSynced } from './durable.js'
import { recall, remember } from './known-places.js'

/** Stands in the folder of every place; holds a name that is its own. */
export const MARK = '.consentry-place'

/**
 * A folder in which keys or recordings are kept. It is marked, so that the empty folder that is seen where a volume is not mounted
 * is not taken for it: nothing is made there, and that something is missing there says nothing.
 */
export class Place {
  readonly folder: string
  readonly #mark: string

  private constructor(folder: string, mark: string) {
    this.folder = folder
    this.#mark = mark
  }

  /**
   * Opens a place; one that was never opened before is made.
   *
   * @param memory file in which this machine remembers its places; without one, whatever is found there is taken for it
   * @throws AppError `store.unwritable`
   */
  static async open(folder: string, memory?: string): Promise<Place> {
    try {
      const known = memory && (await recall(memory, folder))
      if (known) {
        const place = new Place(folder, known)
        await place.check(`If it was replaced for good, take it out of ${memory}.`)
        return place
      }
      await makeFolder(folder)
      const mark = (await readMark(folder)) ?? (await makeMark(folder))
      if (memory) await remember(memory, folder, mark)
      return new Place(folder, mark)
    } catch (error) {
      throw unwritable(folder, error)
    }
  }

  /**
   * That the folder is there, and is the one it was.
   *
   * @param advice what else to do
   * @throws AppError `store.unwritable`
   */
  async check(advice = ''): Promise<void> {
    const mark = await readMark(this.folder).catch(error => {
      throw unwritable(this.folder, error)
    })
    if (mark === this.#mark) return
    const odd = mark === undefined ? 'is not there, or without its mark' : 'is another than before'
    const message = `${this.folder} ${odd}: is its volume mounted? ${advice}`.trimEnd()
    throw new AppError('store.unwritable', message, { retryable: true })
  }
}

const readMark = (folder: string): Promise<string | undefined> =>
  unlessAbsent<string | undefined>(readFile(join(folder, MARK), 'utf8'), undefined)

/** @returns what stands there in the end: another process may have been faster */
async function makeMark(folder: string): Promise<string> {
  const [path, temporary] = [join(folder, MARK), join(folder, `${MARK}-${randomUUID()}`)]
  await (await writeSynced(temporary, Buffer.from(`${randomUUID()}\n`))).close()
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
