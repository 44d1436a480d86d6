import { isRecordable } from './answers.js'
import { prependOrders, reenter, withOrders } from './call-moves.js'
import type { CallState, Fact, Inquiry, Order, Transition } from './call-states.js'
import { hangup } from './closed-visit.js'
import { addAnswers, answersTo, decided, endUnrecorded } from './inquiry.js'
import { isWithdrawalPending, termsOf, withdrawAnswers } from './withdrawal.js'

/*
 * Rules for a question in a conversation whose channel ends or runs the Gosub again. An answer that is being committed
 * counts if the commit succeeds, and the journalled decision follows it. Nothing is recorded on it.
 */

type FactOf<F extends Fact['fact']> = Extract<Fact, { fact: F }>

/** Purposes with a yes in the inquiry, committed or not, that were to get a tap. */
function unpreparedIn({ agreed, pending, untapped }: Inquiry) {
  const coming = pending.flatMap(one => (isRecordable(one) ? one.purpose : []))
  return [...agreed, ...coming.filter(purpose => untapped.includes(purpose))]
}

/** The part of an inquiry that remains while its answer is being committed; null if no answer is. */
const commitOf = (inquiry: Inquiry): Inquiry | null =>
  inquiry.pending.length > 0
    ? {
        ...inquiry,
        open: inquiry.open.slice(0, inquiry.pending.length),
        agreed: [],
        untapped: [],
        over: 'left',
      }
    : null

/** The channel ends. An answer that is being committed, and a withdrawal that waits for it, wait for the end of the commit. */
export function hangUpInConversation(s: CallState, fact: FactOf<'hung-up'>): Transition {
  const { inquiry, typed } = s
  if (!inquiry) return hangup(s, fact)
  const asked = endUnrecorded(s, 'abandoned', 'hung-up')
  const unprepared = unpreparedIn(inquiry)
  const { state, orders } = prependOrders(asked.orders, hangup({ ...asked.state, unprepared }, fact))
  const waiting = commitOf(inquiry)
  return { state: waiting ? { ...state, typed, inquiry: waiting } : state, orders }
}

/**
 * The channel runs the Gosub again. The question ends, and its tap is not started. The line does not repeat a question
 * of the person's own call whose answer is being committed.
 */
export function reenterFromConversation(s: CallState, fact: FactOf<'re-entered'>): Transition {
  const { state, orders, dropped } = endUnrecorded(s, 'failed', 'left')
  if (!s.inquiry) return prependOrders([...orders, ...dropped], reenter(state, fact))
  const purposes = unpreparedIn(s.inquiry)
  const unrecorded: Order[] =
    dropped.length > 0 || purposes.length > 0 ? [{ order: 'drop-purposes', purposes, reason: 'left' }] : []
  return prependOrders([...orders, ...unrecorded], reenter({ ...state, inquiry: commitOf(s.inquiry) }, fact))
}

/**
 * The answer was committed after the conversation. It counts like an earlier answer, and is neither confirmed nor
 * recorded.
 */
export function lateInquiryCommitted(s: CallState): Transition {
  if (!s.inquiry) return withOrders(s)
  const answered: CallState = { ...addAnswers(s, s.inquiry.pending), inquiry: null }
  const withdraws = s.step === 'ended' && isWithdrawalPending(answered)
  return prependOrders(decided(s, answered), withdraws ? withdrawAnswers(answered) : withOrders(answered))
}

/** The commit of the answer failed after the conversation, so it does not count. */
export function lateInquiryNotCommitted(s: CallState): Transition {
  if (!s.inquiry) return withOrders(s)
  const { open: purposes, policy } = s.inquiry
  const after = addAnswers({ ...s, inquiry: null }, answersTo(s, s.inquiry, purposes, 'failed'))
  const given = { purposes, answer: 'failed', reason: 'journal' } as const
  return withOrders(after, { order: 'note', ...given, inConversation: termsOf(policy) }, ...decided(s, after))
}
