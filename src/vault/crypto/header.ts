import { type Codec, SAMPLE_RATE } from '../../core/audio.js'
import { AppError } from '../../core/errors.js'
import type { CallId, EventId, PartId, RecordingId } from '../../core/ids.js'
import { KEY_BYTES } from './derive.js'
import type { PartInfo } from './types.js'

/**
 * The file signature: `CTRY` between a byte above 127 and line ends, as in PNG. A transfer in text mode changes these bytes,
 * so that the damage is detected.
 */
const MAGIC = Buffer.from([0x89, 0x43, 0x54, 0x52, 0x59, 0x0d, 0x0a, 0x1a])
const VERSION = 1
/** Cipher suite 1: secretstream XChaCha20-Poly1305, keyed BLAKE2b-256, crypto_kdf, crypto_box_seal. */
const SUITE = 1
const CHANNELS = 2
const CODECS: Record<Codec, number> = { alaw: 1, ulaw: 2, slin: 3 }

/** Length of one segment in samples (10 s). Playback can start at any segment without decrypting the ones before it. */
export const SEGMENT_SAMPLES = 10 * SAMPLE_RATE

/** Length in bytes of everything before line and purpose. */
const FIXED_BYTES = 100
/** The longest header in bytes: the fixed part, two texts of at most 255 bytes with a length byte each, the commitment. */
export const MAX_HEADER_BYTES = FIXED_BYTES + 2 * 256 + KEY_BYTES

/** The content of a header: facts about its part. */
export type HeaderInfo = PartInfo & {
  /** When the audio begins, ms since the epoch. */
  startedAt: number
}

/**
 * Encodes a header without the commitment, which follows it in the file.
 *
 * @throws AppError `container.invalid` if line or purpose is longer than 255 bytes
 */
export function encodeHeader(info: HeaderInfo): Buffer {
  const line = Buffer.from(info.line)
  const purpose = Buffer.from(info.purpose)
  if (line.length > 255 || purpose.length > 255)
    throw new AppError('container.invalid', 'line and purpose must be at most 255 bytes each')
  const fixed = Buffer.alloc(FIXED_BYTES)
  MAGIC.copy(fixed)
  fixed[8] = VERSION
  fixed[9] = SUITE
  fixed.writeUInt16LE(FIXED_BYTES + 2 + line.length + purpose.length + KEY_BYTES, 10)
  for (const [i, id] of [info.recording, info.part, info.call, info.basis].entries())
    uuidBytes(id).copy(fixed, 12 + 16 * i)
  fixed.writeUInt32LE(info.number, 76)
  fixed.writeBigUInt64LE(BigInt(Math.round(info.startedAt)), 80)
  fixed[88] = CODECS[info.codec]
  fixed[89] = CHANNELS
  fixed.writeUInt32LE(SAMPLE_RATE, 92)
  fixed.writeUInt32LE(SEGMENT_SAMPLES, 96)
  return Buffer.concat([fixed, Buffer.from([line.length]), line, Buffer.from([purpose.length]), purpose])
}

/** A decoded header. Do not trust it until the commitment has been checked with the data key. */
export interface UncheckedHeader {
  info: HeaderInfo
  /** The bytes that the commitment covers. */
  bound: Buffer
  commitment: Buffer
  /** Length of the header in bytes. The records begin here. */
  length: number
}

const invalid = (what: string) => new AppError('container.invalid', `the container's header ${what}`)

/**
 * Decodes the header from the first bytes of a container.
 *
 * @param bytes at least the whole header, or the whole file if the file is shorter
 * @throws AppError `container.invalid` if the header is truncated or has a value that this version does not know
 */
export function decodeHeader(bytes: Buffer): UncheckedHeader {
  if (bytes.length < FIXED_BYTES) throw invalid('is truncated')
  if (!bytes.subarray(0, 8).equals(MAGIC)) throw invalid('does not begin with the signature of a recording')
  if (bytes[8] !== VERSION || bytes[9] !== SUITE) throw invalid('has an unknown version or cipher suite')
  const length = bytes.readUInt16LE(10)
  if (length > MAX_HEADER_BYTES || length < FIXED_BYTES + 2 + KEY_BYTES)
    throw invalid('states a wrong length')
  if (bytes.length < length) throw invalid('is truncated')
  const bound = bytes.subarray(0, length - KEY_BYTES)
  return { info: decodeInfo(bound), bound, commitment: bytes.subarray(length - KEY_BYTES, length), length }
}

function decodeInfo(bound: Buffer): HeaderInfo {
  const codec = (Object.keys(CODECS) as Codec[]).find(name => CODECS[name] === bound[88])
  const known = bound[89] === CHANNELS && bound.readUInt16LE(90) === 0
  if (
    !codec ||
    !known ||
    bound.readUInt32LE(92) !== SAMPLE_RATE ||
    bound.readUInt32LE(96) !== SEGMENT_SAMPLES
  )
    throw invalid('states an unknown audio format')
  const lineEnd = FIXED_BYTES + 1 + bound[FIXED_BYTES]!
  if (lineEnd >= bound.length || lineEnd + 1 + bound[lineEnd]! !== bound.length)
    throw invalid('states a wrong length')
  return {
    recording: uuidText(bound, 12) as RecordingId,
    part: uuidText(bound, 28) as PartId,
    call: uuidText(bound, 44) as CallId,
    basis: uuidText(bound, 60) as EventId,
    number: bound.readUInt32LE(76),
    startedAt: Number(bound.readBigUInt64LE(80)),
    codec,
    line: bound.toString('utf8', FIXED_BYTES + 1, lineEnd),
    purpose: bound.toString('utf8', lineEnd + 1),
  }
}

/** Encodes a UUID as 16 bytes in network order (RFC 9562). */
export const uuidBytes = (id: string): Buffer => Buffer.from(id.replaceAll('-', ''), 'hex')

/** Decodes the 16 bytes at offset `at` to the text form in lower case. */
function uuidText(bytes: Buffer, at: number): string {
  const hex = bytes.toString('hex', at, at + 16)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
