import { type AudioBlock, type Leg, sampleBytes } from '../../core/audio.js'
import { AppError } from '../../core/errors.js'
import type { ObjectSource } from '../store/types.js'
import { commitment, segmentKey, streamKey } from './derive.js'
import {
  decodeHeader,
  type HeaderInfo,
  MAX_HEADER_BYTES,
  SEGMENT_SAMPLES,
  type UncheckedHeader,
} from './header.js'
import { HeapMemory, sodiumModule, withHeap } from './heap.js'
import { unwrapKey } from './key-file.js'
import { decodeChunk, decodeTotals, TOTALS_SEGMENT } from './record.js'
import { STATE_BYTES, STREAM_HEADER_BYTES, STREAM_OVERHEAD, TAG_FINAL, TAG_MESSAGE } from './stream-format.js'
import type { Identity } from './types.js'
import { damagedAt, type RawRecord, walkRecords } from './walk-records.js'

/** A container whose header is checked and whose key is known. */
export interface OpenedPart {
  readonly info: HeaderInfo
  /**
   * Yields the audio blocks in the order in which they were sealed. Each block is authenticated first.
   *
   * @param fromSegment number of the first segment (of 10 s) to decrypt; earlier segments are skipped
   * @throws AppError `container.invalid` at the first byte that differs from the sealed container
   */
  blocks(fromSegment?: number): AsyncIterable<AudioBlock>
  /** Whether the last iteration of `blocks` reached correct totals. False if the file is truncated. */
  readonly complete: boolean
  /** Wipes the key. The source stays open. */
  close(): void
}

/**
 * Reads the header of a container. Do not trust it: only `openPart` checks it.
 *
 * @throws AppError `container.invalid`
 */
export const readHeader = async (source: ObjectSource): Promise<UncheckedHeader> =>
  decodeHeader(await source.read(0, MAX_HEADER_BYTES))

/**
 * Opens a container. Before any audio is decrypted, the key file is opened with an identity, the part id in the key file is
 * compared with the header, and the commitment is checked.
 *
 * @param wrappedKey content of the part's key file
 * @throws AppError `key.missing` if no identity fits; `key.refused` if the key belongs to another container or the header was
 *   altered; `container.invalid` if the header cannot be decoded
 */
export async function openPart(
  source: ObjectSource,
  wrappedKey: Buffer,
  identities: Identity[],
): Promise<OpenedPart> {
  const header = await readHeader(source)
  const dataKey = unwrapKey(wrappedKey, header.info, identities)
  try {
    if (!commitment(dataKey, header.bound).equals(header.commitment))
      throw new AppError(
        'key.refused',
        `the key does not belong to the container of part ${header.info.part}, or the header was altered`,
      )
    return new ContainerPart(source, header, streamKey(dataKey, header.bound))
  } finally {
    dataKey.fill(0)
  }
}

class ContainerPart implements OpenedPart {
  readonly info: HeaderInfo
  complete = false
  readonly #source: ObjectSource
  readonly #start: number
  readonly #streamKey: Buffer

  constructor(source: ObjectSource, header: UncheckedHeader, key: Buffer) {
    this.info = header.info
    this.#source = source
    this.#start = header.length
    this.#streamKey = key
  }

