import { AUDIBLE } from '../../../lab/media/received-audio.js'
import type { PlacedCall } from './placed-call.js'

/** What callers of tests do, as acts of a scene. */
export type Act = (call: PlacedCall) => Promise<unknown>

/** How long a prompt may take to begin, ms. */
const LIMIT = 60_000

/** One after another. */
export const inTurn =
  (...acts: Act[]): Act =>
  async call => {
    for (const act of acts) await act(call)
  }

/** Presses a key as soon as the disclosure is heard. */
export const inDisclosure =
  (key: string): Act =>
  async ({ caller }) => {
    await caller.heard.waitForAudio(LIMIT, AUDIBLE, caller.answeredAt)
    await caller.press(key)
  }

/** Presses a key while the n-th question is being put. */
export const inQuestion =
  (key: string, n = 1): Act =>
  async call => {
    await call.asked(n)
    await call.caller.press(key)
  }

/** Presses a key once the question was heard to its end and an answer is awaited. */
export const inWait =
  (key: string): Act =>
  async call => {
    await call.journalled('prompt.ended', ({ role, end }) => role === 'question' && end === 'complete')
    await call.caller.press(key)
  }
