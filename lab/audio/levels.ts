import { SAMPLE_RATE } from '../../src/core/audio.js'

const FULL_SCALE = 32_768
/** Level of digital silence, dBFS: below the smallest 16-bit step. */
const FLOOR_DBFS = -120

const decibel = (ratio: number) => Math.max(FLOOR_DBFS, 20 * Math.log10(ratio))

/** Root mean square of samples, dBFS. A full-scale sine has −3, silence −120. */
export function rmsDbfs(samples: Int16Array): number {
  let sum = 0
  for (let i = 0; i < samples.length; i++) sum += samples[i]! * samples[i]!
  return decibel(Math.sqrt(sum / Math.max(1, samples.length)) / FULL_SCALE)
}

/**
 * Level of one frequency by Goertzel's algorithm, dBFS RMS. For a pure sine it equals `rmsDbfs`. The filter's width is about
 * 8000 / length Hz.
 */
export function toneDbfs(samples: Int16Array, hz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / SAMPLE_RATE)
  let last = 0
  let before = 0
  for (let i = 0; i < samples.length; i++) {
    const next = samples[i]! + turn * last - before
    before = last
    last = next
  }
  const power = last * last + before * before - turn * last * before
  return decibel((Math.sqrt(Math.max(0, power)) * Math.SQRT2) / Math.max(1, samples.length) / FULL_SCALE)
}

/** Level of each window, dBFS. An incomplete last window is left out. */
export function envelope(samples: Int16Array, windowMs = 20): number[] {
  const size = (windowMs * SAMPLE_RATE) / 1000
  return Array.from({ length: Math.floor(samples.length / size) }, (_, i) =>
    rmsDbfs(samples.subarray(i * size, (i + 1) * size)),
  )
}
