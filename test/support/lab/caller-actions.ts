import { AUDIBLE_DBFS } from '../../../lab/media/received-audio.js'
import type { AnsweredCall } from '../../../lab/phone.js'
import type { PlacedCall } from './placed-call.js'

/** Something that a caller does during a call. */
export type CallerAction = (call: PlacedCall) => Promise<unknown>

/** Longest time until a prompt begins, ms. */
const PROMPT_LIMIT_MS = 60_000

/** A phone of the company presses keys, one after another. */
export const press = async (phone: AnsweredCall, keys: string): Promise<void> => {
  for (const key of keys) await phone.press(key)
}

/** Does several actions, one after another. */
export const inSequence =
  (...actions: CallerAction[]): CallerAction =>
  async call => {
    for (const action of actions) await action(call)
  }

/** Presses a key when the disclosure begins. */
export const pressInDisclosure =
  (key: string): CallerAction =>
  async ({ caller }) => {
    await caller.heard.waitForAudio(PROMPT_LIMIT_MS, AUDIBLE_DBFS, caller.answeredAt)
    await caller.press(key)
  }

/** Presses a key during the n-th question. */
export const pressInQuestion =
  (key: string, n = 1): CallerAction =>
  async call => {
    await call.waitForQuestion(n)
    await call.caller.press(key)
  }

/** Presses a key after a complete question, while the service waits for the answer. */
export const pressAfterQuestion =
  (key: string): CallerAction =>
  async call => {
    await call.waitForEvent('prompt.ended', ({ role, end }) => role === 'question' && end === 'complete')
    await call.caller.press(key)
  }
