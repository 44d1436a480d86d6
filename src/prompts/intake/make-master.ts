import { encodeWav, lengthMs, type Sound } from '../../lib/audio-formats/wav.js'
import { framePowers, silenceAround, speechLevel } from '../audio/level.js'
import { trim } from '../audio/shape.js'
import { sha256 } from '../manifest.js'
import { decodeSound } from './decode.js'
import { type Loudness, normaliseLoudness } from './loudness.js'
import { unusable } from './refuse.js'

/** The audio of a prompt: one channel at 16 kHz, without silence at its ends, as loud as the others. */
export interface Master extends Loudness {
  wav: Buffer
  /** SHA-256 of `wav`, hex. */
  sha256: string
  lengthMs: number
}

/** Shortest prompt, ms: one syllable. */
const MIN_MS = 250
/** Samples from here on are at full scale. */
const FULL_SCALE = 32_700
/** This number of samples in a row at full scale is a clipped peak. A shorter run just reaches full scale. */
const CLIPPED_RUN = 3
/** This number of clipped peaks is inaudible. */
const MAX_CLIPPED = 2
/** Quieter speech is mostly noise once it is as loud as the others, dBov. */
const MIN_LEVEL = -48
/** Length of the frames in which loudness is compared, ms. */
const FRAME_MS = 20
/** Frames that are further below full scale count as equally silent, dB. */
const FLOOR_DB = -70
/**
 * Least variation of the loudness of speech from frame to frame, dB (standard deviation). Tones and noise vary by 2.
 */
const MIN_VARIATION = 4

/**
 * Makes the audio of a prompt from a sound file: decodes it, checks it, removes silence at its ends, and brings it
 * to the loudness of the other prompts.
 *
 * @param tool path or name of ffmpeg
 * @throws AppError `request.invalid`, which says what to do; `tool.missing`, `tool.failed`
 */
export async function makeMaster(tool: string, given: Buffer): Promise<Master> {
  const decoded = await decodeSound(tool, given)
  refuseClipped(decoded)
  refuseSpeechless(decoded)
  const trimmed = trim(decoded)
  if (lengthMs(trimmed) < MIN_MS)
    throw unusable(`The sound is shorter than ${MIN_MS} ms: record the words again.`)
  const { sound, lufs, truePeak } = await normaliseLoudness(tool, trimmed)
  const wav = encodeWav(sound)
  return { wav, sha256: sha256(wav), lengthMs: lengthMs(sound), lufs, truePeak }
}

function refuseClipped({ samples }: Sound): void {
  let [clipped, run] = [0, 0]
  for (const sample of samples) {
    run = Math.abs(sample) >= FULL_SCALE ? run + 1 : 0
    if (run === CLIPPED_RUN) clipped += 1
  }
  if (clipped > MAX_CLIPPED)
    throw unusable(`The recording is clipped in ${clipped} places: record it again, not so loud.`)
}

function refuseSpeechless(sound: Sound): void {
  const level = speechLevel(sound)
  const { leadMs } = silenceAround(sound)
  if (level <= -90 || leadMs < 0)
    throw unusable('The sound is silent: check the microphone and record it again.')
  if (level < MIN_LEVEL) throw unusable('The sound is too quiet: record it again, closer to the microphone.')
  const levels = framePowers(trim(sound), FRAME_MS).map(power =>
    Math.max(10 * Math.log10(power + 1e-12), FLOOR_DB),
  )
  const mean = levels.reduce((sum, one) => sum + one, 0) / levels.length
  const variation = Math.sqrt(levels.reduce((sum, one) => sum + (one - mean) ** 2, 0) / levels.length)
  if (variation < MIN_VARIATION)
    throw unusable('No speech is heard, only a steady tone or noise: record the words again.')
}
