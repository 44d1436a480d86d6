import { type FileHandle, open } from 'node:fs/promises'
import { FILE_MODE, unwritable } from '../../files/durable.js'
import { AppError } from '../../shared/errors.js'
import { encodeFrame, type FrameResult, readFrame } from './frame.js'

/** How a spool begins: name and version of its form. */
const FILE_HEADER = Buffer.from('consentry spool 1\n')
const FORMAT_NAME = 'consentry spool '
/** Read at once, bytes: some hundred events. Grows for one that is longer. */
const READ_BYTES = 256 * 1024

/** One whole record, or a stretch in which none could be read. */
export interface SpoolRecord extends FrameResult {
  start: number
}

/** A file of records, written at its end and read from its beginning. It ends with the last record that was synced. */
export class SpoolFile {
  readonly #file: FileHandle
  readonly #path: string
  #end: number
  /** Something may stand behind the end that is no whole record, or was never synced. */
  #torn = false

  private constructor(file: FileHandle, path: string, end: number) {
    this.#file = file
    this.#path = path
    this.#end = end
  }

  /** @throws the operating system's errors; EEXIST if there is one */
  static async create(path: string): Promise<SpoolFile> {
    const file = await open(path, 'wx+', FILE_MODE)
    const made = new SpoolFile(file, path, 0)
    await made.#write(FILE_HEADER).catch(async error => {
      await file.close()
      throw error
    })
    return made
  }

  /**
   * Opens what an earlier process left, without what it was cut off in writing.
   *
   * @returns the file, how many whole records it holds, and how many bytes at its end belong to none
   * @throws AppError `config.invalid` for a later version's file; the operating system's errors
   */
  static async reopen(path: string): Promise<{ file: SpoolFile; records: number; torn: number }> {
    const handle = await open(path, 'r+')
    try {
      const { size } = await handle.stat()
      const file = new SpoolFile(handle, path, size)
      const opening = (await file.#read(0, FILE_HEADER.length)).toString('latin1')
      if (
        opening.startsWith(FORMAT_NAME) &&
        opening.length === FILE_HEADER.length &&
        opening !== FILE_HEADER.toString()
      )
        throw new AppError(
          'config.invalid',
          `${path} is of another version of Consentry: let that one replay it`,
        )
      let records = 0
      let end = Math.min(size, FILE_HEADER.length)
      for await (const { body, end: next } of file.records(file.firstRecord)) {
        if (body === undefined) continue
        records++
        end = next
      }
      file.#end = end
      if (size > end) await file.#truncateTorn()
      return { file, records, torn: size - end }
    } catch (error) {
      await handle.close()
      throw error
    }
  }

  /** Where the first record begins. */
  get firstRecord(): number {
    return FILE_HEADER.length
  }

  /** Where the last one ends that was synced. */
  get end(): number {
    return this.#end
  }

  /**
   * Writes records and syncs them.
   *
   * @throws AppError `store.unwritable`; then the file is as it was before, and takes others when there is room again
   */
  async append(bodies: readonly string[]): Promise<void> {
    try {
      if (this.#torn) await this.#truncateTorn()
      await this.#write(Buffer.concat(bodies.map(encodeFrame)))
    } catch (error) {
      // Should this fail too, the next append begins with it.
      await this.#truncateTorn().catch(() => undefined)
      throw unwritable(this.#path, error)
    }
  }

  /** What stands from `at` to the end, in bounded memory. */
  async *records(at: number): AsyncGenerator<SpoolRecord, void> {
    let window = READ_BYTES
    while (at < this.#end) {
      const wanted = Math.min(window, this.#end - at)
      const bytes = await this.#read(at, wanted)
      if (bytes.length === 0) return
      // Also where somebody else has cut the file.
      const last = bytes.length < wanted || at + wanted >= this.#end
      let read = 0
      for (;;) {
        const found = read < bytes.length ? readFrame(bytes, read, last) : undefined
        if (!found) break
        yield { body: found.body, start: at + read, end: at + found.end }
        read = found.end
      }
      window = read > 0 ? READ_BYTES : window * 2
      at += read
    }
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  async #write(bytes: Buffer): Promise<void> {
    this.#torn = true
    for (let done = 0; done < bytes.length; )
      done += (await this.#file.write(bytes, done, bytes.length - done, this.#end + done)).bytesWritten
    await this.#file.datasync()
    this.#end += bytes.length
    this.#torn = false
  }

  async #truncateTorn(): Promise<void> {
    await this.#file.truncate(this.#end)
    this.#torn = false
  }

  async #read(at: number, length: number): Promise<Buffer> {
    const bytes = Buffer.alloc(length)
    const { bytesRead } = await this.#file.read(bytes, 0, length, at)
    return bytes.subarray(0, bytesRead)
  }
}
