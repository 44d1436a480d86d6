import { createHash, randomBytes } from 'node:crypto'
import { type AudioBlock, type Leg, sampleBytes } from '../../core/audio.js'
import { AppError } from '../../core/errors.js'
import { commitment, KEY_BYTES, segmentKey, streamKey } from './derive.js'
import { encodeHeader, SEGMENT_SAMPLES } from './header.js'
import { wrapKey } from './key-file.js'
import { encodeChunk, encodeHead, encodeTotals, splitAtSegments, TOTALS_SEGMENT } from './record.js'
import { SealStream } from './seal-stream.js'
import { SealedChunk } from './sealed-chunk.js'
import { STREAM_HEADER_BYTES, STREAM_OVERHEAD, TAG_FINAL, TAG_MESSAGE } from './stream-format.js'
import type { PartInfo, Recipient } from './types.js'

/** The size of a container so far. */
export interface SealProgress {
  /** Number of records so far. */
  chunks: number
  /** Length of the container so far. */
  bytes: number
  /** SHA-256 of these bytes in hex, as `sha256sum` prints it. */
  hash: string
  /** Length of the longer leg in samples. */
  samples: number
}

/** Encrypts one container. The caller appends every returned chunk to one object, in order. */
export interface PartSealer {
  /** Content of the part's key file. */
  readonly wrappedKey: Buffer
  readonly progress: SealProgress
  /**
   * Returns the header. Must be called first, and once.
   * @param startedAt time of the first sample, ms since the epoch
   */
  begin(startedAt: number): SealedChunk
  /**
   * Encrypts one block of audio.
   * @throws AppError `container.invalid` if the block begins before the end of its leg, or its length is not a whole number of
   *   samples
   */
  seal(block: AudioBlock): SealedChunk[]
  /** Ends every segment and the container, and wipes the keys. */
  finish(): SealedChunk[]
  /** Wipes every key. Nothing can be sealed afterwards. Can be called again. */
  wipe(): void
}

/** Length in bytes up to which a copy costs less than a further call of hash and `writev`. */
const SHORT_BYTES = 512

/** A segment whose end at least one leg has not passed yet. */
interface OpenSegment {
  stream: SealStream
  index: number
}

/**
 * Creates a data key for one part and seals it for the recipients of the part's purpose. The data key is wiped when `begin`
 * has derived the stream key from it. The stream key is wiped by `finish` or `wipe`.
 *
 * @throws AppError `key.missing` if the purpose has no recipient
 */
export function createPartSealer(info: PartInfo, recipients: Recipient[]): PartSealer {
  const fitting = recipients.filter(({ purpose }) => purpose === info.purpose)
  if (fitting.length === 0)
    throw new AppError(
      'key.missing',
      `purpose ${info.purpose} has no recipient: add one to CONSENTRY_RECIPIENTS`,
    )
  return new Sealer(info, fitting)
}

class Sealer implements PartSealer {
  readonly wrappedKey: Buffer
  readonly #info: PartInfo
  readonly #dataKey = randomBytes(KEY_BYTES)
  readonly #hash = createHash('sha256')
  readonly #open = new Map<number, OpenSegment>()
  readonly #ends: Record<Leg, number> = { caller: 0, agent: 0 }
  #streamKey: Buffer | undefined
  #phase: 'new' | 'begun' | 'over' = 'new'
  #records = 0
  #segments = 0
  #bytes = 0

