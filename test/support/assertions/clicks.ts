/** A sample of a click is at least so loud; the agent's quiet noise and a codec's steps stay far below. */
const MIN_CLICK = 2_000
/** Within so many samples after its beginning a click is one and the same: 200 ms. */
const CLICK_SAMPLES = 1_600

/** Where clicks begin, samples. */
export function findClicks(samples: Int16Array): number[] {
  const found: number[] = []
  samples.forEach((sample, at) => {
    if (Math.abs(sample) > MIN_CLICK && at - (found.at(-1) ?? -CLICK_SAMPLES) >= CLICK_SAMPLES) found.push(at)
  })
  return found
}

/** Samples around zero: the silence of G.711 is a constant beside it. */
export function removeOffset(samples: Int16Array): Int16Array {
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length
  return samples.map(sample => Math.round(sample - mean))
}
