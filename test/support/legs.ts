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

/**
 * How much of known words is in samples, whatever else is there, dB against the words themselves.
 *
 * @param at where the words are on the side they belong to, samples
 */
export function likenessDb(samples: Int16Array, words: Int16Array, at: number): number {
  let [cross, own] = [0, 0]
  words.forEach((word, i) => {
    cross += word * (samples[at + i] ?? 0)
    own += word * word
  })
  return 20 * Math.log10(Math.max(1e-6, Math.abs(cross) / own))
}
