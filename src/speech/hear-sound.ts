import type { HearingTerms, SpokenAnswer } from '../shared/speech.js'
import { findExtent } from './embedded/extent.js'
import { openListener } from './listener.js'
import type { Recognizer } from './recognizer.js'
import { SAMPLES_PER_MS } from './utterances.js'

/** Surroundings that are put before and after the sound, ms: a call has some before an answer, and goes on after it. */
const AROUND_MS = 1_000

/** How a sound lies in a call. */
export interface InCall {
  /** Surroundings that are put before and after it, ms; 1,000 unless given. 0 for a sound that has its own. */
  aroundMs?: number
  /** When the prompt ends, ms from the begin of the sound. Without it the prompt ended so long ago that its echo is over. */
  promptEndMs?: number
}

/**
 * Hears a sound as if it came in a call after the prompt.
 *
 * @param samples 8 kHz
 * @returns the first answer, with times from the begin of the sound; undefined if nobody speaks for 80 ms
 * @throws AppError `speech.unavailable`, `speech.failed`
 */
export async function hearSound(
  recognizer: Recognizer,
  terms: HearingTerms,
  samples: Int16Array,
  { aroundMs = AROUND_MS, promptEndMs = -AROUND_MS - aroundMs }: InCall = {},
): Promise<SpokenAnswer | undefined> {
  const around = surroundings(samples, aroundMs)
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
  listener.promptEnded((aroundMs + promptEndMs) * SAMPLES_PER_MS)
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
    beganMs: beganMs - aroundMs,
    endedMs: endedMs - aroundMs,
    decidedMs: decidedMs - aroundMs,
  }
}

/** Noise of the level of the sound's quiet parts. */
function surroundings(samples: Int16Array, ms: number): Int16Array {
  const { floor } = findExtent(samples)
  let state = 1
  return Int16Array.from({ length: ms * SAMPLES_PER_MS }, () => {
    // A linear congruential generator: the noise is the same for each file.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.round((state / 2 ** 32 - 0.5) * Math.sqrt(12) * floor)
  })
}
