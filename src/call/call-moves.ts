import { answerByKey } from '../consent/answer-heard.js'
import type { Answer } from '../shared/events.js'
import type { NextStep, PurposePolicy } from '../shared/policy.js'
import {
  type AnswerMethod,
  type CallState,
  decisionOf,
  type Fact,
  mayRecord,
  type Order,
  type PurposeAnswer,
  recordable,
} from './call-states.js'
import { noteKey, termsOf, unlessAnswer } from './withdrawal.js'

/**
 * How long a caller waits in silence for the tap, ms. Keys and pipes usually take some 20 ms. The recorder gives a purpose up
 * after 1.5 s of this silence, so that a store of one purpose that hangs does not end the recording of the others.
 */
const PREPARING_MS = 2_000

/** What one step of the machine comes to. */
export interface Next {
  state: CallState
  orders: Order[]
}

type FactOf<F extends Fact['fact']> = Extract<Fact, { fact: F }>

export const stay = (state: CallState, ...orders: Order[]): Next => ({ state, orders })

const quiet: Order[] = [{ order: 'stop-prompt' }, { order: 'stop-waiting' }]

const settledAs = (s: CallState, purposes: readonly PurposePolicy[], answer: Answer): PurposeAnswer[] =>
  purposes.map(p => ({ purpose: p.purpose, answer, terms: termsOf(s.policy) }))

/** Every call begins, and begins again, here: what is not yet answered is disclosed and asked. */
export function reenter(s: CallState, { policy }: FactOf<'re-entered'>): Next {
  const open = policy.purposes.filter(p => !s.answers.some(done => done.purpose === p.purpose))
  const again: CallState = {
    ...s,
    policy,
    open,
    pending: [],
    attempt: 0,
    unprepared: [],
    tap: 'none',
    fault: null,
  }
  if (policy.mode === 'none' || open.length === 0) return returnUnasked(again)
  return stay(
    { ...again, step: 'disclosing' },
    { order: 'answer' },
    { order: 'disclose', prompt: policy.disclosure },
  )
}

/** The dialplan has run the Gosub again, and this event came before the PBX's answer to the release. */
export const reenterEarly = (s: CallState, back: FactOf<'re-entered'>): Next =>
  before([{ order: 'note-return' }], reenter(s, back))

/**
 * Nothing of it is in question: it goes on as it came.
 * @param reason why, if that is not the line's
 */
export const returnUnasked = (s: CallState, reason?: string): Next =>
  stay(
    { ...s, step: 'releasing' },
    { order: 'return-unasked', decision: decisionOf(s.answers), ...(reason ? { reason } : {}) },
  )

/** The disclosure was heard whole: on a notice-only line that is all; elsewhere the first question follows. */
export const disclosed = (s: CallState): Next =>
  s.policy.mode === 'notice' ? commit(s, s.open, 'notice', 'notice') : ask(s, 1)

function ask(s: CallState, attempt: number): Next {
  const { purpose, prompts } = s.open[0]!
  return stay({ ...s, step: 'asking', attempt }, { order: 'ask', purpose, attempt, prompt: prompts.question })
}

/** Nothing valid came: the question is put again while the policy allows, then silence stands as the answer. */
export const askAgain = (s: CallState): Next =>
  s.attempt <= s.policy.retries ? ask(s, s.attempt + 1) : commit(s, s.open.slice(0, 1), 'silent', 'none')

/** A key while a purpose is in question. On a notice-only line only the "no" counts. */
export function pressed(state: CallState, key: FactOf<'key'>): Next {
  const s = noteKey(state, key)
  const heard = answerByKey(s.policy, key.digit, key.at)
  // It may begin a withdrawal of what was agreed to before.
  if (!heard && s.typed.digits !== '') return stay(s)
  const purpose = s.open[0]!.purpose
  if (!s.policy.bargeIn && s.step !== 'waiting')
    return stay(s, { order: 'ignore-key', purpose, reason: 'too-early' })
  const notice = s.policy.mode === 'notice'
  if (!heard || (notice && heard.answer === 'granted')) {
    const ignored: Order = { order: 'ignore-key', purpose, reason: 'wrong-key' }
    return s.step === 'disclosing' || s.step === 'apologising'
      ? stay(s, ignored)
      : before([ignored, ...quiet], askAgain(s))
  }
  const purposes = notice ? s.open : s.open.slice(0, 1)
  return before(quiet, commit(unlessAnswer(s), purposes, heard.answer, heard.how, { digit: heard.digit }))
}

function commit(
  s: CallState,
  purposes: readonly PurposePolicy[],
  answer: Answer,
  method: AnswerMethod,
  more: { reason?: string; digit?: string } = {},
): Next {
  const step = answer === 'failed' ? 'failing' : 'committing'
  return stay(
    { ...s, step, pending: settledAs(s, purposes, answer) },
    { order: 'commit', purposes, answer, method, ...more },
  )
}

/** The answer is in the journal and now holds: it is confirmed to the caller, and a tap is made ready for a yes. */
export function holdAnswer(s: CallState): Next {
  const answer = s.pending[0]!.answer
  const asked = s.open[0]!
  const done: CallState = {
    ...s,
    pending: [],
    answers: [...s.answers, ...s.pending],
    open: s.open.slice(s.pending.length),
    unprepared: [...s.unprepared, ...(mayRecord(answer) ? s.pending.map(p => p.purpose) : [])],
  }
  if (s.fault !== null && done.open.length > 0) return fail(done, { fact: 'fault', reason: s.fault })
  if (s.fault !== null || answer === 'failed' || answer === 'notice') return finish(done)
  const role = answer === 'granted' ? 'granted' : 'refused'
  const confirm: Order = { order: 'confirm', role, prompt: asked.prompts[role] }
  const confirming: CallState = { ...done, step: 'confirming' }
  return done.open.length > 0 ? stay(confirming, confirm) : before([confirm], prepare(confirming))
}

