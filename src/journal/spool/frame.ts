import { crc32 } from 'node:zlib'

/** `<length> <CRC-32> `, each as 8 hex digits: so a person can read the file, and a flipped bit shows. */
const HEADER = /^([0-9a-f]{8}) ([0-9a-f]{8}) $/
const HEADER_BYTES = 18
/** No body is longer, bytes: the database takes no event above 64 KB. Bounds what a damaged length makes us read. */
const MAX_BODY_BYTES = 1024 * 1024
const LINE_END = 0x0a

/** A body that holds no line end, with what tells whether it is whole. */
export const encodeFrame = (body: string): Buffer => {
  const bytes = Buffer.from(body)
  return Buffer.concat([
    Buffer.from(`${hex(bytes.length)} ${hex(crc32(bytes))} `),
    bytes,
    Buffer.of(LINE_END),
  ])
}

const hex = (number: number): string => number.toString(16).padStart(8, '0')

/** What stands at one place of a file. `body` is undefined where it is damaged, from there to the next line. */
export interface FrameResult {
  body: string | undefined
  end: number
}

/**
 * Reads what begins at `at`.
 *
 * @param last whether the file ends where `bytes` do
 * @returns undefined if more bytes are needed to tell
 */
export function readFrame(bytes: Buffer, at: number, last: boolean): FrameResult | undefined {
  const start = at + HEADER_BYTES
  if (start > bytes.length) return last ? damagedUntilNextLine(bytes, at) : undefined
  const [, length = '', sum = ''] = HEADER.exec(bytes.toString('latin1', at, start)) ?? []
  const end = start + Number.parseInt(length || 'ffffffff', 16)
  if (end - start > MAX_BODY_BYTES) return damagedUntilNextLine(bytes, at)
  if (end + 1 > bytes.length) return last ? damagedUntilNextLine(bytes, at) : undefined
  const body = bytes.subarray(start, end)
  // The line end is not looked at: the length says where the next one begins.
  return hex(crc32(body)) === sum ? { body: body.toString(), end: end + 1 } : damagedUntilNextLine(bytes, at)
}

/** From a damaged place the next line is the next that can be read: no body holds a line end. */
function damagedUntilNextLine(bytes: Buffer, at: number): FrameResult {
  const line = bytes.indexOf(LINE_END, at)
  return { body: undefined, end: line < 0 ? bytes.length : line + 1 }
}
