import type { LinePolicy } from '../../core/policy.js'
import { answerByKey, needsDisclosure, stillToHear } from './answer-heard.js'
import type { CallState, Fact, Order, Transition } from './call-states.js'
import { askFirst } from './question.js'

/*
 * A line may require that callers hear a part or all of the disclosure before a yes counts. A key pressed earlier does
 * not count later either, because the caller has not yet heard what is recorded, and silence afterwards is no
 * agreement. But the key shows that the caller does not want to wait. Once enough was heard, the rest is therefore
 * skipped, and the question follows, which names the keys.
 */

/**
 * Margin added to the required part of the disclosure, ms. The PBX's clock and ours may differ by a few ms, and the
 * journalled duration must not be less than the line requires.
 */
const MARGIN_MS = 100

/**
 * A no to a notice counts while it plays under every rule, because no question follows in which it could be repeated.
 */
const isNoToNotice = (policy: LinePolicy, digit: string): boolean =>
  policy.mode === 'notice' && answerByKey(policy, digit, 0)?.answer === 'refused'

/**
 * Handles a key during a prompt that must play in full, or before enough of the disclosure was heard. A yes before the
 * disclosure has begun may be left over from dialling.
 *
 * @returns undefined if the key may count
 */
export function keyTooEarly(s: CallState, key: Extract<Fact, { fact: 'key' }>): Transition | undefined {
  const { policy, open, step } = s
  const { purpose } = open[0]!
  if (!policy.bargeIn && step !== 'waiting' && !isNoToNotice(policy, key.digit))
    return { state: s, orders: [{ order: 'ignore-key', purpose, reason: 'too-early' }] }
  if (step !== 'disclosing' || !needsDisclosure(policy, key.digit, open.length)) return undefined
  if (key.heardMs === null)
    return { state: s, orders: [{ order: 'ignore-key', purpose, reason: 'too-early' }] }
  const { heardMs = 0 } = key
  const missingMs = stillToHear(policy, heardMs)
  if (missingMs === 0) return undefined
  const early = { heardMs, minHeardMs: policy.minHeardMs ?? 0 }
  const ignored: Order = { order: 'ignore-key', purpose, reason: 'too-early', early }
  const begins = !s.hasty && Number.isFinite(missingMs)
  return {
    state: { ...s, hasty: true },
    orders: begins ? [ignored, { order: 'wait', ms: missingMs + MARGIN_MS }] : [ignored],
  }
}

/** The caller has heard the whole disclosure, and is asked. */
export function askWhenHeard(s: CallState): Transition {
  const { state, orders } = askFirst(s)
  return { state, orders: s.hasty ? [{ order: 'stop-waiting' }, ...orders] : orders }
}

/** A caller who pressed a key too early has now heard enough, and is asked. */
export function enoughHeard(s: CallState): Transition {
  if (!s.hasty) return { state: s, orders: [] }
  const { state, orders } = askFirst(s)
  return { state, orders: [{ order: 'stop-prompt' }, ...orders] }
}