  constructor(info: PartInfo, recipients: Recipient[]) {
    this.#info = info
    this.wrappedKey = wrapKey(this.#dataKey, info.part, recipients)
  }

  get progress(): SealProgress {
    return {
      chunks: this.#records,
      bytes: this.#bytes,
      hash: this.#hash.copy().digest('hex'),
      samples: Math.max(this.#ends.caller, this.#ends.agent),
    }
  }

  begin(startedAt: number): SealedChunk {
    if (this.#phase !== 'new') throw new Error('begin was called twice, or after the end')
    this.#phase = 'begun'
    const bound = encodeHeader({ ...this.#info, startedAt })
    this.#streamKey = streamKey(this.#dataKey, bound)
    const header = this.#emit([bound, commitment(this.#dataKey, bound)])
    this.#dataKey.fill(0)
    return header
  }

  seal(block: AudioBlock): SealedChunk[] {
    const width = sampleBytes(this.#info.codec)
    if (block.bytes.length % width !== 0 || block.sample < this.#ends[block.leg])
      throw new AppError(
        'container.invalid',
        `a block of the ${block.leg} leg overlaps the block before it, or ends within a sample`,
      )
    // An empty block must not move the end of its leg: the totals state where the audio ends.
    if (block.bytes.length === 0) return []
    const chunks = splitAtSegments(block, width).map(piece =>
      this.#record(Math.floor(piece.sample / SEGMENT_SAMPLES), encodeChunk(piece), TAG_MESSAGE),
    )
    this.#ends[block.leg] = block.sample + block.bytes.length / width
    return [...chunks, ...this.#endSegments(Math.min(this.#ends.caller, this.#ends.agent))]
  }

  finish(): SealedChunk[] {
    const ends = this.#endSegments(Number.POSITIVE_INFINITY)
    const totals = encodeTotals({ records: this.#records, segments: this.#segments, ...this.#ends })
    ends.push(this.#record(TOTALS_SEGMENT, [totals], TAG_FINAL))
    this.wipe()
    return ends
  }

  wipe(): void {
    this.#phase = 'over'
    this.#dataKey.fill(0)
    this.#streamKey?.fill(0)
    this.#streamKey = undefined
    for (const { stream } of this.#open.values()) stream.wipe()
    this.#open.clear()
  }

  /** Ends the segments that end at or before `passed`, in samples. */
  #endSegments(passed: number): SealedChunk[] {
    const over = [...this.#open.keys()].filter(segment => (segment + 1) * SEGMENT_SAMPLES <= passed)
    return over.map(segment => this.#record(segment, [], TAG_FINAL))
  }

  #record(number: number, plaintext: Uint8Array[], tag: number): SealedChunk {
    const segment = this.#open.get(number) ?? this.#openSegment(number)
    const first = segment.index === 0
    const head = encodeHead({
      segment: number,
      index: segment.index++,
      number: this.#records++,
      length: plaintext.reduce(
        (sum, part) => sum + part.length,
        STREAM_OVERHEAD + (first ? STREAM_HEADER_BYTES : 0),
      ),
    })
    const body = segment.stream.push(plaintext, head, tag)
    const record = this.#emit(first ? [head, segment.stream.header, ...body] : [head, ...body])
    if (tag === TAG_FINAL) {
      segment.stream.wipe()
      this.#open.delete(number)
    }
    return record
  }

  #openSegment(number: number): OpenSegment {
    if (!this.#streamKey) throw new Error('nothing can be sealed before begin or after the end')
    const key = segmentKey(this.#streamKey, number)
    const segment = { stream: new SealStream(key), index: 0 }
    key.fill(0)
    this.#open.set(number, segment)
    if (number !== TOTALS_SEGMENT) this.#segments++
    return segment
  }

  #emit(pieces: Buffer[]): SealedChunk {
    const joined = joinShort(pieces)
    for (const piece of joined) {
      this.#hash.update(piece)
      this.#bytes += piece.length
    }
    return new SealedChunk(joined)
  }
}

/** Joins neighbours that are short. A long piece is not copied. */
function joinShort(pieces: readonly Buffer[]): Buffer[] {
  const joined: Buffer[] = []
  let short: Buffer[] = []
  const flush = () => {
    if (short.length > 0) joined.push(Buffer.concat(short))
    short = []
  }
  for (const piece of pieces) {
    if (piece.length <= SHORT_BYTES) short.push(piece)
    else {
      flush()
      joined.push(piece)
    }
  }
  flush()
  return joined
}
