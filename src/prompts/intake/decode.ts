import { text } from '../../core/message.js'
import type { Sound } from '../../lib/audio-formats/wav.js'
import { unusable } from './refuse.js'
import { runFfmpeg } from './run-ffmpeg.js'

/** Largest accepted file, bytes. One minute of stereo WAV at 44.1 kHz. */
export const MAX_UPLOAD_BYTES = 10_485_760
/** Longest prompt, s. */
const MAX_SECONDS = 60
/** Samples a second of a master. */
export const MASTER_RATE = 16_000
/** The decoders that the formats need. */
const DECODERS =
  'pcm_s16le,pcm_s24le,pcm_s32le,pcm_u8,pcm_f32le,pcm_f64le,pcm_alaw,pcm_mulaw,mp3,mp3float,aac,alac,flac,vorbis,opus'

/**
 * Decodes a sound file: uploaded, recorded or synthesised.
 *
 * @param tool path or name of ffmpeg
 * @returns one channel at 16 kHz
 * @throws AppError `request.invalid`, which says what to do; `tool.missing`, `tool.failed`
 */
export async function decodeSound(tool: string, given: Buffer): Promise<Sound> {
  if (given.length > MAX_UPLOAD_BYTES)
    throw unusable(
      text`The file has more than ${MAX_UPLOAD_BYTES / 1_048_576} MB: shorten it, or save it as FLAC.`,
    )
  const { format, bytes } = recogniseSound(given)
  const { bytes: pcm } = await runFfmpeg({
    tool,
    input: bytes,
    inputOptions: [
      '-f',
      format.demuxer,
      '-format_whitelist',
      format.demuxer,
      '-codec_whitelist',
      DECODERS,
      '-xerror',
    ],
    maxBytes: (MAX_SECONDS + 2) * MASTER_RATE * 2,
    output: command =>
      command
        .outputOptions(['-map', '0:a:0', '-vn', '-sn', '-dn', '-map_metadata', '-1', '-bitexact'])
        // One further second is decoded, which shows that the sound is too long.
        .duration(MAX_SECONDS + 1)
        .audioCodec('pcm_s16le')
        .audioChannels(1)
        .audioFrequency(MASTER_RATE)
        .format('s16le'),
  })
  const sound = soundOf(pcm)
  if (sound.samples.length > MAX_SECONDS * MASTER_RATE)
    throw unusable(text`The sound is longer than ${MAX_SECONDS} s: shorten it.`)
  if (sound.samples.length === 0) throw unusable('The file holds no sound: record it again.')
  return sound
}

/** @param pcm signed 16-bit samples, little-endian, at 16 kHz */
export function soundOf(pcm: Buffer): Sound {
  const samples = new Int16Array(pcm.length >> 1)
  for (let i = 0; i < samples.length; i++) samples[i] = pcm.readInt16LE(i * 2)
  return { rate: MASTER_RATE, samples }
}

/** An accepted format of sound, with the one demuxer that may read it. */
interface SoundFormat {
  name: 'WAV' | 'MP3' | 'OGG' | 'M4A' | 'FLAC'
  /** ffmpeg's name. */
  demuxer: string
}

const FORMATS = 'WAV, MP3, OGG, M4A or FLAC'

/** Longest beginning that is searched for the words of a playlist, bytes. */
const HEAD = 1024

