import type { Sound } from '../../shared/audio-formats/wav.js'
import { silenceAround, speechLevel } from './level.js'

/** Left before the first sound, ms: a caller hears the first word at once, and no consonant is clipped. */
const LEAD_MS = 30
/** Left after the last sound, ms: a final consonant fades out. */
const TAIL_MS = 100
/** Length of the fade at both ends, ms, against clicks. */
const FADE_MS = 10
/** Asterisk reads 20 ms at a time; a whole number of frames leaves no partial one at the end. */
const FRAME_MS = 20

/** Every prompt has this active speech level, dBov: that of a near, calm speaker on a telephone line. */
export const TARGET_LEVEL = -22
/** Highest sample, dBFS, so that no codec clips. */
export const PEAK_LIMIT = -3

/** The sound without the silence around it, with soft edges, as a whole number of 20 ms frames. */
export function trim(sound: Sound): Sound {
  const { rate } = sound
  const inSamples = (ms: number) => Math.round((ms * rate) / 1000)
  const { leadMs, tailMs } = silenceAround(sound)
  const start = inSamples(Math.max(0, leadMs - LEAD_MS))
  const end = sound.samples.length - inSamples(Math.max(0, tailMs - TAIL_MS))
  const frame = inSamples(FRAME_MS)
  const samples = new Int16Array(Math.ceil((end - start) / frame) * frame)
  samples.set(sound.samples.subarray(start, end))
  const fade = Math.min(inSamples(FADE_MS), (end - start) >> 1)
  for (let i = 0; i < fade; i++) {
    samples[i] = Math.round(samples[i]! * (i / fade))
    const last = end - start - 1 - i
    samples[last] = Math.round(samples[last]! * (i / fade))
  }
  return { rate, samples }
}

/**
 * The sound at `TARGET_LEVEL`. The few samples above `PEAK_LIMIT` are bent back below it along a smooth curve
 * that begins 3 dB lower.
 */
export function normalise(sound: Sound): Sound {
  const gain = 10 ** ((TARGET_LEVEL - speechLevel(sound)) / 20)
  const limit = 32768 * 10 ** (PEAK_LIMIT / 20)
  const knee = limit * 10 ** (-3 / 20)
  const bend = (x: number) => (x <= knee ? x : knee + (limit - knee) * Math.tanh((x - knee) / (limit - knee)))
  const samples = sound.samples.map(sample => Math.trunc(Math.sign(sample) * bend(Math.abs(sample) * gain)))
  return { rate: sound.rate, samples }
}
