import { type FileHandle, open } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import { AppError } from '../../core/errors.js'
import { FILE_MODE, unwritable } from '../../lib/files/durable.js'

/** First line of a spool file: name and version of the format. */
const FILE_HEADER = Buffer.from('consentry spool 1\n')
const FORMAT_NAME = 'consentry spool '
/** Bytes per read, some hundred events. For a longer event the size is doubled until the event fits. */
const READ_BYTES = 256 * 1024

/** One whole record, or a damaged stretch of the file. */
export interface SpoolRecord extends FrameResult {
  start: number
}

/** A file of records: appended at the end, read from the beginning. Its end is the end of the last synced record. */
export class SpoolFile {
  readonly #file: FileHandle
  readonly #path: string
  #end: number
  /** The file may have bytes after `#end`: an incomplete record, or records that were never synced. */
  #torn = false

  private constructor(file: FileHandle, path: string, end: number) {
    this.#file = file
    this.#path = path
    this.#end = end
  }

  /** @throws the operating system's errors; EEXIST if the file exists */
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
   * Opens the file of an earlier process and truncates an incomplete record at its end.
   *
   * @returns the file, its number of whole records, and the number of truncated bytes
   * @throws AppError `config.invalid` for a file of another format version; the operating system's errors
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
          `${path} was written by another version of Consentry. Start that version until it has replayed the file.`,
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

  /** Position of the first record, bytes. */
  get firstRecord(): number {
    return FILE_HEADER.length
  }

  /** End of the last synced record, bytes. */
  get end(): number {
    return this.#end
  }

  /**
   * Appends records and syncs them.
   *
   * @throws AppError `store.unwritable`. Then the file holds none of these records, and a later append may succeed.
   */
  async append(bodies: readonly string[]): Promise<void> {
    try {
      if (this.#torn) await this.#truncateTorn()
      await this.#write(Buffer.concat(bodies.map(encodeFrame)))
    } catch (error) {
      // If this fails too, the next append truncates first.
      await this.#truncateTorn().catch(() => undefined)
      throw unwritable(this.#path, error)
    }
  }

  /** The records from position `at` to the end, in bounded memory. */
  async *records(at: number): AsyncGenerator<SpoolRecord, void> {
    let window = READ_BYTES
    while (at < this.#end) {
      const wanted = Math.min(window, this.#end - at)
      const bytes = await this.#read(at, wanted)
      if (bytes.length === 0) return
      // A short read also means the end: another program may have truncated the file.
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

/** Header of a frame: `<length> <CRC-32> `, each as 8 hex digits. Text, so that people can read the file. */
const HEADER = /^([0-9a-f]{8}) ([0-9a-f]{8}) $/
const HEADER_BYTES = 18
/**
 * Longest body, bytes. The database accepts no event above 64 KB. The bound limits how much is read after a damaged
 * length.
 */
const MAX_BODY_BYTES = 1024 * 1024
const LINE_END = 0x0a

/** Encodes a body as a frame: header, body, line end. @param body without line ends */
export const encodeFrame = (body: string): Buffer => {
  const bytes = Buffer.from(body)
  return Buffer.concat([
    Buffer.from(`${hex(bytes.length)} ${hex(crc32(bytes))} `),
    bytes,
    Buffer.of(LINE_END),
  ])
}

const hex = (number: number): string => number.toString(16).padStart(8, '0')

/** One frame, or a damaged stretch up to the next line. */
interface FrameResult {
  /** Undefined if the frame is damaged. */
  body: string | undefined
  /** Position after the frame or the damaged stretch. */
  end: number
}

/**
 * Reads the frame that begins at `at`.
 *
 * @param last whether `bytes` ends at the end of the file
 * @returns undefined if more bytes are needed
 */
export function readFrame(bytes: Buffer, at: number, last: boolean): FrameResult | undefined {
  const start = at + HEADER_BYTES
  if (start > bytes.length) return last ? damagedUntilNextLine(bytes, at) : undefined
  const [, length = '', sum = ''] = HEADER.exec(bytes.toString('latin1', at, start)) ?? []
  const end = start + Number.parseInt(length || 'ffffffff', 16)
  if (end - start > MAX_BODY_BYTES) return damagedUntilNextLine(bytes, at)
  if (end + 1 > bytes.length) return last ? damagedUntilNextLine(bytes, at) : undefined
  const body = bytes.subarray(start, end)
  // The line end is not checked, because the length says where the next frame begins.
  return hex(crc32(body)) === sum ? { body: body.toString(), end: end + 1 } : damagedUntilNextLine(bytes, at)
}

/** After damage, reading continues at the next line, because no body contains a line end. */
function damagedUntilNextLine(bytes: Buffer, at: number): FrameResult {
  const line = bytes.indexOf(LINE_END, at)
  return { body: undefined, end: line < 0 ? bytes.length : line + 1 }
}
