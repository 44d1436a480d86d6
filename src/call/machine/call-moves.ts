import type { Answer } from '../../core/events.js'
import type { NextStep, PurposePolicy } from '../../core/policy.js'
import { announcedWords, announcementOf } from '../run/announcement.js'
import {
  askedAgain,
  decisionHere,
  decisionOf,
  hasOwnYes,
  mayRecord,
  unanswered,
  withVisit,
} from './answers.js'
import type { AnswerMethod, CallState, Fact, Order, PurposeAnswer, Transition } from './call-states.js'
import { inLanguage, mustChoose, offerLanguage } from './language-choice.js'
import {
  type AnswerDetails,
  answerByKey,
  askWhenHeard,
  howAnswered,
  keyTooEarly,
  notAsked,
  repeat,
} from './question.js'
import {
  forgetAnswerKey,
  forgetStrayKeys,
  isObjectionTyped,
  rememberKey,
  termsOf,
  withdrawAnswers,
} from './withdrawal.js'

/**
 * How long a caller waits in silence for the tap, ms. Key files and pipes usually take about 20 ms. The recorder gives up a
 * purpose whose key file takes longer than 1.5 s, so that a key store that hangs for one purpose costs only its recording.
 */
const TAP_TIMEOUT_MS = 2_000

type FactOf<F extends Fact['fact']> = Extract<Fact, { fact: F }>

export const withOrders = (state: CallState, ...orders: Order[]): Transition => ({ state, orders })

export const stopPromptAndWait: Order[] = [{ order: 'stop-prompt' }, { order: 'stop-waiting' }]

export const sameAnswer = (
  s: CallState,
  purposes: readonly PurposePolicy[],
  answer: Answer,
): PurposeAnswer[] =>
  purposes.map(p => ({
    ...{
      purpose: p.purpose,
      answer,
      terms: termsOf(s.policy),
      announced: announcementOf(s.policy, p, s.prompts),
    },
  }))

/** Begins each visit of a call. Purposes without an answer for the person's own call are disclosed and asked. */
export function reenter(s: CallState, fact: FactOf<'re-entered'>): Transition {
  const policy = inLanguage(fact.policy, s.chosen)
  const open = unanswered(policy, [...s.answers, ...(s.inquiry?.pending ?? [])], s.prompts)
  const visit: CallState = {
    ...forgetStrayKeys(s),
    policy,
    open,
    pending: [],
    attempt: 0,
    asked: notAsked,
    unprepared: [],
    tap: 'none',
    unrecorded: [],
    fault: null,
    hasty: false,
    joined: null,
  }
  if (open.length === 0) return returnUnasked(visit)
  if (fact.unasked !== undefined) return returnUnasked({ ...visit, open: [] }, fact.unasked)
  if (mustChoose(visit)) return prependOrders([{ order: 'answer' }], offerLanguage(visit, 0))
  return withOrders(
    { ...visit, step: 'disclosing' },
    { order: 'answer' },
    { order: 'disclose', prompt: policy.disclosure },
  )
}

/** The channel re-entered before the PBX replied to the order that returned it. The re-entry shows that the order succeeded. */
export const reenterBeforeReturnReply = (s: CallState, fact: FactOf<'re-entered'>): Transition =>
  prependOrders([{ order: 'note-return' }], reenter(s, fact))

/**
 * Returns the channel to the dialplan without a question.
 *
 * @param reason why, unless the line itself is the reason
 */
export const returnUnasked = (s: CallState, reason?: string): Transition =>
  withOrders(
    { ...s, step: 'releasing' },
    { order: 'return-unasked', decision: decisionOf(s.answers), ...(reason ? { reason } : {}) },
  )

/** The caller heard the whole disclosure. A notice-only line commits its notice; other lines ask the first question. */
export function disclosureHeard(s: CallState): Transition {
  if (s.policy.mode !== 'notice') return askWhenHeard(s)
  return isObjectionTyped(s) ? object(s) : commit(s, s.open, 'notice', 'notice')
}

/** The caller of a notice-only line objects by the keys of a withdrawal. @param digit the last of them */
export function object(s: CallState, digit?: string): Transition {
  const { state, orders } = withdrawAnswers(s)
  const more = digit === undefined ? {} : { digit }
  return prependOrders([...stopPromptAndWait, ...orders], commit(state, s.open, 'refused', 'key', more))
}

/**
 * No answer came. The question is repeated as often as the policy allows, and once more after a wrong key. Then the
 * answer is `silent`.
 */
export const askAgain = (s: CallState): Transition =>
  repeat(s) ?? commit(s, s.open.slice(0, 1), 'silent', 'none')

/**
 * Handles a key during the disclosure, a question or the wait after it. The line defines the keys for yes and no (1 and
 * 2 by default). Both stop the prompt. The answer is for the first open purpose, and its commit begins. On a
 * notice-only line only a no counts, for all purposes; the keys of a withdrawal are a no, too. A key without effect is
 * journalled without its digit. A wrong key does not stop the prompt, so that the right one still counts after it.
 */
