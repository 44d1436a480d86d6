import type { Sound } from '../../lib/audio-formats/wav.js'

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
