import { crc32 } from 'node:zlib'

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
export interface FrameResult {
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