export function answerKey(state: CallState, key: FactOf<'key'>): Transition {
  const s = rememberKey(state, key)
  const heard = answerByKey(s.policy, key.digit, key.at)
  if (heard?.answer !== 'refused' && isObjectionTyped(s)) return object(s, key.digit)
  // The key may begin the withdrawal of an earlier yes.
  if (!heard && s.typed.digits !== '') return withOrders(s)
  const purpose = s.open[0]!.purpose
  const early = keyTooEarly(s, key)
  if (early) return early
  const notice = s.policy.mode === 'notice'
  if (!heard || (notice && heard.answer === 'granted')) {
    const mistyped = { ...s, asked: { ...s.asked, mistyped: true } }
    return withOrders(mistyped, { order: 'ignore-key', purpose, reason: 'wrong-key' })
  }
  const purposes = notice ? s.open : s.open.slice(0, 1)
  return prependOrders(
    stopPromptAndWait,
    commit(forgetAnswerKey(s), purposes, heard.answer, ...howAnswered(s, heard)),
  )
}

export function commit(
  s: CallState,
  purposes: readonly PurposePolicy[],
  answer: Answer,
  method: AnswerMethod,
  more: AnswerDetails = {},
): Transition {
  const step = answer === 'failed' ? 'failing' : 'committing'
  const pending = sameAnswer(s, purposes, answer)
  return withOrders(
    { ...s, step, pending },
    {
      order: 'commit',
      purposes,
      answer,
      method,
      ...more,
      ...announcedWords(pending),
      ...askedAgain(s.answers, purposes),
    },
  )
}

/** The answer is committed, so it counts. It is confirmed to the caller, and after a yes the recorder prepares a tap. */
export function answerCommitted(s: CallState): Transition {
  const answer = s.pending[0]!.answer
  const asked = s.open[0]!
  const isPending = (purpose: string) => s.pending.some(one => one.purpose === purpose)
  const answered: CallState = {
    ...s,
    pending: [],
    answers: withVisit(s.answers, s.pending),
    open: s.open.slice(s.pending.length),
    // A no may follow an earlier yes whose recording is not prepared yet.
    unprepared: [
      ...s.unprepared.filter(purpose => !isPending(purpose)),
      ...(mayRecord(answer) ? s.pending.map(p => p.purpose) : []),
    ],
  }
  if (s.fault !== null && answered.open.length > 0)
    return failOpenPurposes(answered, { fact: 'fault', reason: s.fault })
  if (s.fault !== null || answer === 'failed' || answer === 'notice') return finishQuestions(answered)
  const role = answer === 'granted' ? 'granted' : 'refused'
  const confirm: Order = { order: 'confirm', role, prompt: asked.prompts[role] }
  const confirming: CallState = { ...answered, step: 'confirming' }
  return answered.open.length > 0
    ? withOrders(confirming, confirm)
    : prependOrders([confirm], prepareTap(confirming))
}

/** A fault after a committed answer. Answers stand; purposes that were not asked yet fail. */
export const faultAfterAnswer = (s: CallState, fact: FactOf<'fault'>): Transition =>
  s.open.length > 0 ? failOpenPurposes(s, fact) : finishQuestions(s)

/** A fault while an answer is being committed. It takes effect when the commit has succeeded or failed. */
export const rememberFault = (s: CallState, { reason }: FactOf<'fault'>): Transition =>
  withOrders({ ...s, fault: reason })

/** A fault before the answer. All open purposes fail, and the call continues unrecorded for them. */
export const failOpenPurposes = (s: CallState, { reason }: FactOf<'fault'>): Transition =>
  prependOrders(stopPromptAndWait, commit(s, s.open, 'failed', 'none', { reason }))

export function prepareTap(s: CallState): Transition {
  if (s.unprepared.length === 0) return withOrders(s)
  return withOrders({ ...s, tap: 'preparing', unprepared: [] }, { order: 'prepare', purposes: s.unprepared })
}

/** All purposes are answered. The caller waits for the tap if one is being prepared; then the channel returns to the dialplan. */
export function finishQuestions(s: CallState): Transition {
  const { state, orders } = prepareTap(s)
  if (state.tap !== 'preparing') return returnToDialplan(state)
  return withOrders({ ...state, step: 'preparing' }, ...orders, {
    order: 'limit-tap-wait',
    ms: TAP_TIMEOUT_MS,
  })
}

export function returnToDialplan(s: CallState): Transition {
  const decision = decisionOf(s.answers)
  return withOrders(
    { ...s, step: 'releasing' },
    {
      order: 'return',
      next: nextStep(s),
      decision,
      tapped: s.tap === 'ready' && hasOwnYes(s.answers),
    },
  )
}

/**
 * A call with a yes that holds on the line continues. Otherwise the answers to this line's purposes choose the next
 * step. A refusal given on another line does not count here.
 */
function nextStep(s: CallState): NextStep {
  const { policy } = s
  if (mayRecord(decisionHere(s))) return { do: 'continue' }
  const decision = decisionHere(s, wanted => policy.purposes.some(({ purpose }) => purpose === wanted))
  if (decision === 'refused') return policy.onRefused
  return decision === 'silent' ? policy.onSilent : policy.onFailed
}

export const prependOrders = (first: Order[], { state, orders }: Transition): Transition => ({
  state,
  orders: [...first, ...orders],
})
