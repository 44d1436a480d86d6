import { isRecordable } from './answers.js'
import { hangup, prependOrders, reenter, withOrders } from './call-moves.js'
import type { CallState, Fact, Transition } from './call-states.js'
import { addAnswers, decided, endUnrecorded } from './inquiry.js'
import { isWithdrawalPending, withdrawAnswers } from './withdrawal.js'

/* What becomes of a question in the middle of a conversation whose channel ends, or runs the Gosub again. */

type FactOf<F extends Fact['fact']> = Extract<Fact, { fact: F }>

/** The channel ends. An answer that is being committed, and a withdrawal that waits for it, wait for the end of the commit. */
export function hangUpInConversation(s: CallState, fact: FactOf<'hung-up'>): Transition {
  const { inquiry, typed } = s
  if (!inquiry) return hangup(s, fact)
  const { agreed, pending, untapped, open } = inquiry
  const coming = pending.flatMap(one => (isRecordable(one) ? one.purpose : []))
  const unprepared = [...agreed, ...coming.filter(purpose => untapped.includes(purpose))]
  const asked = endUnrecorded(s, 'abandoned', 'hung-up')
  const { state, orders } = prependOrders(asked.orders, hangup({ ...asked.state, unprepared }, fact))
  if (pending.length === 0) return { state, orders }
  const waiting = { ...inquiry, open: open.slice(0, pending.length), agreed: [] }
  return { state: { ...state, typed, inquiry: waiting }, orders }
}

/** The answer is committed after the call has ended. It counts as one that was committed before, and is neither confirmed nor recorded. */
export function lateInquiryCommitted(s: CallState): Transition {
  if (!s.inquiry) return withOrders(s)
  const answered: CallState = { ...addAnswers(s, s.inquiry.pending), inquiry: null }
  const counted = isWithdrawalPending(answered) ? withdrawAnswers(answered) : withOrders(answered)
  return prependOrders(decided(s, answered), counted)
}

/** The channel runs the Gosub again. The question ends, and no tap of it is started. */
export function reenterFromConversation(s: CallState, fact: FactOf<'re-entered'>): Transition {
  const { state, orders, dropped } = endUnrecorded(s, 'failed', 'left')
  return prependOrders([...orders, ...dropped], reenter(state, fact))
}
