import { AppError } from '../../core/errors.js'
import { encodeWav, type Sound } from '../../lib/audio-formats/wav.js'
import { soundOf } from './decode.js'
import { runFfmpeg } from './run-ffmpeg.js'

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
export interface Loudness {
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
export async function normaliseLoudness(tool: string, sound: Sound): Promise<Loudness & { sound: Sound }> {
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