/** Files that list other files. ffmpeg would open the listed files. */
const PLAYLIST =
  /^\s*(#EXT|ffconcat|\[playlist\]|\[Reference\]|v=0\s|<asx|<smil|<playlist|<MPD|<\?xml|#QTV|file\s|https?:|ftp:|rtsp:|mms:|concat:|subfile|data:)/i

/** Other known files, by their first bytes. */
const OTHERS: readonly [name: string, start: string | RegExp][] = [
  ['a ZIP archive', 'PK'],
  ['a gzip archive', '\x1f\x8b'],
  ['a bzip2 archive', 'BZh'],
  ['a 7z archive', '7z\xbc\xaf'],
  ['an xz archive', '\xfd7zXZ'],
  ['a PDF', '%PDF'],
  ['a program', /^(\x7fELF|MZ|#!)/],
  ['an image', /^(\x89PNG|GIF8|\xff\xd8\xff|BM|II\*\0|MM\0\*)/],
  ['a web page', /^\s*<(!doctype|html|svg|script)/i],
  ['a Matroska or WebM file', '\x1a\x45\xdf\xa3'],
  ['a Windows Media file', '\x30\x26\xb2\x75'],
  ['an AIFF file', 'FORM'],
  ['an AVI or other RIFF file', 'RIFF'],
  ['an RF64 file', 'RF64'],
]

/**
 * Finds the format of a sound by its content, never by its name, and checks that the file is complete and has no other
 * content.
 *
 * @returns the format, and the bytes for its demuxer: of an M4A whose index is at its end, the index is moved to the
 *   front
 * @throws AppError `request.invalid`, which says what the file is instead
 */
function recogniseSound(bytes: Buffer): { format: SoundFormat; bytes: Buffer } {
  if (bytes.length === 0) throw unusable('The file is empty: choose another.')
  const head = bytes.toString('latin1', 0, HEAD)
  if (PLAYLIST.test(head))
    throw unusable(text`This is a playlist, which only names sounds: give the sound itself, as ${FORMATS}.`)
  if (head.startsWith('RIFF') && head.slice(8, 12) === 'WAVE') {
    checkWav(bytes)
    return { format: { name: 'WAV', demuxer: 'wav' }, bytes }
  }
  if (head.startsWith('fLaC')) return { format: { name: 'FLAC', demuxer: 'flac' }, bytes }
  if (head.startsWith('OggS')) {
    checkOgg(bytes)
    return { format: { name: 'OGG', demuxer: 'ogg' }, bytes }
  }
  if (head.slice(4, 8) === 'ftyp') {
    const boxes = checkMp4(bytes)
    return { format: { name: 'M4A', demuxer: 'mov' }, bytes: indexFirst(bytes, boxes) }
  }
  if (isMp3(bytes)) return { format: { name: 'MP3', demuxer: 'mp3' }, bytes }
  const [other] =
    OTHERS.find(([, start]) => (typeof start === 'string' ? head.startsWith(start) : start.test(head))) ?? []
  throw unusable(
    other
      ? text`This is ${other}, and no sound: give ${FORMATS}.`
      : text`This is not a whole ${FORMATS} file: save the sound again in one of these formats.`,
  )
}

const cutShort = (format: string) =>
  unusable(text`The ${format} file is cut short or damaged: copy or save it again.`)
const somethingElse = (format: string) =>
  unusable(text`Something other than sound follows in the ${format} file: save the sound again.`)

/** The size that a program writes when it does not know the size. */
const UNKNOWN_SIZE = 0xffff_ffff

/** Checks that the chunks of a RIFF file fill the file. */
function checkWav(bytes: Buffer): void {
  const size = bytes.readUInt32LE(4)
  if (size !== UNKNOWN_SIZE && size + 8 < bytes.length - (size & 1)) throw somethingElse('WAV')
  for (let at = 12; at + 8 <= bytes.length; ) {
    const chunk = bytes.toString('latin1', at, at + 4)
    const length = bytes.readUInt32LE(at + 4)
    if (chunk === 'data' && length === UNKNOWN_SIZE) return
    if (at + 8 + length > bytes.length) throw cutShort('WAV')
    if (chunk === 'data') return
    at += 8 + length + (length & 1)
  }
  throw cutShort('WAV')
}

const OGG_HEADER = 27
/** Flag of the last page of a stream (RFC 3533). */
const OGG_LAST = 4

/** Checks that an Ogg file (RFC 3533) consists of complete pages, and that the last one is marked as the last. */
function checkOgg(bytes: Buffer): void {
  let flags = 0
  for (let at = 0; at < bytes.length; ) {
    if (bytes.toString('latin1', at, at + 4) !== 'OggS') throw somethingElse('OGG')
    if (at + OGG_HEADER > bytes.length) throw cutShort('OGG')
    const segments = bytes[at + 26]!
    const table = bytes.subarray(at + OGG_HEADER, at + OGG_HEADER + segments)
    flags = bytes[at + 5]!
    at += OGG_HEADER + segments + table.reduce((sum, length) => sum + length, 0)
    if (at > bytes.length) throw cutShort('OGG')
  }
  if ((flags & OGG_LAST) === 0) throw cutShort('OGG')
}

/** Bit rates of layer III, kbit/s, by version: MPEG 1, and MPEG 2 and 2.5 (ISO 11172-3, ISO 13818-3). */
const KBITS = {
  one: [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  two: [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
}
const RATES = [44_100, 48_000, 32_000]
const TAG_HEADER = 10
const ID3V1_BYTES = 128
const APE_FOOTER = 32

/** Length of the layer III frame at an offset, bytes; undefined if none exists. */
function frameBytes(bytes: Buffer, at: number): number | undefined {
  if (at + 4 > bytes.length) return undefined
  const header = bytes.readUInt32BE(at)
  const [version, layer] = [(header >>> 19) & 3, (header >>> 17) & 3]
  const [bits, rate, padding] = [(header >>> 12) & 15, (header >>> 10) & 3, (header >>> 9) & 1]
  if (header >>> 21 !== 0x7ff || version === 1 || layer !== 1 || rate === 3) return undefined
  const isOne = version === 3
  const kbits = (isOne ? KBITS.one : KBITS.two)[bits]
  if (!kbits) return undefined
  const hertz = RATES[rate]! / { 3: 1, 2: 2, 0: 4 }[version as 0 | 2 | 3]
  return Math.floor(((isOne ? 144 : 72) * kbits * 1000) / hertz) + padding
}

/** The end of an ID3v2 tag at an offset. @returns the offset itself if there is no tag */
function afterTag(bytes: Buffer, at: number): number {
  if (bytes.toString('latin1', at, at + 3) !== 'ID3' || at + TAG_HEADER > bytes.length) return at
  const size = bytes.subarray(at + 6, at + TAG_HEADER).reduce((sum, byte) => sum * 128 + (byte & 127), 0)
  return at + TAG_HEADER + size
}

/** Whether the end contains only a known tag, or zeros. */
function isTail(bytes: Buffer): boolean {
  const rest = bytes.length
  if (bytes.every(byte => byte === 0)) return true
  if (bytes.toString('latin1', 0, 3) === 'TAG') return rest === ID3V1_BYTES
  if (bytes.toString('latin1', 0, 8) !== 'APETAGEX' || rest < APE_FOOTER) return false
  const end = bytes.readUInt32LE(12) + APE_FOOTER
  return end === rest || (end < rest && isTail(bytes.subarray(end)))
}

/** Whether a file is MP3 from its beginning to its end: whole frames of layer III, with tags before and after them. */
function isMp3(bytes: Buffer): boolean {
  let at = afterTag(bytes, 0)
  let frames = 0
  while (at < bytes.length) {
    const length = frameBytes(bytes, at)
    if (length === undefined) break
    at += length
    frames += 1
  }
  return frames >= 3 && (at === bytes.length || (at < bytes.length && isTail(bytes.subarray(at))))
}

/** A box of an MP4 file (ISO 14496-12). */
interface Box {
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
function checkMp4(bytes: Buffer): Box[] {
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
function indexFirst(bytes: Buffer, boxes: Box[]): Buffer {
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
