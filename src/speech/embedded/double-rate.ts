/** Taps on each side of a new sample. 24 keep the pass band flat to 3.7 kHz. */
const REACH = 24

/** A windowed sinc (Hann) at half sample positions. */
const TAPS = Float64Array.from({ length: 2 * REACH }, (_, k) => {
  const distance = k - REACH + 0.5
  const x = Math.PI * distance
  return (Math.sin(x) / x) * (0.5 + 0.5 * Math.cos((Math.PI * distance) / (REACH + 0.5)))
})

/**
 * Raises 8 kHz to 16 kHz. The acoustic model of pocketsphinx was trained at 16 kHz.
 *
 * @returns twice as many samples, in the units of the input
 */
export function doubleRate(samples: ArrayLike<number>): Float32Array {
  const count = samples.length
  const doubled = new Float32Array(2 * count)
  for (let i = 0; i < count; i++) {
    doubled[2 * i] = samples[i]!
    let sum = 0
    const [first, last] = [Math.max(0, REACH - 1 - i), Math.min(2 * REACH, count + REACH - 1 - i)]
    for (let k = first; k < last; k++) sum += TAPS[k]! * samples[i - REACH + 1 + k]!
    doubled[2 * i + 1] = sum
  }
  return doubled
}
