import { setTimeout as sleep } from 'node:timers/promises'
import { silence } from '../../../lab/audio/signals.js'
import type { HeardLanguage } from '../../../src/core/policy.js'
import { findExtent } from '../../../src/speech/embedded/extent.js'
import { promptSamples } from './call-lab.js'
import type { CallerAction } from './caller-actions.js'

/** The question that asks for speech. */
export const VOICE_QUESTION = 'question-voice'
/** Pause between the end of a question and the answer, ms: as a person who has understood it. */
const THINKING_MS = 700
/** How long before the end of a question a caller begins to speak over it, and how long such a caller speaks at least, ms. */
const [BEFORE_END_MS, OVER_MS] = [1_500, 2_600]

/** Says something after the n-th complete question. */
export const sayAfterQuestion =
  (words: Int16Array, n = 1): CallerAction =>
  async call => {
    const asked = await call.waitForEvent('consent.asked', ({ attempt }) => attempt === n)
    await call.waitForEvent(
      'prompt.ended',
      ({ role, end, at }) => role === 'question' && end === 'complete' && at > asked.at,
    )
    await sleep(THINKING_MS)
    return call.caller.say(words)
  }

/** Says something again and again over the end of the first question. The last words cannot be told from its echo. */
export const sayOverQuestion =
  (words: Int16Array, language: HeardLanguage): CallerAction =>
  async call => {
    await call.waitForQuestion(1)
    void call.caller.say(silence(promptSamples(language, VOICE_QUESTION).length / 8 - BEFORE_END_MS))
    for (let ms = 0; ms < OVER_MS; ms += words.length / 8) void call.caller.say(words)
  }

/** The first 300 ms of words, without the silence before them. */
export function beginOf(words: Int16Array): Int16Array {
  const { begin } = findExtent(words)
  return words.subarray(begin, begin + 2_400)
}
