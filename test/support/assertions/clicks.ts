/** A sample of a click is at least so loud; the agent's quiet noise and a codec's steps stay far below. */
const LOUD = 2_000
/** Within so many samples after its beginning a click is one and the same: 200 ms. */
const APART = 1_600

/** Where clicks begin, samples. */
export function clicks(samples: Int16Array): number[] {
  const found: number[] = []
  samples.forEach((sample, at) => {
    if (Math.abs(sample) > LOUD && at - (found.at(-1) ?? -APART) >= APART) found.push(at)
  })
  return found
}

/** Samples around zero: the silence of G.711 is a constant beside it. */
export function withoutOffset(samples: Int16Array): Int16Array {
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length
  return samples.map(sample => Math.round(sample - mean))
}
