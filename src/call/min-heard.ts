import { answerByKey, needsDisclosure, stillToHear } from '../consent/answer-heard.js'
import type { LinePolicy } from '../shared/policy.js'
import type { CallState, Fact, Order, Transition } from './call-states.js'
import { askFirst } from './question.js'

/*
 * A line may want callers to hear some of the disclosure, or all of it, before a yes counts. A yes that comes earlier does not count later
 * either: whoever agrees knows then to what, and to hear more of it in silence is no agreement. But the key is not lost. It says that this
 * caller does not want to wait. So as soon as enough was heard, the rest is left out, and the question follows, which names the keys.
 */

/**
 * Time beyond the least part of the disclosure, ms. The PBX's clock and ours may differ by a few ms, and what the journal says was heard must not
 * be less than the line wants.
 */
const MARGIN_MS = 100

/** A no to a notice counts while it plays, whatever else does: no question follows in which it could be repeated. */
const isNoToNotice = (policy: LinePolicy, digit: string): boolean =>
  policy.mode === 'notice' && answerByKey(policy, digit, 0)?.answer === 'refused'

/**
 * Handles a key that comes while a prompt plays on a line that lets them play in full, or before enough of the disclosure was heard. A yes before
 * it has begun may be left over from dialling.
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

/** A caller who had pressed a key too early has heard enough now, and is asked. */
export function enoughHeard(s: CallState): Transition {
  if (!s.hasty) return { state: s, orders: [] }
  const { state, orders } = askFirst(s)
  return { state, orders: [{ order: 'stop-prompt' }, ...orders] }
}
