import type { Sound } from '../../lib/audio-formats/wav.js'
import { unusable } from './refuse.js'
import { runFfmpeg } from './run-ffmpeg.js'
import { recogniseSound } from './sound-format.js'

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
      `The file has more than ${MAX_UPLOAD_BYTES / 1_048_576} MB: shorten it, or save it as FLAC.`,
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
    throw unusable(`The sound is longer than ${MAX_SECONDS} s: shorten it.`)
  if (sound.samples.length === 0) throw unusable('The file holds no sound: record it again.')
  return sound
}

/** @param pcm signed 16-bit samples, little-endian, at 16 kHz */
export function soundOf(pcm: Buffer): Sound {
  const samples = new Int16Array(pcm.length >> 1)
  for (let i = 0; i < samples.length; i++) samples[i] = pcm.readInt16LE(i * 2)
  return { rate: MASTER_RATE, samples }
}
