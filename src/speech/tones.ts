/** The frequencies of keys, Hz (ITU-T Q.23): one of the low group and one of the high group sound together. */
const LOW = [697, 770, 852, 941]
const HIGH = [1209, 1336, 1477, 1633]
/** Samples of the window in which the frequencies are distinguished: 20 ms at 8 kHz. */
const WINDOW = 160
/** Least share of the energy in the two tones of a key. Vowels, which have overtones and a moving pitch, stay below. */
const LEAST_SHARE = 0.8
/** Frames of the same key before it counts: 20 ms. */
const LEAST_FRAMES = 2
/** The greatest ratio of the two tones' powers: 10 dB, more than ITU-T Q.24 wants. */
const GREATEST_TWIST = 10

/** Detects the tones of keys in pieces of 10 ms. */
export class ToneDetector {
  private readonly window = new Float64Array(WINDOW)
  private key = -1
  private run = 0

  /** @returns whether the last 20 ms are the tone of a key */
  take(frame: Int16Array): boolean {
    this.window.copyWithin(0, frame.length)
    this.window.set(frame, WINDOW - frame.length)
    const key = keyIn(this.window)
    this.run = key === this.key ? this.run + 1 : 1
    this.key = key
    return key >= 0 && this.run >= LEAST_FRAMES
  }
}

/** @returns number of the key, 0 to 15; -1 for other sound */
function keyIn(window: Float64Array): number {
  let energy = 0
  for (const sample of window) energy += sample * sample
  if (energy === 0) return -1
  const [low, high] = [LOW, HIGH].map(group => group.map(hz => power(window, hz))) as [number[], number[]]
  const [l, h] = [Math.max(...low), Math.max(...high)]
  if (l + h < LEAST_SHARE * energy || Math.max(l / h, h / l) > GREATEST_TWIST) return -1
  return low.indexOf(l) * HIGH.length + high.indexOf(h)
}

/** Energy of one frequency in the window (Goertzel), comparable with the sum of its squares. */
function power(window: Float64Array, hz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / 8000)
  let [before, last] = [0, 0]
  for (const sample of window) [before, last] = [last, sample + turn * last - before]
  return ((last * last + before * before - turn * last * before) * 2) / window.length
}
