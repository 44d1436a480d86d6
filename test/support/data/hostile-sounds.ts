import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { encodeWav } from '../../../src/lib/audio-formats/wav.js'
import { masterPath, shippedPromptFolder } from '../../../src/prompts/manifest.js'
import { ffmpeg } from '../processes/ffmpeg.js'

/** A sound that must be refused, and what the message says. */
export interface HostileSound {
  what: string
  bytes: Buffer
  says: RegExp
}

/** Lets ffmpeg make a file. */
export async function encode(folder: string, name: string, ...args: string[]): Promise<Buffer> {
  const path = join(folder, name)
  await promisify(execFile)(ffmpeg, ['-v', 'error', '-y', ...args, path])
  return readFile(path)
}

/** A shipped prompt, and its path. */
export const spokenPath = masterPath(shippedPromptFolder(), { language: 'en', name: 'question' })

/** The first five sixths of a file. */
const cut = (bytes: Buffer) => bytes.subarray(0, Math.floor((bytes.length * 5) / 6))
const text = (content: string) => Buffer.from(content, 'latin1')
const ZIP = Buffer.concat([text('PK\x03\x04\x14\0\0\0\x08\0'), gzipSync(Buffer.alloc(1 << 20))])

/** A box of an MP4 file. */
function box(type: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content)
  const head = Buffer.alloc(8, type)
  head.writeUInt32BE(body.length + 8)
  head.write(type, 4, 'latin1')
  return Buffer.concat([head, body])
}

/** Boxes in boxes, each 8 bytes larger than the next. */
function nested(type: string, depth: number): Buffer {
  const bytes = Buffer.alloc(8 * depth)
  for (let i = 0; i < depth; i++) {
    bytes.writeUInt32BE(8 * (depth - i), 8 * i)
    bytes.write(type, 8 * i + 4, 'latin1')
  }
  return bytes
}

/** A sound whose samples follow from their index. */
const made = (seconds: number, sample: (i: number) => number): Buffer =>
  encodeWav({ rate: 16_000, samples: Int16Array.from({ length: seconds * 16_000 }, (_, i) => sample(i)) })

/** A valid WAV with a few bytes changed. */
function changed(wav: Buffer, change: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(wav)
  change(copy)
  return copy
}

/**
 * Makes hostile files. None comes from elsewhere.
 *
 * @param folder an empty folder for ffmpeg's files
 * @param url of a server that counts its connections; playlists name it
 * @param secret path of a file that nobody may open
 */
