/** Lowest amplitude of a click. The agent's quiet noise and a codec's rounding stay far below. */
const MIN_CLICK = 2_000
/** A click lasts at most this long, samples: 200 ms. */
const CLICK_SAMPLES = 1_600

/** @returns where each click begins, samples */
export function findClicks(samples: Int16Array): number[] {
  const found: number[] = []
  samples.forEach((sample, at) => {
    if (Math.abs(sample) > MIN_CLICK && at - (found.at(-1) ?? -CLICK_SAMPLES) >= CLICK_SAMPLES) found.push(at)
  })
  return found
}

/** Shifts samples so that their mean is zero. G.711 decodes silence to a constant other than zero. */
export function removeOffset(samples: Int16Array): Int16Array {
  const mean = samples.reduce((sum, sample) => sum + sample, 0) / samples.length
  return samples.map(sample => Math.round(sample - mean))
}
