import { SAMPLE_RATE } from '../../src/core/audio.js'

export interface SpeechMatch {
  /** Where the words begin, ms from the first sample. */
  atMs: number
  /** Normalised correlation of the waveforms: 1 the same except for loudness, 0 unrelated, −1 inverted. */
  similarity: number
}

/** How much of the end may be missing, samples. A player may drop a last packet that is not full. */
const TAIL_SAMPLES = 160
/** Window of the coarse search, samples: 10 ms. */
const WINDOW_SAMPLES = 80
/** How many of the best positions of the coarse search are compared sample by sample. */
const CANDIDATES = 8
/** Positions where the loudness is less alike than this (1: the same) are not compared sample by sample. */
const MIN_LOUDNESS_FIT = 0.7
/**
 * Length of a spot, samples, and number of spots. These parts of the words are compared at every position, and suffice
 * to recognise it.
 */
const [SPOT_SAMPLES, SPOTS] = [40, 16]
/** How many of the positions where the spots fit best are compared completely. Neighbours of the right one fit well, too. */
const COMPARED = 6
/** Positions whose spots fit less than this, half the lowest similarity, are not compared completely, except the best one. */
const MIN_SPOTS_FIT = 0.35
/** Length of the pieces that are searched for one by one if the whole is not found, samples: half a second. */
const PIECE_SAMPLES = 4_000
/** How far a piece may be shifted, samples. A busy PBX drops or repeats a packet now and then. */
const SLIP_SAMPLES = 320
/** Lowest similarity of a match. After G.711 the same words have more than 0.98, other words of the same voice less than 0.2. */
const MIN_SIMILARITY = 0.7
/** At this similarity the search ends: no other position will be better. */
const SURE_SIMILARITY = 0.95

/** Loudness of each window. */
function contour(samples: Int16Array): Float64Array {
  const windows = new Float64Array(Math.floor(samples.length / WINDOW_SAMPLES))
  for (let w = 0; w < windows.length; w++) {
    let sum = 0
    for (let i = w * WINDOW_SAMPLES; i < (w + 1) * WINDOW_SAMPLES; i++) sum += samples[i]! * samples[i]!
    windows[w] = Math.sqrt(sum)
  }
  return windows
}

/** Words whose loudness varies by a smaller share of its energy are even: a vowel, a tone. */
const EVEN_SHARE = 0.05

/**
 * Correlation of the loudness of the words with that at a position (Pearson's), so that noise and tones match no words.
 * The loudness of even words is compared directly. Beyond the end of `heard` counts as silence.
 */
function loudnessFit(heard: Float64Array, words: Float64Array, at: number): number {
  const count = words.length
  const length = Math.min(count, heard.length - at)
  let [sumA, sumB, cross, own, other] = [0, 0, 0, 0, 0]
  for (let i = 0; i < count; i++) {
    const a = words[i]!
    const b = i < length ? heard[at + i]! : 0
    sumA += a
    sumB += b
    cross += a * b
    own += a * a
    other += b * b
  }
  const varied = own - (sumA * sumA) / count
  if (varied < EVEN_SHARE * own) return other === 0 ? 0 : cross / Math.sqrt(own * other)
  const spread = varied * (other - (sumB * sumB) / count)
  return spread > 0 ? (cross - (sumA * sumB) / count) / Math.sqrt(spread) : 0
}

/** Energy of samples. */
function energy(samples: Float64Array): number {
  let sum = 0
  for (let i = 0; i < samples.length; i++) sum += samples[i]! * samples[i]!
  return sum
}

/**
 * Normalised correlation of all of `words` with `heard` at a position. Samples beyond the end of `heard` count as silence.
 *
 * @param own the energy of `words`
 */
function correlate(heard: Float64Array, words: Float64Array, own: number, at: number): number {
  const length = Math.min(words.length, heard.length - at)
  let [cross, other] = [0, 0]
  for (let i = 0; i < length; i++) {
    const b = heard[at + i]!
    cross += words[i]! * b
    other += b * b
  }
  return own === 0 || other === 0 ? 0 : cross / Math.sqrt(own * other)
}

/**
 * An estimate of {@link correlate}: the correlation of spots that lie evenly in the words. Most of a search's time is spent here, so
 * both arrays have the same element type.
 */
