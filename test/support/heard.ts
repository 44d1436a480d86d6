import { findSpeech } from '../../src/lab/audio/find-speech.js'
import type { Hearing } from '../../src/lab/media/hearing.js'
import { epochMs } from '../../src/lab/time.js'
import { SAMPLE_RATE } from '../../src/shared/audio.js'

/** Words that were not heard whole within this, ms, were most likely torn apart by a busy machine. */
const TORN = 12_000

/**
 * Lengths of the pieces in which words are looked for, samples: in shorter ones less is lost where a busy machine tears them
 * apart, longer ones are known better among other voices.
 */
const PIECES = [SAMPLE_RATE / 2, SAMPLE_RATE / 4]
/** So many of the pieces must be there. */
const ENOUGH = 0.6

/** Whether words are heard, piece by piece: most of them, where a busy machine tore them apart. */
export const isHeard = (heard: Int16Array, words: Int16Array): boolean =>
  PIECES.some(length => {
    const pieces = Array.from({ length: Math.floor(words.length / length) }, (_, i) =>
      words.subarray(i * length, (i + 1) * length),
    ).filter(piece => piece.some(sample => Math.abs(sample) > 500))
    return pieces.filter(piece => findSpeech(heard, piece)).length >= pieces.length * ENOUGH
  })

/**
 * Waits until words are heard: whole, or, late, most of them in pieces.
 *
 * @param limit ms
 * @param from only in what arrived from then on, epoch ms
 * @returns false if they were not heard in time
 */
export async function comesToHear(
  heard: Hearing,
  words: Int16Array,
  limit: number,
  from?: number,
): Promise<boolean> {
  const end = epochMs() + limit
  do {
    if (await heard.waitForWords(words, Math.min(TORN, end - epochMs()), from)) return true
    if (isHeard(heard.samples(from), words)) return true
  } while (epochMs() < end && !heard.closed)
  return false
}
