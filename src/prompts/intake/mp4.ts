import { unusable } from './refuse.js'

/** A box of an MP4 file (ISO 14496-12). */
export interface Box {
  type: string
  start: number
  end: number
}

/** Boxes that only hold boxes, on the way from `moov` to the tables of offsets. */
const CONTAINERS = ['trak', 'mdia', 'minf', 'stbl']
/** Most boxes of a file. An M4A of one minute has some 40. */
const MAX_BOXES = 2000

const damaged = () => unusable('The M4A file is cut short or damaged: copy or save it again.')

/** The boxes between two offsets. They must fill the whole space. @throws AppError `request.invalid` */
function boxesIn(bytes: Buffer, from: number, to: number): Box[] {
  const boxes: Box[] = []
  for (let at = from; at < to; ) {
    if (at + 8 > to || boxes.length >= MAX_BOXES) throw damaged()
    const size = bytes.readUInt32BE(at)
    // Boxes above 4 GB, and one that reaches to the end, do not occur in a short sound.
    if (size < 8 || at + size > to) throw damaged()
    boxes.push({ type: bytes.toString('latin1', at + 4, at + 8), start: at, end: at + size })
    at += size
  }
  return boxes
}

/** Checks that an MP4 file is whole: its boxes fill it, with one index and its samples. @throws AppError `request.invalid` */
export function checkMp4(bytes: Buffer): Box[] {
  const boxes = boxesIn(bytes, 0, bytes.length)
  const count = (type: string) => boxes.filter(box => box.type === type).length
  if (count('moov') !== 1 || count('mdat') < 1) throw damaged()
  return boxes
}

/**
 * Moves the index of an MP4 file before its samples, because a pipe cannot seek. Telephones write the index last.
 *
 * @returns the same bytes if the index is first
 */
export function indexFirst(bytes: Buffer, boxes: Box[]): Buffer {
  const moov = boxes.find(({ type }) => type === 'moov')!
  const samples = boxes.find(({ type }) => type === 'mdat')!
  if (moov.start < samples.start) return bytes
  const index = Buffer.from(bytes.subarray(moov.start, moov.end))
  shiftOffsets(index, 8, index.length, index.length)
  return Buffer.concat([
    bytes.subarray(0, samples.start),
    index,
    bytes.subarray(samples.start, moov.start),
    bytes.subarray(moov.end),
  ])
}

/** Adds to each offset of the tables `stco` and `co64`. @param depth of the boxes in the file */
function shiftOffsets(index: Buffer, from: number, to: number, by: number, depth = 0): void {
  if (depth > CONTAINERS.length) throw damaged()
  for (const { type, start, end } of boxesIn(index, from, to)) {
    if (CONTAINERS.includes(type)) shiftOffsets(index, start + 8, end, by, depth + 1)
    if (type !== 'stco' && type !== 'co64') continue
    const width = type === 'stco' ? 4 : 8
    const count = end - start >= 16 ? index.readUInt32BE(start + 12) : -1
    if (count < 0 || start + 16 + count * width > end) throw damaged()
    for (let at = start + 16; at < start + 16 + count * width; at += width) {
      if (width === 8) index.writeBigUInt64BE(index.readBigUInt64BE(at) + BigInt(by), at)
      else index.writeUInt32BE(Math.min(0xffff_ffff, index.readUInt32BE(at) + by), at)
    }
  }
}
