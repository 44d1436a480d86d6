import { AppError } from '../../core/errors.js'
import { text } from '../../core/message.js'
import { encodeWav, lengthMs, type Sound } from '../../lib/audio-formats/wav.js'
import { framePowers, silenceAround, speechLevel, trim } from '../audio/shape.js'
import { sha256 } from '../manifest.js'
import { decodeSound, soundOf } from './decode.js'
import { unusable } from './refuse.js'
import { runFfmpeg } from './run-ffmpeg.js'

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
    throw unusable(text`The sound is shorter than ${{ ms: MIN_MS }}: record the words again.`)
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
    throw unusable(text`The recording is clipped in ${clipped} places: record it again, not so loud.`)
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

/** Loudness of every prompt, LUFS (EBU R128), measured as one channel. */
export const TARGET_LUFS = -19
/** Highest true peak, dBTP (ITU-R BS.1770), so that no codec clips. */
export const MAX_TRUE_PEAK = -3
/** How far the result may be from the target, LU. */
const TOLERANCE = 0.5
/** Rounds of limiting. Each lowers the highest peaks by half a decibel more; two are usual. */
const ROUNDS = 8
/** A shorter sound is repeated to this length before it is measured, s, because the measurement needs it. */
const MEASURED_S = 3
/** Greatest value that loudnorm takes, so that differences in loudness never make it compress. */
const ANY_RANGE = 50

/** Loudness by EBU R128. */
interface Loudness {
  /** Integrated loudness, LUFS. */
  lufs: number
  /** True peak, dBTP. */
  truePeak: number
}

interface Measured extends Loudness {
  range: number
  threshold: number
}

/**
 * Measures the loudness of a sound by the first pass of ffmpeg's loudnorm. A sound shorter than 3 s is repeated until it has 3 s.
 *
 * @throws AppError `tool.failed`
 */
export async function measureLoudness(tool: string, sound: Sound): Promise<Loudness> {
  const { lufs, truePeak } = await measure(tool, sound)
  return { lufs, truePeak }
}

/**
 * Brings a sound to `TARGET_LUFS` by both passes of ffmpeg's loudnorm, in its linear mode: one gain for the whole
 * sound. Peaks that this gain would raise above `MAX_TRUE_PEAK` are first rounded off.
 *
 * @throws AppError `tool.failed` if the loudness cannot be reached
 */
async function normaliseLoudness(tool: string, sound: Sound): Promise<Loudness & { sound: Sound }> {
  let limited = sound
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = await measure(tool, limited)
    const gain = TARGET_LUFS - before.lufs
    if (before.truePeak + gain <= MAX_TRUE_PEAK) return applyGain(tool, limited, before)
    limited = limit(limited, MAX_TRUE_PEAK - gain - 0.5 * (round + 1))
  }
  throw notReached()
}

async function applyGain(tool: string, sound: Sound, before: Measured): Promise<Loudness & { sound: Sound }> {
  const measured = [
    `measured_I=${before.lufs}:measured_TP=${before.truePeak}`,
    `measured_LRA=${before.range}:measured_thresh=${before.threshold}:linear=true`,
  ].join(':')
  const { bytes } = await loudnorm(tool, repeated(sound), `:${measured}`)
  const louder = { rate: sound.rate, samples: soundOf(bytes).samples.slice(0, sound.samples.length) }
  const { lufs, truePeak } = await measure(tool, louder)
  if (Math.abs(lufs - TARGET_LUFS) > TOLERANCE || truePeak > MAX_TRUE_PEAK + TOLERANCE) throw notReached()
  return { sound: louder, lufs, truePeak }
}

const notReached = () =>
  new AppError(
    'request.invalid',
    'The sound cannot be brought to the loudness of the others: record it again.',
  )

async function measure(tool: string, sound: Sound): Promise<Measured> {
  const { said } = await loudnorm(tool, repeated(sound), '')
  const value = (name: string) => {
    const [, text] = new RegExp(`"input_${name}"\\s*:\\s*"(-?[\\d.]+)"`).exec(said) ?? []
    if (text === undefined)
      throw new AppError('tool.failed', `ffmpeg did not measure the loudness (${name}): check its version.`)
    return Number(text)
  }
  return { lufs: value('i'), truePeak: value('tp'), range: value('lra'), threshold: value('thresh') }
}

/** Runs loudnorm on a sound. @param more further options of loudnorm */
const loudnorm = (tool: string, sound: Sound, more: string) =>
  runFfmpeg({
    tool,
    input: encodeWav(sound),
    inputOptions: ['-f', 'wav', '-format_whitelist', 'wav'],
    maxBytes: sound.samples.length * 4,
    output: command =>
      command
        .audioFilters(
          `loudnorm=I=${TARGET_LUFS}:TP=${MAX_TRUE_PEAK}:LRA=${ANY_RANGE}:print_format=json${more}`,
        )
        .audioCodec('pcm_s16le')
        .audioChannels(1)
        .audioFrequency(sound.rate)
        .outputOptions('-bitexact')
        .format('s16le'),
  })

function repeated(sound: Sound): Sound {
  const { rate, samples } = sound
  const times = Math.ceil((MEASURED_S * rate) / samples.length)
  if (times <= 1) return sound
  const all = new Int16Array(samples.length * times)
  for (let i = 0; i < times; i++) all.set(samples, i * samples.length)
  return { rate, samples: all }
}

/** Rounds peaks off by a smooth curve that begins 4 dB below the highest sample. @param peak the highest sample afterwards, dBFS */
function limit({ rate, samples }: Sound, peak: number): Sound {
  const top = 32768 * 10 ** (peak / 20)
  const knee = top * 10 ** (-4 / 20)
  const bend = (x: number) => (x <= knee ? x : knee + (top - knee) * Math.tanh((x - knee) / (top - knee)))
  return { rate, samples: samples.map(x => Math.trunc(Math.sign(x) * bend(Math.abs(x)))) }
}
