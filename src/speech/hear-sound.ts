import type { HearingTerms, SpokenAnswer } from '../shared/speech.js'
import { FRAME, findExtent, frameLevels } from './embedded/extent.js'
import { openListener } from './listener.js'
import type { Recognizer } from './recognizer.js'
import { SAMPLES_PER_MS } from './utterances.js'

/** Surroundings that are put before and after the sound, ms: a call has some before an answer, and goes on after it. */
const AROUND_MS = 1_000
/** With fewer frames beside the speech, the quiet ones of the whole sound tell the level: 100 ms. */
const LEAST_BESIDE = 10

/**
 * Hears a sound as if it came in a call after the prompt.
 *
 * @param samples 8 kHz
 * @returns the first answer, with times from the begin of the sound; undefined if nobody speaks
 * @throws AppError `speech.unavailable`, `speech.failed`
 */
export async function hearSound(
  recognizer: Recognizer,
  terms: HearingTerms,
  samples: Int16Array,
): Promise<SpokenAnswer | undefined> {
  const around = surroundings(samples)
  let answer: SpokenAnswer | undefined
  let failure: Error | undefined
  let settled = () => {}
  const end = new Promise<void>(resolve => {
    settled = resolve
  })
  const listener = openListener(recognizer, terms, {
    answered(given) {
      answer = given
      settled()
    },
    failed(error) {
      failure = error
      settled()
    },
  })
  // The prompt ended so long ago that its echo is over.
  listener.promptEnded(-AROUND_MS * SAMPLES_PER_MS)
  let position = 0
  for (const part of [around, samples, around]) {
    listener.push(part, position)
    position += part.length
  }
  if (listener.isDeciding()) await end
  listener.close()
  if (failure) throw failure
  if (!answer) return undefined
  const { beganMs, endedMs, decidedMs } = answer
  return {
    ...answer,
    beganMs: beganMs - AROUND_MS,
    endedMs: endedMs - AROUND_MS,
    decidedMs: decidedMs - AROUND_MS,
  }
}

/** Noise as loud as the sound is beside its speech, 10 ms by 10 ms, so that noise which comes and goes does so here, too. */
function surroundings(samples: Int16Array): Int16Array {
  const { begin, end, floor } = findExtent(samples)
  const levels = [...frameLevels(samples)].map(db => 10 ** (db / 20))
  const beside = levels.filter((_, i) => (i + 1) * FRAME <= begin || i * FRAME >= end)
  const loudness = beside.length >= LEAST_BESIDE ? beside : [floor]
  let state = 1
  return Int16Array.from({ length: AROUND_MS * SAMPLES_PER_MS }, (_, i) => {
    // A linear congruential generator: the noise is the same for each file.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    const level = loudness[Math.floor(i / FRAME) % loudness.length]!
    return Math.round((state / 2 ** 32 - 0.5) * Math.sqrt(12) * level)
  })
}
