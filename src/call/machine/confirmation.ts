import type { Purpose } from '../../core/policy.js'
import { isOwn } from './answers.js'
import { finishQuestions, prependOrders, returnToDialplan, withOrders } from './call-moves.js'
import type { CallState, Order, Transition } from './call-states.js'
import { askFirst } from './question.js'

/*
 * A yes is confirmed while its recording is being prepared, to avoid a silent wait. If the preparation fails, the
 * caller hears, for each purpose concerned, the prompt after a no: that it is not recorded. The answer stays a yes.
 */

/**
 * The caller heard the confirmation. A false confirmation is corrected, then the next purpose is asked, or the
 * questions end.
 */
export function confirmationHeard(s: CallState): Transition {
  const said = sayUnrecorded(s)
  if (said.orders.length > 0) return said
  return s.open.length > 0 ? askFirst(s) : finishQuestions(s)
}

/** The tap is ready or has failed while a confirmation plays. @param lost purposes that it does not record */
export const preparedWhileConfirming = (
  s: CallState,
  tap: 'ready' | 'failed',
  lost: readonly Purpose[] = [],
): Transition => retract({ ...s, tap }, lost)

/** The tap is ready, or the recorder could not prepare it. @param lost purposes that it does not record */
export const tapReadyOrFailed = (
  s: CallState,
  tap: 'ready' | 'failed',
  lost: readonly Purpose[] = [],
): Transition => prependOrders([{ order: 'stop-waiting' }], returnOrRetract({ ...s, tap }, lost))

/** The tap takes too long. The call continues unrecorded at once, because the caller has heard nothing for seconds. */
export const tapTimedOut = (s: CallState): Transition =>
  prependOrders([{ order: 'give-up-tap' }], returnToDialplan({ ...s, tap: 'failed' }))

/** The confirmation has ended. If it has become false, the caller hears a correction before the return. */
function returnOrRetract(s: CallState, lost: readonly Purpose[]): Transition {
  const { state, orders } = retract(s, lost)
  return orders.length > 0 ? { state, orders } : returnToDialplan(state)
}

/**
 * Some purposes are not recorded although their yes was confirmed, or is being confirmed. A confirmation that has
 * become false is stopped. Any other prompt plays to its end first.
 *
 * @param s at `confirming` or `preparing`
 */
function retract(s: CallState, lost: readonly Purpose[]): Transition {
  const unrecorded = s.policy.purposes.filter(
    ({ purpose }) => lost.includes(purpose) && isConfirmed(s, purpose),
  )
  const found: CallState = { ...s, unrecorded }
  if (unrecorded.length === 0) return withOrders(found)
  if (s.step !== 'confirming') return sayUnrecorded(found)
  const playing = s.answers.at(-1)?.purpose
  if (!unrecorded.some(({ purpose }) => purpose === playing)) return withOrders(found)
  return prependOrders([{ order: 'stop-prompt' }], sayUnrecorded(found))
}

/** Announces that the next purpose is not recorded, unless its yes was withdrawn meanwhile. */
function sayUnrecorded(s: CallState): Transition {
  const [next, ...unrecorded] = s.unrecorded.filter(({ purpose }) => isConfirmed(s, purpose))
  if (!next) return withOrders(s)
  const said: Order = { order: 'confirm', role: 'refused', prompt: next.prompts.refused }
  return withOrders({ ...s, step: 'confirming', unrecorded }, said)
}

const isConfirmed = ({ answers }: CallState, purpose: Purpose): boolean =>
  answers.some(one => isOwn(one) && one.purpose === purpose && one.answer === 'granted' && !one.withdrawn)
