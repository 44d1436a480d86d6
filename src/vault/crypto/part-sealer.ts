import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { type AudioBlock, type Leg, sampleBytes } from '../../core/audio.js'
import { AppError } from '../../core/errors.js'
import { commitment, KEY_BYTES, segmentKey, streamKey } from './derive.js'
import { encodeHeader, SEGMENT_SAMPLES } from './header.js'
import { wrapKey } from './key-file.js'
import { encodeChunk, encodeHead, encodeTotals, splitAtSegments, TOTALS_SEGMENT } from './record.js'
import { SealedChunk } from './sealed-chunk.js'
import {
  MAC_BYTES,
  PLAINTEXT_STEP,
  STREAM_HEADER_BYTES,
  STREAM_OVERHEAD,
  TAG_FINAL,
  TAG_MESSAGE,
} from './stream-format.js'
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

/** Length in bytes of the block that carries the tag. Only its first byte is sent. */
const TAG_BLOCK_BYTES = 64
const NOTHING = Buffer.alloc(0)

/**
 * Encrypts one stream of libsodium's `crypto_secretstream_xchacha20poly1305`. The bytes are those that libsodium writes, but
 * OpenSSL's ChaCha20-Poly1305 (RFC 8439) computes them, because libsodium in WebAssembly takes three times as long. The time
 * saved pays for the container's SHA-256. `OpenStream` decrypts with libsodium itself, so every test that opens a container
 * also checks this class.
 *
 * One message is the cipher over `tag ‖ 63 zero bytes ‖ message`, of which the encrypted 63 bytes are not sent. The MAC of a
 * message is mixed into the nonce of the next message.
 *
 * secretstream pads its MAC input by `length mod 16`, RFC 8439 by `-length mod 16`. The two are equal only for lengths that
 * are multiples of 8 bytes, so this class refuses other lengths. secretstream changes its key when the 32-bit counter wraps or
 * after a final message. A stream ends before either, so this class never changes the key.
 */
export class SealStream {
  readonly header = randomBytes(STREAM_HEADER_BYTES)
  readonly #key: Buffer
  /** Message counter (4 bytes, from 1), then 8 bytes into which the MAC of each message is mixed. */
  readonly #nonce = Buffer.alloc(12)

  constructor(key: Uint8Array) {
    this.#key = hchacha20(key, this.header.subarray(0, 16))
    this.#nonce.writeUInt32LE(1, 0)
    this.header.copy(this.#nonce, 4, 16)
  }

  /**
   * Encrypts one message.
   *
   * @param parts the message in pieces, together a multiple of 8 bytes; the first one is copied, so it should be short
   * @param associated data that is authenticated but not encrypted
   * @param tag `TAG_MESSAGE` or `TAG_FINAL`
   * @returns the ciphertext in pieces, together 17 bytes longer than the message
   */
  push(parts: Uint8Array[], associated: Uint8Array, tag: number): Buffer[] {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    if (length % PLAINTEXT_STEP !== 0) throw new Error('the plaintext must be a multiple of 8 bytes')
    const cipher = createCipheriv('chacha20-poly1305', this.#key, this.#nonce, { authTagLength: MAC_BYTES })
    cipher.setAAD(associated, { plaintextLength: TAG_BLOCK_BYTES + length })
    const [first = NOTHING, ...others] = parts.filter(part => part.length > 0)
    // One call for both, because a call of the cipher costs as much as 1 KB of audio.
    const start = Buffer.allocUnsafe(TAG_BLOCK_BYTES + first.length).fill(0, 0, TAG_BLOCK_BYTES)
    start[0] = tag
    start.set(first, TAG_BLOCK_BYTES)
    const sealedStart = cipher.update(start)
    const sealed = [
      sealedStart.subarray(0, 1),
      sealedStart.subarray(TAG_BLOCK_BYTES),
      ...others.map(part => cipher.update(part)),
    ]
    cipher.final()
    const mac = cipher.getAuthTag()
    this.#nonce.writeUInt32LE(this.#nonce.readUInt32LE(0) + 1, 0)
    for (let i = 0; i < 8; i++) this.#nonce[4 + i]! ^= mac[i]!
    return [...sealed, mac]
  }

  wipe(): void {
    this.#key.fill(0)
    this.#nonce.fill(0)
  }
}

/** The constant of a ChaCha state, words 0-3. */
const CONSTANT = Buffer.from('expand 32-byte k')

/**
 * HChaCha20 (draft-irtf-cfrg-xchacha-03, section 2.2). XChaCha20 uses it to derive a key from a key and 16 bytes of nonce.
 *
 * OpenSSL does not offer HChaCha20, so this function computes it from ChaCha20. A ChaCha20 block is the permuted state plus
 * the initial state, word by word. HChaCha20 is words 0-3 and 12-15 of the permuted state. The initial words at these
 * positions are public (constant and nonce), so subtracting them leaves HChaCha20.
 *
 * @param key 32 bytes
 * @param input 16 bytes of nonce
 * @returns 32 bytes
 */
export function hchacha20(key: Uint8Array, input: Uint8Array): Buffer {
  const cipher = createCipheriv('chacha20', key, input)
  const block = cipher.update(Buffer.alloc(64))
  // `final` makes OpenSSL wipe its copy of the key now. Without it the copy stays until garbage collection.
  cipher.final()
  const nonce = Buffer.from(input)
  const out = Buffer.alloc(32)
  for (let at = 0; at < 16; at += 4) {
    out.writeInt32LE((block.readInt32LE(at) - CONSTANT.readInt32LE(at)) | 0, at)
    out.writeInt32LE((block.readInt32LE(48 + at) - nonce.readInt32LE(at)) | 0, 16 + at)
  }
  block.fill(0)
  return out
}
