import { createHash, randomBytes } from 'node:crypto'
import { type AudioBlock, type Leg, sampleBytes } from '../../shared/audio.js'
import { AppError } from '../../shared/errors.js'
import { commitment, KEY_BYTES, segmentKey, streamKey } from './derive.js'
import { encodeHeader, SEGMENT_SAMPLES } from './header.js'
import { wrapKey } from './key-file.js'
import { encodeChunk, encodeHead, encodeTotals, TOTALS_SEGMENT } from './record.js'
import { SealStream } from './seal-stream.js'
import { SealedChunk } from './sealed-chunk.js'
import { splitAtSegments } from './split.js'
import { STREAM_HEADER_BYTES, STREAM_OVERHEAD, TAG_FINAL, TAG_MESSAGE } from './stream-format.js'
import type { PartInfo, Recipient } from './types.js'

/** How far a container has got. */
export interface SealProgress {
  /** Records made so far. */
  chunks: number
  /** Length of the container so far. */
  bytes: number
  /** SHA-256 of these bytes, hex: what `sha256sum` says of the file. */
  hash: string
  /** Length of the longer leg, in samples. */
  samples: number
}

/** Makes one container. Its results are appended to one object, all of them, in order. */
export interface PartSealer {
  /** Content of the part's key file. */
  readonly wrappedKey: Buffer
  readonly progress: SealProgress
  /**
   * The header. Comes first, once.
   * @param startedAt when the first sample was taken, ms since the epoch
   */
  begin(startedAt: number): SealedChunk
  /**
   * @throws AppError `container.invalid` if the block begins before the end of its leg, or is no whole number of samples
   */
  seal(block: AudioBlock): SealedChunk[]
  /** Ends every segment, and the container with its totals; then wipes. */
  finish(): SealedChunk[]
  /** Forgets every key; nothing can be sealed afterwards. Harmless when repeated. */
  wipe(): void
}

/** A segment whose two legs have not both passed its end. */
interface OpenSegment {
  stream: SealStream
  index: number
}

/**
 * Draws a fresh data key for one part and seals it for those of the recipients that belong to the part's purpose.
 * The key lives until `begin` has derived the part's keys from it, those until `finish` or `wipe`.
 *
 * @throws AppError `key.missing` if the purpose has no recipient
 */
export function createPartSealer(info: PartInfo, recipients: Recipient[]): PartSealer {
  const fitting = recipients.filter(({ purpose }) => purpose === info.purpose)
  if (fitting.length === 0)
    throw new AppError('key.missing', `there is no recipient key for purpose ${info.purpose}`)
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
    if (this.#phase !== 'new') throw new Error('the part has begun or ended already')
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
      throw new AppError('container.invalid', `a block of the ${block.leg} does not follow on its leg`)
    // One without a sample has no end either: the totals tell of what is there.
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

  /** Ends the segments that both legs have passed. */
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
    if (!this.#streamKey) throw new Error('the part has not begun, or has ended')
    const key = segmentKey(this.#streamKey, number)
    const segment = { stream: new SealStream(key), index: 0 }
    key.fill(0)
    this.#open.set(number, segment)
    if (number !== TOTALS_SEGMENT) this.#segments++
    return segment
  }

  #emit(pieces: Uint8Array[]): SealedChunk {
    const bytes = Buffer.concat(pieces)
    this.#hash.update(bytes)
    this.#bytes += bytes.length
    return new SealedChunk(bytes)
  }
}