function correlateSpots(heard: Float64Array, words: Float64Array, at: number): number {
  const step = Math.max(SPOT_SAMPLES, Math.floor(words.length / SPOTS))
  let [cross, own, other] = [0, 0, 0]
  for (let from = 0; from < words.length; from += step) {
    const end = Math.min(from + SPOT_SAMPLES, words.length, heard.length - at)
    for (let i = from; i < end; i++) {
      const a = words[i]!
      const b = heard[at + i]!
      cross += a * b
      own += a * a
      other += b * b
    }
  }
  return own === 0 || other === 0 ? 0 : cross / Math.sqrt(own * other)
}

/** Received audio that is ready to be searched for words, any number of times. */
export class Heard {
  readonly #samples: Int16Array
  #contour: Float64Array | undefined
  #values: Float64Array | undefined

  /** @param samples at 8 kHz, which do not change any more */
  constructor(samples: Int16Array) {
    this.#samples = samples
  }

  /**
   * Finds known words: first by loudness over time, then by waveform at the best positions.
   *
   * @param wordSamples the words as they were played, at 8 kHz
   * @returns the best position; undefined if the complete words are not found
   */
  find(wordSamples: Int16Array): SpeechMatch | undefined {
    if (this.#samples.length + TAIL_SAMPLES < wordSamples.length - WINDOW_SAMPLES) return undefined
    this.#contour ??= contour(this.#samples)
    const likely = likelyPlaces(this.#contour, contour(wordSamples))
    const place = likely[0]
    if (place === undefined) return undefined
    this.#values ??= new Float64Array(this.#samples)
    const [heard, words] = [this.#values, new Float64Array(wordSamples)]
    let best: SpeechMatch | undefined
    for (const at of likely) {
      const found = bestNear(heard, words, at * WINDOW_SAMPLES, WINDOW_SAMPLES)
      if (found.similarity > (best?.similarity ?? MIN_SIMILARITY)) best = found
      if (found.similarity > SURE_SIMILARITY) break
    }
    if (best) return best
    const pieces = matchInPieces(heard, words, place * WINDOW_SAMPLES)
    return pieces.similarity > MIN_SIMILARITY ? pieces : undefined
  }
}

/** Finds known words in received audio; see {@link Heard}. */
export const findSpeech = (heard: Int16Array, words: Int16Array): SpeechMatch | undefined =>
  new Heard(heard).find(words)

/** @returns the windows where the loudness of the words fits best, the best first */
function likelyPlaces(all: Float64Array, wanted: Float64Array): number[] {
  const likely: { at: number; fit: number }[] = []
  const last = all.length - wanted.length + TAIL_SAMPLES / WINDOW_SAMPLES
  for (let at = 0; at <= last; at++) {
    const fit = loudnessFit(all, wanted, at)
    if (fit > MIN_LOUDNESS_FIT) likely.push({ at, fit })
  }
  return likely
    .sort((a, b) => b.fit - a.fit)
    .slice(0, CANDIDATES)
    .map(({ at }) => at)
}

/** The best position of the words within `reach` samples of `near`. */
function bestNear(
  heard: Float64Array,
  words: Float64Array,
  near: number,
  reach: number,
): SpeechMatch & { at: number } {
  const last = Math.min(near + reach, heard.length + TAIL_SAMPLES - words.length)
  const places: { start: number; fit: number }[] = []
  for (let start = Math.max(0, near - reach); start <= last; start++)
    places.push({ start, fit: correlateSpots(heard, words, start) })
  const likely = places
    .sort((a, b) => b.fit - a.fit)
    .slice(0, COMPARED)
    .filter(({ fit }, i) => i === 0 || fit > MIN_SPOTS_FIT)
  const own = energy(words)
  let [at, alike] = [near, 0]
  for (const { start } of likely) {
    const here = correlate(heard, words, own, start)
    if (here > alike) [at, alike] = [start, here]
  }
  return { at, atMs: (at * 1000) / SAMPLE_RATE, similarity: alike }
}

/** As {@link bestNear}, but searches each half second separately, near the end of the previous one. */
function matchInPieces(heard: Float64Array, words: Float64Array, near: number): SpeechMatch {
  let [next, sum, count] = [near, 0, 0]
  let first: number | undefined
  for (let from = 0; from + PIECE_SAMPLES <= words.length; from += PIECE_SAMPLES) {
    const piece = bestNear(heard, words.subarray(from, from + PIECE_SAMPLES), next, SLIP_SAMPLES)
    first ??= piece.atMs
    next = piece.at + PIECE_SAMPLES
    sum += piece.similarity
    count += 1
  }
  return { atMs: first ?? 0, similarity: count ? sum / count : 0 }
}