  async *blocks(fromSegment = 0): AsyncGenerator<AudioBlock, void> {
    this.complete = false
    const reading = new ReadPass(this.info, this.#streamKey)
    try {
      for await (const record of walkRecords(this.#source, this.#start, segment => segment >= fromSegment)) {
        const block = reading.readRecord(record)
        if (block) yield block
      }
      this.complete = reading.totalsReached
    } finally {
      reading.wipe()
    }
  }

  close(): void {
    this.#streamKey.fill(0)
  }
}

/** The state of one pass over the records of a container. */
class ReadPass {
  totalsReached = false
  readonly #info: HeaderInfo
  readonly #key: Buffer
  readonly #open = new Map<number, OpenStream>()
  readonly #ends: Record<Leg, number> = { caller: 0, agent: 0 }
  #segments = 0
  #skipped = false

  constructor(info: HeaderInfo, key: Buffer) {
    this.#info = info
    this.#key = key
  }

  /** Returns the audio block in a record; undefined if the record was skipped or holds no audio. */
  readRecord(record: RawRecord): AudioBlock | undefined {
    if (record.index === 0 && record.segment !== TOTALS_SEGMENT) this.#segments++
    if (!record.body) {
      this.#skipped = true
      return undefined
    }
    const { message, tag } = this.#decrypt(record, record.body)
    if (record.segment === TOTALS_SEGMENT) return this.#readTotals(record, message, tag)
    if (tag === TAG_FINAL && message.length === 0) return this.#endSegment(record.segment)
    if (tag !== TAG_MESSAGE) throw damagedAt('a record has an unknown tag', record.start)
    return this.#readChunk(record, message)
  }

  wipe(): void {
    for (const segment of [...this.#open.keys()]) this.#endSegment(segment)
  }

  #decrypt(record: RawRecord, body: Buffer): { message: Buffer; tag: number } {
    const first = record.index === 0
    if (first) {
      const key = segmentKey(this.#key, record.segment)
      this.#open.set(record.segment, new OpenStream(key, body.subarray(0, STREAM_HEADER_BYTES)))
      key.fill(0)
    }
    const stream = this.#open.get(record.segment)
    if (!stream) throw damagedAt('a record follows the end of its segment', record.start)
    const opened = stream.pull(first ? body.subarray(STREAM_HEADER_BYTES) : body, record.head)
    if (!opened) throw damagedAt('a record is not authentic', record.start)
    return opened
  }

  #endSegment(segment: number): undefined {
    this.#open.get(segment)?.wipe()
    this.#open.delete(segment)
  }

  #readChunk(record: RawRecord, message: Buffer): AudioBlock {
    const block = decodeChunk(message)
    if (!block) throw damagedAt('a chunk has an unknown format', record.start)
    const width = sampleBytes(this.#info.codec)
    const end = block.sample + block.bytes.length / width
    const from = record.segment * SEGMENT_SAMPLES
    const inPlace = block.sample >= from && end <= from + SEGMENT_SAMPLES && Number.isInteger(end)
    if (!inPlace || block.sample < this.#ends[block.leg])
      throw damagedAt('a chunk is out of place', record.start)
    this.#ends[block.leg] = end
    return block
  }

  #readTotals(record: RawRecord, message: Buffer, tag: number): undefined {
    this.#endSegment(TOTALS_SEGMENT)
    const totals = decodeTotals(message)
    // After skipped segments, the end of each leg is unknown here and cannot be compared.
    const lengths =
      this.#skipped || (totals?.caller === this.#ends.caller && totals.agent === this.#ends.agent)
    const right = totals?.records === record.number && totals.segments === this.#segments && lengths
    if (!right || tag !== TAG_FINAL || this.#open.size > 0)
      throw damagedAt('the totals are wrong', record.start)
    this.totalsReached = true
  }
}

/** Decrypts one stream of libsodium's `crypto_secretstream_xchacha20poly1305`. */
class OpenStream {
  readonly #memory = new HeapMemory()
  readonly #state: number

  /** @param header the first 24 bytes of the stream */
  constructor(key: Uint8Array, header: Uint8Array) {
    this.#state = this.#memory.allocate(STATE_BYTES)
    withHeap(heap =>
      sodiumModule._crypto_secretstream_xchacha20poly1305_init_pull(
        this.#state,
        heap.copyIn(header),
        heap.copyIn(key),
      ),
    )
  }

  /**
   * Decrypts the next message.
   *
   * @param associated the associated data with which the message was encrypted
   * @returns the message and its tag; undefined if the message is not authentic
   */
  pull(ciphertext: Uint8Array, associated: Uint8Array): { message: Buffer; tag: number } | undefined {
    const length = ciphertext.length - STREAM_OVERHEAD
    if (length < 0) return undefined
    return withHeap(heap => {
      const message = heap.allocate(length)
      const tag = heap.allocate(1)
      const refused = sodiumModule._crypto_secretstream_xchacha20poly1305_pull(
        this.#state,
        message,
        0,
        tag,
        heap.copyIn(ciphertext),
        ciphertext.length,
        0,
        heap.copyIn(associated),
        associated.length,
        0,
      )
      if (refused !== 0) return undefined
      return { message: heap.copyOut(message, length), tag: heap.copyOut(tag, 1)[0]! }
    })
  }

  wipe(): void {
    this.#memory.wipe()
  }
}
