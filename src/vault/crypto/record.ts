import type { AudioBlock, Leg } from '../../core/audio.js'
import { SEGMENT_SAMPLES } from './header.js'
import { PLAINTEXT_STEP, STREAM_HEADER_BYTES, STREAM_OVERHEAD } from './stream-format.js'

/** Length in bytes of a record's head. The head is not encrypted. It is the associated data of the body. */
export const HEAD_BYTES = 16
/** Segment number of the last record of a complete container, which holds the totals. */
export const TOTALS_SEGMENT = 0xffffffff
/** Length in bytes of what precedes the audio in a chunk's plaintext. */
export const CHUNK_PREFIX_BYTES = 24
/** The longest body in bytes: one leg of a whole segment in 16-bit samples, as the first record of its stream. */
export const MAX_BODY_BYTES = STREAM_HEADER_BYTES + STREAM_OVERHEAD + CHUNK_PREFIX_BYTES + 2 * SEGMENT_SAMPLES

/** The unencrypted head of a record. A reader uses heads to find a segment without decrypting others. */
export interface RecordHead {
  segment: number
  /** Index within the segment, from 0. */
  index: number
  /** Index within the file, from 0. */
  number: number
  /** Length of the body in bytes. */
  length: number
}

export function encodeHead(head: RecordHead): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES)
  bytes.writeUInt32LE(head.segment, 0)
  bytes.writeUInt32LE(head.index, 4)
  bytes.writeUInt32LE(head.number, 8)
  bytes.writeUInt32LE(head.length, 12)
  return bytes
}

export const decodeHead = (bytes: Buffer): RecordHead => ({
  segment: bytes.readUInt32LE(0),
  index: bytes.readUInt32LE(4),
  number: bytes.readUInt32LE(8),
  length: bytes.readUInt32LE(12),
})

const LEGS: Leg[] = ['caller', 'agent']

/** Encodes the plaintext of one chunk, padded with zeros. It is returned in pieces, so that the audio is not copied. */
export function encodeChunk(block: AudioBlock): Uint8Array[] {
  const prefix = Buffer.alloc(CHUNK_PREFIX_BYTES)
  prefix[0] = LEGS.indexOf(block.leg)
  prefix.writeUInt32LE(block.bytes.length, 4)
  prefix.writeBigUInt64LE(BigInt(block.sample), 8)
  prefix.writeBigUInt64LE(BigInt(Math.round(block.arrivedAt)), 16)
  return [prefix, block.bytes, Buffer.alloc(-block.bytes.length & (PLAINTEXT_STEP - 1))]
}

/**
 * Splits a block at segment boundaries without copying its audio. An empty block gives no pieces.
 *
 * @param width bytes per sample
 */
export function splitAtSegments(block: AudioBlock, width: number): AudioBlock[] {
  const pieces: AudioBlock[] = []
  let { sample, bytes } = block
  while (bytes.length > 0) {
    const room = (SEGMENT_SAMPLES - (sample % SEGMENT_SAMPLES)) * width
    pieces.push({ ...block, sample, bytes: bytes.subarray(0, room) })
    bytes = bytes.subarray(room)
    sample += room / width
  }
  return pieces
}

/** Decodes an authenticated plaintext; undefined if the format is unknown. */
export function decodeChunk(plaintext: Buffer): AudioBlock | undefined {
  if (plaintext.length < CHUNK_PREFIX_BYTES) return undefined
  const leg = LEGS[plaintext[0]!]
  const length = plaintext.readUInt32LE(4)
  const padding = plaintext.length - CHUNK_PREFIX_BYTES - length
  if (!leg || length === 0 || padding < 0 || padding >= PLAINTEXT_STEP) return undefined
  return {
    leg,
    sample: Number(plaintext.readBigUInt64LE(8)),
    arrivedAt: Number(plaintext.readBigUInt64LE(16)),
    bytes: plaintext.subarray(CHUNK_PREFIX_BYTES, CHUNK_PREFIX_BYTES + length),
  }
}

/** The content of the last record: totals of all records before it. */
export interface Totals {
  records: number
  segments: number
  /** End of each leg in samples, gaps included. */
  caller: number
  agent: number
}

const TOTALS_BYTES = 24

export function encodeTotals(totals: Totals): Buffer {
  const bytes = Buffer.alloc(TOTALS_BYTES)
  bytes.writeUInt32LE(totals.records, 0)
  bytes.writeUInt32LE(totals.segments, 4)
  bytes.writeBigUInt64LE(BigInt(totals.caller), 8)
  bytes.writeBigUInt64LE(BigInt(totals.agent), 16)
  return bytes
}

export function decodeTotals(plaintext: Buffer): Totals | undefined {
  if (plaintext.length !== TOTALS_BYTES) return undefined
  return {
    records: plaintext.readUInt32LE(0),
    segments: plaintext.readUInt32LE(4),
    caller: Number(plaintext.readBigUInt64LE(8)),
    agent: Number(plaintext.readBigUInt64LE(16)),
  }
}
