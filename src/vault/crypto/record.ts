import type { AudioBlock, Leg } from '../../shared/audio.js'
import { SEGMENT_SAMPLES } from './header.js'
import { STREAM_HEADER_BYTES, STREAM_OVERHEAD } from './stream-format.js'

/** Bytes of the clear head of each record; also the associated data of its body. */
export const HEAD_BYTES = 16
/** The segment number of the record that ends a whole container. */
export const TOTALS_SEGMENT = 0xffffffff
/** Bytes that stand before the audio in a chunk's plaintext. */
export const CHUNK_PREFIX_BYTES = 24
/** Plaintexts are filled up with zeros to a multiple of this (`seal-stream.ts` says why). */
const STEP = 8
/** The longest body: a whole segment of 16-bit samples of one leg, as its stream's first record. */
export const MAX_BODY_BYTES = STREAM_HEADER_BYTES + STREAM_OVERHEAD + CHUNK_PREFIX_BYTES + 2 * SEGMENT_SAMPLES

/** What stands readable before each body, so that a reader finds its segments without decrypting others. */
export interface RecordHead {
  segment: number
  /** Place within the segment, from 0. */
  index: number
  /** Place within the file, from 0. */
  number: number
  /** Bytes of the body. */
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

/** The plaintext of one chunk, in pieces, so that the audio is not copied. */
export function encodeChunk(block: AudioBlock): Uint8Array[] {
  const prefix = Buffer.alloc(CHUNK_PREFIX_BYTES)
  prefix[0] = LEGS.indexOf(block.leg)
  prefix.writeUInt32LE(block.bytes.length, 4)
  prefix.writeBigUInt64LE(BigInt(block.sample), 8)
  prefix.writeBigUInt64LE(BigInt(Math.round(block.arrivedAt)), 16)
  return [prefix, block.bytes, Buffer.alloc(-block.bytes.length & (STEP - 1))]
}

/** The block in an authentic plaintext; undefined if it has no such form. */
export function decodeChunk(plaintext: Buffer): AudioBlock | undefined {
  if (plaintext.length < CHUNK_PREFIX_BYTES) return undefined
  const leg = LEGS[plaintext[0]!]
  const length = plaintext.readUInt32LE(4)
  const padding = plaintext.length - CHUNK_PREFIX_BYTES - length
  if (!leg || length === 0 || padding < 0 || padding >= STEP) return undefined
  return {
    leg,
    sample: Number(plaintext.readBigUInt64LE(8)),
    arrivedAt: Number(plaintext.readBigUInt64LE(16)),
    bytes: plaintext.subarray(CHUNK_PREFIX_BYTES, CHUNK_PREFIX_BYTES + length),
  }
}

/** What the last record says of all before it. */
export interface Totals {
  records: number
  segments: number
  /** Where each leg ends, in samples, gaps included. */
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
