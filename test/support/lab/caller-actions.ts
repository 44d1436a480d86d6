import { AUDIBLE_DBFS } from '../../../lab/media/received-audio.js'
import type { PlacedCall } from './placed-call.js'

/** What callers of tests do, as acts of a scene. */
export type CallerAction = (call: PlacedCall) => Promise<unknown>

/** How long a prompt may take to begin, ms. */
const PROMPT_LIMIT_MS = 60_000

/** One after another. */
export const inSequence =
  (...actions: CallerAction[]): CallerAction =>
  async call => {
    for (const action of actions) await action(call)
  }

/** Presses a key as soon as the disclosure is heard. */
export const pressInDisclosure =
  (key: string): CallerAction =>
  async ({ caller }) => {
    await caller.heard.waitForAudio(PROMPT_LIMIT_MS, AUDIBLE_DBFS, caller.answeredAt)
    await caller.press(key)
  }

/** Presses a key while the n-th question is being put. */
export const pressInQuestion =
  (key: string, n = 1): CallerAction =>
  async call => {
    await call.waitForQuestion(n)
    await call.caller.press(key)
  }

/** Presses a key once the question was heard to its end and an answer is awaited. */
export const pressAfterQuestion =
  (key: string): CallerAction =>
  async call => {
    await call.waitForEvent('prompt.ended', ({ role, end }) => role === 'question' && end === 'complete')
    await call.caller.press(key)
  }
