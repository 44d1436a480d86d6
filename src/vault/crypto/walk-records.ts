import { AppError } from '../../shared/errors.js'
import type { ObjectSource } from '../store/types.js'
import { decodeHead, HEAD_BYTES, MAX_BODY_BYTES, type RecordHead, TOTALS_SEGMENT } from './record.js'
import { STREAM_HEADER_BYTES, STREAM_OVERHEAD } from './stream-format.js'

/** Read at once where everything is wanted, so that a record costs a fraction of a disk access; bytes. */
const READ_AHEAD = 256 * 1024

/** One whole record of a container, not yet authenticated. */
export interface RawRecord extends RecordHead {
  /** The bytes of the head: the body's associated data. */
  head: Buffer
  /** Undefined for a segment that was not wanted. */
  body: Buffer | undefined
  /** Where the record begins and ends in the file. */
  start: number
  end: number
}

/** A fault at a place of a container. */
export const damagedAt = (what: string, at: number): AppError =>
  new AppError('container.invalid', `${what}, at byte ${at}`)

/**
 * The whole records of a container in order, in bounded memory. Ends quietly where the file ends, even within a
 * record: only the totals tell a whole container from a cut one.
 *
 * @param start where the first record begins
 * @param wanted segments whose bodies are read
 * @throws AppError `container.invalid` where heads do not follow one upon another as a sealer writes them
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
      throw damagedAt('bytes follow the totals', end)
    if (record.segment === TOTALS_SEGMENT) return
    at = end
  }
}

function checkHead(record: RecordHead, number: number, index: number, at: number): void {
  const least = STREAM_OVERHEAD + (record.index === 0 ? STREAM_HEADER_BYTES : 0)
  if (record.number !== number || record.index !== index)
    throw damagedAt('a record is missing or out of place', at)
  if (record.length < least || record.length > MAX_BODY_BYTES)
    throw damagedAt('a record has a false length', at)
}

/** What was last read of a source. */
class ReadWindow {
  readonly #source: ObjectSource
  #start = 0
  #bytes: Buffer = Buffer.alloc(0)

  constructor(source: ObjectSource) {
    this.#source = source
  }

  /** Exactly `length` bytes, or undefined where the source ends before. */
  async get(offset: number, length: number): Promise<Buffer | undefined> {
    if (offset < this.#start || offset + length > this.#start + this.#bytes.length) {
      // After a body the next head is near; a head after a skipped body is read alone.
      const near = offset <= this.#start + this.#bytes.length
      this.#bytes = await this.#source.read(offset, near ? Math.max(length, READ_AHEAD) : length)
      this.#start = offset
    }
    const at = offset - this.#start
    return at + length > this.#bytes.length ? undefined : this.#bytes.subarray(at, at + length)
  }
}