/** The confirmation was heard: the next purpose is asked, or the call goes on its way. */
export const confirmed = (s: CallState): Next => (s.open.length > 0 ? ask(s, 1) : finish(s))

/** A fault once an answer holds: what was answered stands, what was not asked yet fails. */
export const faultAfterAnswer = (s: CallState, fact: FactOf<'fault'>): Next =>
  s.open.length > 0 ? fail(s, fact) : finish(s)

/** A fault while the answer is being written: it waits until the answer is known to hold or not. */
export const noteFault = (s: CallState, { reason }: FactOf<'fault'>): Next => stay({ ...s, fault: reason })

/** A fault before the answer: nothing that is open will be recorded, and the call goes on. */
export const fail = (s: CallState, { reason }: FactOf<'fault'>): Next =>
  before(quiet, commit(s, s.open, 'failed', 'none', { reason }))

/** The journal did not take the answer in question, so there is none; or it did not take one of an earlier visit. */
export function notCommitted(s: CallState, fact: FactOf<'commit-failed'>): Next {
  if (!s.pending.some(({ purpose }) => fact.purposes.some(lost => lost.purpose === purpose)))
    return unwritten(s, fact)
  const settled = [...s.answers, ...settledAs(s, s.open, 'failed')]
  const note: Order = { order: 'note', purposes: s.open, answer: 'failed', reason: s.fault ?? 'journal' }
  return before([note], finish({ ...s, answers: settled, open: [], pending: [] }))
}

export function prepare(s: CallState): Next {
  if (s.unprepared.length === 0) return stay(s)
  return stay({ ...s, tap: 'preparing', unprepared: [] }, { order: 'prepare', purposes: s.unprepared })
}

/** Nothing is open any more: the tap is awaited if there is to be one, then the channel goes back to the dialplan. */
export function finish(s: CallState): Next {
  const { state, orders } = prepare(s)
  if (state.tap !== 'preparing') return returnToDialplan(state)
  return stay({ ...state, step: 'preparing' }, ...orders, { order: 'hurry-tap', ms: PREPARING_MS })
}

/** The tap is ready, or cannot be made. */
export const tapDone = (s: CallState, tap: 'ready' | 'failed'): Next =>
  before([{ order: 'stop-waiting' }], returnToDialplan({ ...s, tap }))

/** The tap takes too long: the call goes on unrecorded. */
export const tapLate = (s: CallState): Next =>
  before([{ order: 'give-up-tap' }], returnToDialplan({ ...s, tap: 'failed' }))

export function returnToDialplan(s: CallState): Next {
  const decision = decisionOf(s.answers)
  return stay(
    { ...s, step: 'releasing' },
    {
      order: 'return',
      next: nextStep(s),
      decision,
      tapped: s.tap === 'ready' && s.answers.some(recordable),
    },
  )
}

function nextStep(s: CallState): NextStep {
  const decision = decisionOf(s.answers)
  if (mayRecord(decision)) return { do: 'continue' }
  if (decision === 'refused') return s.policy.onRefused
  return decision === 'silent' ? s.policy.onSilent : s.policy.onFailed
}

/** The channel is gone. What was not answered was abandoned; an answer on its way to the journal stands if it gets there. */
export function end(s: CallState, { cause }: FactOf<'hanging-up' | 'hung-up'>): Next {
  return close(s, s.step === 'failing' ? 'failed' : 'abandoned', { cause })
}

/** The channel left for elsewhere before it was released, by rescue or by somebody's transfer: nothing is recorded. */
export const leave = (s: CallState): Next => close(s, 'failed', null)

/** @param ended null if the channel lives on */
function close(s: CallState, answer: Answer, ended: { cause: number | null } | null): Next {
  const unanswered = s.open.slice(s.pending.length)
  const onTheWay = s.step === 'talking' ? [] : s.pending
  const settled = [...s.answers, ...onTheWay, ...settledAs(s, unanswered, answer)]
  const pendingYes = onTheWay.filter(p => mayRecord(p.answer)).map(p => p.purpose)
  const unprepared = [...s.unprepared, ...pendingYes]
  const reason = ended ? 'hung-up' : 'left'
  const note: Order[] = unanswered.length > 0 ? [{ order: 'note', purposes: unanswered, answer, reason }] : []
  const over: CallState = {
    ...s,
    step: ended ? 'ended' : 'talking',
    open: [],
    answers: settled,
    unprepared: [],
  }
  const decision = decisionOf(settled)
  const last: Order = ended
    ? { order: 'end', decision, cause: ended.cause, phase: s.step, unprepared }
    : { order: 'note-departure', decision, unprepared, tapped: false }
  return stay(over, ...quiet, ...note, last)
}

/** The journal did not take an answer of a visit that is over: it stands as failed. */
export function unwritten(s: CallState, { purposes }: FactOf<'commit-failed'>): Next {
  const isLost = (one: PurposeAnswer) => purposes.some(({ purpose }) => purpose === one.purpose)
  const settled = s.answers.map((one): PurposeAnswer => (isLost(one) ? { ...one, answer: 'failed' } : one))
  const pending = s.pending.filter(one => !isLost(one))
  return stay(
    { ...s, answers: settled, pending },
    { order: 'note', purposes, answer: 'failed', reason: 'journal' },
  )
}

export const before = (first: Order[], { state, orders }: Next): Next => ({
  state,
  orders: [...first, ...orders],
})
