import type { Answer } from '../../core/events.js'
import { askedAgain, decisionOf, mayRecord, ownTo, withVisit } from './answers.js'
import { finishQuestions, prependOrders, sameAnswer, stopPromptAndWait, withOrders } from './call-moves.js'
import type { CallState, Fact, Order, PurposeAnswer, Transition } from './call-states.js'
import { isWithdrawalPending, withdrawAnswers } from './withdrawal.js'

/* Rules for a visit that ends before its questions do, and for an answer that could not be committed. */

type FactOf<F extends Fact['fact']> = Extract<Fact, { fact: F }>

/**
 * A commit failed, usually because the database is away: the journal refuses at once if it knows that, else it gives up
 * after one second (`COMMIT_TIMEOUT_MS`). The answer does not count, even if it was a yes. All open purposes become
 * `failed`, the caller hears no confirmation, and the channel goes where the line sends failed calls (`onFailed`, by
 * default to the agent), unrecorded for these purposes. Purposes with a committed yes are recorded as before. If the
 * commit was of an earlier visit, only that visit's answer fails.
 */
export function answerNotCommitted(s: CallState, fact: FactOf<'commit-failed'>): Transition {
  if (!s.pending.some(({ purpose }) => fact.purposes.some(lost => lost.purpose === purpose)))
    return lateAnswerNotCommitted(s, fact)
  const answers = withVisit(s.answers, sameAnswer(s, s.open, 'failed'))
  const note: Order = {
    ...{ order: 'note', purposes: s.open, answer: 'failed', reason: s.fault ?? 'journal' },
    ...askedAgain(s.answers, s.open),
  }
  return prependOrders([note], finishQuestions({ ...s, answers, open: [], pending: [] }))
}

/**
 * The channel is gone. Open purposes are abandoned. An answer that is being committed counts if its commit succeeds. A
 * withdrawal that waited for that commit takes effect now.
 */
export function hangup(s: CallState, { cause }: FactOf<'hanging-up' | 'hung-up'>): Transition {
  const { state, orders } = isWithdrawalPending(s) ? withdrawAnswers(s) : { state: s, orders: [] }
  return prependOrders(orders, closeVisit(state, s.step === 'failing' ? 'failed' : 'abandoned', { cause }))
}

/** The channel left our application before we returned it, by a rescue or a transfer. Nothing is recorded. */
export const channelLeft = (s: CallState): Transition => closeVisit(s, 'failed', null)

/** @param ended null if the channel still exists */
function closeVisit(s: CallState, answer: Answer, ended: { cause: number | null } | null): Transition {
  const cutOff = s.open.slice(s.pending.length)
  const pending = s.step === 'talking' ? [] : s.pending
  const answers = withVisit(s.answers, [...pending, ...sameAnswer(s, cutOff, answer)])
  const pendingYes = pending.filter(p => mayRecord(p.answer)).map(p => p.purpose)
  const unprepared = [...s.unprepared, ...pendingYes]
  const reason = ended ? 'hung-up' : 'left'
  const again = askedAgain(s.answers, cutOff)
  const note: Order[] =
    cutOff.length > 0 ? [{ order: 'note', purposes: cutOff, answer, reason, ...again }] : []
  const closed: CallState = {
    ...s,
    step: ended ? 'ended' : 'talking',
    open: [],
    answers,
    unprepared: [],
  }
  const decision = decisionOf(answers)
  const closing: Order = ended
    ? { order: 'end', decision, cause: ended.cause, phase: s.step, unprepared }
    : { order: 'note-departure', decision, unprepared, tapped: false }
  return withOrders(closed, ...stopPromptAndWait, ...note, closing)
}

/**
 * The commit of an answer from an earlier visit, or of a caller who has hung up, failed. That answer becomes `failed`.
 * The decision was journalled at the end of that visit on the assumption that the commit would succeed. If it changes,
 * it is journalled again.
 */
export function lateAnswerNotCommitted(s: CallState, { purposes }: FactOf<'commit-failed'>): Transition {
  const reason = 'journal'
  const isLost = (one: PurposeAnswer) =>
    !one.superseded && purposes.some(({ purpose }) => purpose === one.purpose)
  const own = ownTo(purposes, s.answers)
  const answers = own.map((one): PurposeAnswer => (isLost(one) ? { ...one, answer: 'failed' } : one))
  const pending = s.pending.filter(one => !isLost(one))
  const decision = decisionOf(answers)
  const correction: Order[] =
    decision === decisionOf(s.answers) ? [] : [{ order: 'correct-decision', decision, reason }]
  return withOrders(
    { ...s, answers, pending },
    { order: 'note', purposes, answer: 'failed', reason, ...askedAgain(earlierOf(s, isLost), purposes) },
    ...correction,
  )
}

/** The answers of a call without the lost ones. */
const earlierOf = ({ answers }: CallState, isLost: (one: PurposeAnswer) => boolean) =>
  answers.filter(one => !isLost(one))