export async function hostileSounds(folder: string, url: string, secret: string): Promise<HostileSound[]> {
  const wav = await readFile(spokenPath)
  const [mp3, ogg, flac, m4a] = await Promise.all(
    ['a.mp3', 'a.ogg', 'a.flac', 'a.m4a'].map(name => encode(folder, name, '-i', spokenPath)),
  )
  const long = await encode(folder, 'l.flac', '-f', 'lavfi', '-i', 'anullsrc=r=8000:cl=mono', '-t', '7200')
  const minute = await encode(folder, 'm.mp3', '-stream_loop', '19', '-i', spokenPath, '-b:a', '32k')
  const adpcm = await encode(folder, 'p.wav', '-i', spokenPath, '-c:a', 'adpcm_ms')
  const webm = await encode(folder, 'w.webm', '-i', spokenPath, '-c:a', 'libopus')
  const aiff = await encode(folder, 'f.aiff', '-i', spokenPath)
  const picture = await encode(folder, 'p.png', '-f', 'lavfi', '-i', 'color=s=16x16', '-frames:v', '1')
  const hls = `#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\n${url}/a.ts\n#EXT-X-ENDLIST\n`
  const tag = Buffer.concat([text('ID3\x04\0\0\0\0\0\x0a'), Buffer.alloc(10)])
  const sdp = `v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n`
  const ftyp = box('ftyp', text('M4A \0\0\0\0M4A mp42'))
  const decoded = /cannot be decoded|holds no sound/
  const whole = /cut short or damaged/
  const playlist = /is a playlist/
  const unknown = /not a whole WAV, MP3, OGG, M4A or FLAC/
  const list: [what: string, bytes: Buffer, says: RegExp][] = [
    ['nothing', Buffer.alloc(0), /empty/],
    ['one byte', text('R'), unknown],
    ['no known format', Buffer.from(Array.from({ length: 9999 }, (_, i) => (i * 7919) % 251)), unknown],
    ['a letter', text('Dear caller, this call is recorded.'), unknown],
    ['a WAV cut short', cut(wav), whole],
    ['a WAV without samples', wav.subarray(0, 44), whole],
    ['a WAV whose header ends early', wav.subarray(0, 20), whole],
    ['a WAV that states 4 GB', changed(wav, copy => copy.writeUInt32LE(0xffff_fff0, 40)), whole],
    ['a WAV with no channel', changed(wav, copy => copy.writeUInt16LE(0, 22)), decoded],
    ['a WAV with no rate', changed(wav, copy => copy.writeUInt32LE(0, 24)), decoded],
    ['a WAV of an unusual codec', adpcm, decoded],
    ['a WAV with a ZIP behind it', Buffer.concat([wav, ZIP]), /other than sound/],
    ['a WAV of two hours', Buffer.concat([wav, Buffer.alloc(11_000_000)]), /more than 10 MB/],
    ['a FLAC of two hours', long, /longer than/],
    ['an MP3 above a minute', minute, /longer than/],
    ['a FLAC cut short', cut(flac!), /cut short|cannot be decoded/],
    ['an OGG cut short', cut(ogg!), whole],
    ['an OGG with a ZIP behind it', Buffer.concat([ogg!, ZIP]), /other than sound/],
    ['an M4A cut short', cut(m4a!), whole],
    ['an M4A without index', Buffer.concat([ftyp, box('mdat', Buffer.alloc(999))]), whole],
    [
      'an M4A with an empty index',
      Buffer.concat([ftyp, box('moov'), box('mdat', Buffer.alloc(999))]),
      decoded,
    ],
    [
      'an M4A of boxes in boxes',
      Buffer.concat([ftyp, box('mdat'), box('moov', nested('trak', 100_000))]),
      whole,
    ],
    [
      'an M4A of many boxes',
      Buffer.concat([ftyp, ...Array.from({ length: 9999 }, () => box('free'))]),
      whole,
    ],
    ['an MP3 cut short', cut(mp3!), unknown],
    ['an MP3 with a ZIP behind it', Buffer.concat([mp3!, ZIP]), unknown],
    ['a tag of MP3 before a playlist', Buffer.concat([tag, text(hls)]), unknown],
    ['a ZIP bomb', ZIP, /a ZIP archive/],
    ['a gzip bomb', gzipSync(Buffer.alloc(1 << 24)), /a gzip archive/],
    ['a PDF', text('%PDF-1.7\n'), /a PDF/],
    ['a picture', picture, /an image/],
    ['a program', text('\x7fELF\x02\x01\x01'), /a program/],
    ['a script', text('#!/bin/sh\ntouch /tmp/x\n'), /a program/],
    ['a page', text('<!doctype html><script>alert(1)</script>'), /a web page/],
    ['a playlist of HLS', text(hls), playlist],
    ['a playlist with a file of the host', text(hls.replace(url, `file://${secret}`)), playlist],
    ['an indented playlist', text(`\n \n${hls}`), playlist],
    ['a list of ffconcat', text(`ffconcat version 1.0\nfile '${url}/a.wav'\n`), playlist],
    ['a list of concat', text(`file '${secret}'\n`), playlist],
    ['a session of SDP', text(sdp), playlist],
    ['a playlist of ASX', text(`<asx version="3.0"><entry><ref href="${url}"/></entry></asx>`), playlist],
    ['a playlist of PLS', text(`[playlist]\nFile1=${url}\n`), playlist],
    ['a manifest of DASH', text(`<?xml version="1.0"?><MPD><BaseURL>${url}</BaseURL></MPD>`), playlist],
    ['a bare address', text(`${url}/a.wav\n`), playlist],
    ['a WebM', webm, /Matroska or WebM/],
    ['an AIFF', aiff, /an AIFF/],
    ['an AVI', text('RIFF\x20\0\0\0AVI LIST'), /RIFF/],
    ['silence', made(3, () => 0), /silent/],
    ['a whisper', made(3, i => (i % 1600 < 800 ? 20 * Math.sin(i) : 0)), /too quiet|silent/],
    ['a tone', made(3, i => 9000 * Math.sin(i / 6)), /No speech/],
    ['noise', made(3, i => (((i * 1_103_515_245 + 12_345) >>> 8) % 9000) - 4500), /No speech/],
    ['a click', made(1, i => (i < 200 ? 12_000 * Math.sin(i) : 0)), /shorter than|No speech/],
    ['a clipped recording', await encode(folder, 'c.wav', '-i', spokenPath, '-af', 'volume=25dB'), /clipped/],
  ]
  return list.map(([what, bytes, says]) => ({ what, bytes, says }))
}
