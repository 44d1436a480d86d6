import { SAMPLE_RATE } from '../../src/core/audio.js'

const FULL_SCALE = 32_768

/** Amplitude of a sine of a level, in steps of a 16-bit sample. */
const amplitude = (dbfs: number) => FULL_SCALE * 10 ** (dbfs / 20) * Math.SQRT2

/**
 * A sum of sines of equal level.
 *
 * @param hz frequencies
 * @param ms length
 * @param dbfs RMS level of each sine, dB against full scale
 */
export function tone(hz: number[], ms: number, dbfs = -20): Int16Array {
  const peak = amplitude(dbfs)
  const samples = silence(ms)
  for (let i = 0; i < samples.length; i++) {
    let sum = 0
    for (const f of hz) sum += Math.sin((2 * Math.PI * f * i) / SAMPLE_RATE)
    samples[i] = Math.round(peak * sum)
  }
  return samples
}

/** Digital silence of this length. */
export const silence = (ms: number): Int16Array => new Int16Array(Math.round((ms * SAMPLE_RATE) / 1000))

export function concatSamples(...parts: Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const ROWS = [697, 770, 852, 941]
const COLUMNS = [1209, 1336, 1477, 1633]
const KEYS = ['123A', '456B', '789C', '*0#D']

/**
 * The two frequencies of a key, Hz, ITU-T Q.23.
 *
 * @throws RangeError if it is not a key
 */
export function keyTones(key: string): [number, number] {
  const row = KEYS.findIndex(keys => keys.includes(key))
  const column = KEYS[row]?.indexOf(key) ?? -1
  const pair = [ROWS[row], COLUMNS[column]]
  if (key.length !== 1 || pair[0] === undefined || pair[1] === undefined) throw new RangeError('not a key')
  return [pair[0], pair[1]]
}

/**
 * Very soft noise, as on a connected line without speech. The same samples each time.
 *
 * @returns RMS about −69 dBFS
 */
export function quietNoise(ms: number): Int16Array {
  const samples = silence(ms)
  let state = 1
  for (let i = 0; i < samples.length; i++) {
    // Park and Miller's generator.
    state = (state * 48_271) % 2_147_483_647
    samples[i] = ((state >> 8) % 3) * 16 - 16
  }
  return samples
}
