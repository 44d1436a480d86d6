/** Length of an energy frame, samples: 10 ms. */
const LEVEL_FRAME = 80
/** Speech lies at most this far below the loudest frames, dB. */
const BELOW_PEAK_DB = 30
/** Speech lies at least this far above the quietest frames, dB. */
const ABOVE_QUIET_DB = 9
/** In loud noise the floor is near the peak. Frames this far below the peak count in any case, dB. */
const SURELY_BELOW_PEAK_DB = 12
/** Frames at most this far apart belong to one stretch of speech: 250 ms. */
const JOINED_FRAMES = 25
/** A shorter stretch is a click: 40 ms. */
const LEAST_FRAMES = 4

/** Where speech is in a piece of sound, in samples, and the level of its quiet frames. */
export interface Extent {
  begin: number
  end: number
  /** Root mean square of the quiet frames, in sample units. */
  floor: number
  /** How far the loudest frames are above the quiet ones, dB. */
  rangeDb: number
}

/**
 * Finds the edges of the speech in one utterance by energy, for the grammar, and how far the speech is above its
 * surroundings, for the rule. The listener has already found the utterance itself.
 *
 * @param samples 8 kHz
 */
export function findExtent(samples: ArrayLike<number>): Extent {
  const levels = smooth(frameLevels(samples))
  if (levels.length < 2 * LEAST_FRAMES) return { begin: 0, end: samples.length, floor: 1, rangeDb: 0 }
  const sorted = Float64Array.from(levels).sort()
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  const [peak, floor] = [at(0.98), at(0.1)]
  const threshold = Math.max(
    peak - BELOW_PEAK_DB,
    Math.min(floor + ABOVE_QUIET_DB, peak - SURELY_BELOW_PEAK_DB),
  )
  const stretches: [number, number][] = []
  for (let i = 0; i < levels.length; i++) {
    if (levels[i]! <= threshold) continue
    const last = stretches.at(-1)
    if (last && i - last[1] <= JOINED_FRAMES) last[1] = i
    else stretches.push([i, i])
  }
  const spoken = stretches.filter(([first, last]) => last - first + 1 >= LEAST_FRAMES)
  const used = spoken.length > 0 ? spoken : stretches
  if (used.length === 0)
    return { begin: 0, end: samples.length, floor: 10 ** (floor / 20), rangeDb: peak - floor }
  return {
    begin: used[0]![0] * LEVEL_FRAME,
    end: (used.at(-1)![1] + 1) * LEVEL_FRAME,
    floor: 10 ** (floor / 20),
    rangeDb: peak - floor,
  }
}

/** Level of each whole frame, dB above one unit of the samples. */
function frameLevels(samples: ArrayLike<number>): Float64Array {
  const levels = new Float64Array(Math.floor(samples.length / LEVEL_FRAME))
  for (let f = 0; f < levels.length; f++) {
    let sum = 0
    for (let i = f * LEVEL_FRAME; i < (f + 1) * LEVEL_FRAME; i++) sum += samples[i]! * samples[i]!
    levels[f] = 10 * Math.log10(sum / LEVEL_FRAME + 1e-3)
  }
  return levels
}

/** The mean of each frame and its neighbours. */
function smooth(levels: Float64Array): Float64Array {
  return levels.map((level, i) => (level + (levels[i - 1] ?? level) + (levels[i + 1] ?? level)) / 3)
}
