import { AppError } from '../../core/errors.js'
import type { ObjectSource } from '../store/types.js'
import { decodeHead, HEAD_BYTES, MAX_BODY_BYTES, type RecordHead, TOTALS_SEGMENT } from './record.js'
import { STREAM_HEADER_BYTES, STREAM_OVERHEAD } from './stream-format.js'

/** Bytes that one read gets when records are read in a row, so that one disk access serves many records. */
const READ_AHEAD = 256 * 1024

/** One complete record of a container, not authenticated yet. */
export interface RawRecord extends RecordHead {
  /** The head, which is the associated data of the body. */
  head: Buffer
  /** Undefined if the segment is skipped. */
  body: Buffer | undefined
  /** Offsets in the file at which the record begins and ends. */
  start: number
  end: number
}

/** An error that names the byte of the container at which it was found. */
export const damagedAt = (what: string, at: number): AppError =>
  new AppError('container.invalid', `${what}, at byte ${at}`)

/**
 * Yields the complete records of a container in order, in bounded memory. Ends without an error where the file ends, even
 * within a record: only the totals record shows whether a container is complete.
 *
 * @param start offset of the first record
 * @param wanted whether the bodies of a segment are read
 * @throws AppError `container.invalid` if the heads are not in the order in which a sealer writes them
 */
export async function* walkRecords(
  source: ObjectSource,
  start: number,
  wanted: (segment: number) => boolean,
): AsyncGenerator<RawRecord, void> {
  const window = new ReadWindow(source)
  const nextIndex = new Map<number, number>()
  let at = start
  for (let number = 0; ; number++) {
    const head = await window.get(at, HEAD_BYTES)
    if (!head) return
    const record = decodeHead(head)
    checkHead(record, number, nextIndex.get(record.segment) ?? 0, at)
    nextIndex.set(record.segment, record.index + 1)
    const end = at + HEAD_BYTES + record.length
    if (end > source.size) return
    const body = wanted(record.segment) ? await window.get(at + HEAD_BYTES, record.length) : undefined
    if (wanted(record.segment) && !body) return
    yield { ...record, head, body, start: at, end }
    if (record.segment === TOTALS_SEGMENT && end < source.size)
      throw damagedAt('there are bytes after the totals', end)
    if (record.segment === TOTALS_SEGMENT) return
    at = end
  }
}

function checkHead(record: RecordHead, number: number, index: number, at: number): void {
  const least = STREAM_OVERHEAD + (record.index === 0 ? STREAM_HEADER_BYTES : 0)
  if (record.number !== number || record.index !== index)
    throw damagedAt('a record is missing or out of place', at)
  if (record.length < least || record.length > MAX_BODY_BYTES)
    throw damagedAt('a record states a wrong length', at)
}

/** Holds the bytes of the last read, so that most records need no read of their own. */
class ReadWindow {
  readonly #source: ObjectSource
  #start = 0
  #bytes: Buffer = Buffer.alloc(0)

  constructor(source: ObjectSource) {
    this.#source = source
  }

  /** Returns exactly `length` bytes; undefined if the source ends before them. */
  async get(offset: number, length: number): Promise<Buffer | undefined> {
    if (offset < this.#start || offset + length > this.#start + this.#bytes.length) {
      // Reading ahead pays only next to the last read. After a skipped body, only the head is read.
      const near = offset <= this.#start + this.#bytes.length
      this.#bytes = await this.#source.read(offset, near ? Math.max(length, READ_AHEAD) : length)
      this.#start = offset
    }
    const at = offset - this.#start
    return at + length > this.#bytes.length ? undefined : this.#bytes.subarray(at, at + length)
  }
}
