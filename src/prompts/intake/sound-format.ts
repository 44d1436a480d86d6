import { isMp3 } from './mp3.js'
import { checkMp4, indexFirst } from './mp4.js'
import { unusable } from './refuse.js'

/** An accepted format of sound, with the one demuxer that may read it. */
export interface SoundFormat {
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
export function recogniseSound(bytes: Buffer): { format: SoundFormat; bytes: Buffer } {
  if (bytes.length === 0) throw unusable('The file is empty: choose another.')
  const head = bytes.toString('latin1', 0, HEAD)
  if (PLAYLIST.test(head))
    throw unusable(`This is a playlist, which only names sounds: give the sound itself, as ${FORMATS}.`)
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
      ? `This is ${other}, and no sound: give ${FORMATS}.`
      : `This is not a whole ${FORMATS} file: save the sound again in one of these formats.`,
  )
}

const cutShort = (format: string) =>
  unusable(`The ${format} file is cut short or damaged: copy or save it again.`)
const somethingElse = (format: string) =>
  unusable(`Something other than sound follows in the ${format} file: save the sound again.`)

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
