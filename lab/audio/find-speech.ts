import { SAMPLE_RATE } from '../../src/shared/audio.js'

export interface SpeechMatch {
  /** Where the words begin, ms from the first sample. */
  atMs: number
  /** How alike the waveforms are there: 1 the same but for loudness, 0 unrelated, −1 upside down. */
  similarity: number
}

/** What may be missing at the end, samples: a player may drop a last packet that is not full. */
const TAIL_SAMPLES = 160
/** Window of the coarse search, samples: 10 ms. */
const WINDOW_SAMPLES = 80
/** Places of the coarse search that are looked at closely. */
const CANDIDATES = 8
/** Loudness that follows that of the words less than this is not looked at closely. */
const MIN_LOUDNESS_FIT = 0.8
/** Length of the pieces that are looked for one by one where the whole does not fit, samples: half a second. */
const PIECE_SAMPLES = 4_000
/** How far a piece may have slipped, samples: a busy PBX drops or repeats a packet now and then. */
const SLIP_SAMPLES = 320
/** Words that pass through G.711 keep a likeness above 0.98; other words of the same voice stay below 0.2. */
const MIN_SIMILARITY = 0.7
/** Nothing better is to be expected. */
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

/** Energy of samples, or of a contour. */
function energy(samples: Float64Array): number {
  let sum = 0
  for (let i = 0; i < samples.length; i++) sum += samples[i]! * samples[i]!
  return sum
}

/**
 * Normalised correlation of `words` with `heard` at a position, over whole `words`; what was not heard is silence. The
 * innermost of all loops, over numbers of one type: it is most of what a search costs.
 *
 * @param own the energy of `words`
 */
function likeness(heard: Float64Array, words: Float64Array, own: number, at: number): number {
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
 * Looks for known words in what was heard: first by loudness over time, then by the waveform itself where that fits.
 *
 * @param heardSamples at 8 kHz
 * @param wordSamples of the recording, as they were played
 * @returns the best place; undefined if the words are not there whole
 */
export function findSpeech(heardSamples: Int16Array, wordSamples: Int16Array): SpeechMatch | undefined {
  const [all, wanted] = [contour(heardSamples), contour(wordSamples)]
  const loudness = energy(wanted)
  const places = Array.from(
    { length: Math.max(0, all.length - wanted.length + 1 + TAIL_SAMPLES / WINDOW_SAMPLES) },
    (_, at) => at,
  )
  const likely = places
    .map(at => ({ at, fit: likeness(all, wanted, loudness, at) }))
    .filter(place => place.fit > MIN_LOUDNESS_FIT)
    .sort((a, b) => b.fit - a.fit)
    .slice(0, CANDIDATES)
  if (likely.length === 0) return undefined
  const [heard, words] = [new Float64Array(heardSamples), new Float64Array(wordSamples)]
  let best: SpeechMatch | undefined
  for (const { at } of likely) {
    const found = bestNear(heard, words, at * WINDOW_SAMPLES, WINDOW_SAMPLES)
    if (found.similarity > (best?.similarity ?? MIN_SIMILARITY)) best = found
    if (found.similarity > SURE_SIMILARITY) break
  }
  const place = likely[0]
  if (best || !place) return best
  const pieces = matchInPieces(heard, words, place.at * WINDOW_SAMPLES)
  return pieces.similarity > MIN_SIMILARITY ? pieces : undefined
}

/** The best place for the words within `reach` samples of a position. */
function bestNear(
  heard: Float64Array,
  words: Float64Array,
  near: number,
  reach: number,
): SpeechMatch & { at: number } {
  const own = energy(words)
  let [at, alike] = [near, 0]
  for (let start = Math.max(0, near - reach); start <= near + reach; start++) {
    if (start + words.length > heard.length + TAIL_SAMPLES) break
    const here = likeness(heard, words, own, start)
    if (here > alike) [at, alike] = [start, here]
  }
  return { at, atMs: (at * 1000) / SAMPLE_RATE, similarity: alike }
}

/** As {@link bestNear}, with each half second found for itself, each near where the one before it ended. */
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
