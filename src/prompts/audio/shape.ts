import type { Sound } from '../../lib/audio-formats/wav.js'

/** Silence kept before the first sound, ms. Short for the caller, and long enough to keep the first consonant. */
const LEAD_MS = 30
/** Silence kept after the last sound, ms, in which a final consonant fades out. */
const TAIL_MS = 100
/** Length of the fade at both ends, which prevents clicks, ms. */
const FADE_MS = 10
/** Length of the frames that Asterisk reads, ms. A prompt has a whole number of them. */
const FRAME_MS = 20

/** Removes the silence around a sound, fades both ends, and fills the last 20 ms frame. */
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

/** Length of the frames over which power is averaged, ms. Shorter than a pause between words. */
const POWER_FRAME_MS = 20
/** ITU-T P.56: frames that are further below the active level are pauses, dB. */
const PAUSE_MARGIN = 15.9
/** Sound further below the active level is inaudible on a telephone, dB. */
const SILENCE_MARGIN = 35
/** Length of the frames in which the beginning and the end of speech are searched, ms. */
const EDGE_MS = 5
const FULL_SCALE = 32768

const decibels = (power: number) => 10 * Math.log10(Math.max(power, 1e-12))
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1)

/** Mean square of each frame; 1 is the square of full scale. */
export function framePowers({ rate, samples }: Sound, frameMs: number): number[] {
  const size = Math.max(1, Math.round((rate * frameMs) / 1000))
  const result: number[] = []
  for (let at = 0; at < samples.length; at += size) {
    const end = Math.min(at + size, samples.length)
    let sum = 0
    for (let i = at; i < end; i++) sum += (samples[i]! / FULL_SCALE) ** 2
    result.push(sum / (end - at))
  }
  return result
}

/**
 * Active speech level in dBov (0 = full-scale square wave), by the method of ITU-T P.56: the mean power of speech without its
 * pauses. Silence gives -120.
 */
export function speechLevel(sound: Sound): number {
  const frames = framePowers(sound, POWER_FRAME_MS)
  let level = decibels(mean(frames))
  for (let round = 0; round < 20; round++) {
    const next = decibels(mean(frames.filter(power => decibels(power) > level - PAUSE_MARGIN)))
    if (Math.abs(next - level) < 0.01) break
    level = next
  }
  return level
}

/** Highest sample in dBFS. */
export const peakLevel = ({ samples }: Sound): number =>
  decibels((samples.reduce((top, sample) => Math.max(top, Math.abs(sample)), 0) / FULL_SCALE) ** 2)

/** Length of the silence before the first and after the last sound, ms, to within 5 ms. */
export function silenceAround(sound: Sound): { leadMs: number; tailMs: number } {
  const threshold = speechLevel(sound) - SILENCE_MARGIN
  const loud = framePowers(sound, EDGE_MS).map(power => decibels(power) > threshold)
  const [first, last] = [loud.indexOf(true), loud.lastIndexOf(true)]
  return { leadMs: first * EDGE_MS, tailMs: (loud.length - 1 - last) * EDGE_MS }
}
