import type { Answer } from '../../core/events.js'
import { outsiderDisclosureOf, type PurposePolicy } from '../../core/policy.js'
import { announcedWords, announcementOf } from '../run/announcement.js'
import { askedAgain, decisionOf, hasOwnYes, isOwn } from './answers.js'
import { prependOrders, withOrders } from './call-moves.js'
import type { CallState, Fact, Inquiry, Order, PurposeAnswer, Transition } from './call-states.js'
import { isTyped, noKeys, typeKey } from './key-sequence.js'
import { answerByKey, keyQuestion } from './question.js'
import { forgetAnswerKey, isWithdrawalTyped, rememberKey, termsOf } from './withdrawal.js'

/*
 * A question in a conversation. It is whispered to one person, who answers by key, while the others continue to talk. The disclosure comes
 * first, and a yes counts only once the question has begun. Only a committed yes changes a recording. This file never decides whether to
 * ask: its callers do.
 */

type FactOf<F extends Fact['fact']> = Extract<Fact, { fact: F }>

/** Why a decision is journalled again. */
const IN_CONVERSATION = 'in-conversation'

const changed = (s: CallState, inquiry: Inquiry, part: Partial<Inquiry>): CallState => ({
  ...s,
  inquiry: { ...inquiry, ...part },
})

/** Begins an inquiry, unless there is one. The disclosure is whispered first. */
export function beginInquiry(s: CallState, { fact: _, untapped, ...asked }: FactOf<'ask-now'>): Transition {
  const { policy, purposes } = asked
  if (s.inquiry || purposes.length === 0) return withOrders(s)
  const inquiry: Inquiry = {
    ...{
      policy,
      open: purposes,
      step: 'telling',
      attempt: 0,
      mistyped: false,
      pending: [],
      untapped,
      agreed: [],
    },
    ...{ typed: noKeys, recorded: asked.recorded, refused: false, over: null },
  }
  const { disclosure, language } = policy
  // A participant who has joined a recorded call did not call its line, and may hear another disclosure than its callers.
  const ofOutsiders = asked.recorded === null ? undefined : outsiderDisclosureOf(policy)
  return withOrders(
    { ...s, inquiry, cutOff: null },
    { order: 'begin-inquiry', ...asked },
    { order: 'tell', role: 'disclosure', prompt: ofOutsiders ?? disclosure, language },
  )
}

/** The person has heard a prompt of the inquiry. */
export function partWhispered(s: CallState): Transition {
  const { inquiry } = s
  if (inquiry?.step === 'telling') return ask(s, inquiry)
  if (inquiry?.step === 'asking')
    return withOrders(changed(s, inquiry, { step: 'waiting' }), {
      order: 'wait',
      ms: inquiry.policy.waitMs,
    })
  return inquiry?.step === 'confirming' ? goOn(s, inquiry) : withOrders(s)
}

/** A prompt was not heard. A confirmation that is not heard changes nothing. */
export function partNotWhispered(s: CallState, { reason }: FactOf<'not-whispered'>): Transition {
  const { inquiry } = s
  if (inquiry?.step === 'confirming') return goOn(s, inquiry)
  return inquiry?.step === 'telling' || inquiry?.step === 'asking'
    ? endInquiry(s, 'failed', reason)
    : withOrders(s)
}

function ask(s: CallState, inquiry: Inquiry): Transition {
  const { policy, open } = inquiry
  const { language } = policy
  const { purpose } = open[0]!
  const attempt = inquiry.attempt + 1
  const prompt = keyQuestion(policy, open[0]!)
  return withOrders(changed(s, inquiry, { step: 'asking', attempt, mistyped: false }), {
    ...{ order: 'ask-aside', purpose, attempt, prompt, language },
  })
}

/** The next purpose is asked, or the inquiry ends. */
function goOn(s: CallState, inquiry: Inquiry): Transition {
  if (inquiry.open.length > 0) return ask(s, { ...inquiry, attempt: 0 })
  return prependOrders([{ order: 'end-whisper' }], startHeld({ ...s, inquiry: null }))
}

/** Starts a held tap. It was held so that the confirmation is not recorded. */
const startHeld = (s: CallState): Transition =>
  s.tap === 'held' ? withOrders({ ...s, tap: 'ready' }, { order: 'start-tap' }) : withOrders(s)

/** No answer came in time. */
export const inquirySilence = (s: CallState): Transition =>
  s.inquiry?.step === 'waiting' ? askAgain(s, s.inquiry) : withOrders(s)

/** The question is repeated as often as the line allows, and once more after a wrong key. Then the answer is `silent`. */
const askAgain = (s: CallState, inquiry: Inquiry): Transition =>
  inquiry.attempt <= inquiry.policy.retries + (inquiry.mistyped ? 1 : 0)
    ? ask(s, inquiry)
    : commit(s, inquiry, inquiry.open.slice(0, 1), 'silent')

/**
 * Handles a key in a conversation. It may belong to a withdrawal, which ends the question. In a question it may be an answer. A no counts
 * at any time, and for all purposes while the disclosure plays. A yes counts only once the question has begun, so that no one agrees
 * without having heard it.
 */
export function keyInConversation(before: CallState, key: FactOf<'key'>): Transition {
  const s = rememberKey(before, key)
  const { inquiry } = s
  if (!inquiry || inquiry.step === 'committing' || inquiry.step === 'confirming') return withOrders(s)
  if (isWithdrawalTyped(s)) return withOrders(s)
  const { policy, open, step } = inquiry
  const typed = typeKey(inquiry.typed, [policy.keys.withdraw], key.digit, key.at)
  const next = changed(s, inquiry, { typed })
  const heard = answerByKey(policy, key.digit, key.at)
  if (heard?.answer !== 'refused' && isTyped(typed, [policy.keys.withdraw]))
    return commit(next, inquiry, open, 'refused', key.digit)
  if (!heard && typed.digits !== '') return withOrders(next)
  const { purpose } = open[0]!
  const early = step === 'telling' ? heard?.answer !== 'refused' : step === 'asking' && !policy.bargeIn
  if (early)
    return withOrders(next, { order: 'ignore-key', purpose, reason: heard ? 'too-early' : 'wrong-key' })
  if (heard)
    return commit(
      forgetAnswerKey(next),
      inquiry,
      step === 'telling' ? open : open.slice(0, 1),
      heard.answer,
      key.digit,
    )
  const mistyped = changed(s, inquiry, { typed, mistyped: true })
  return withOrders(mistyped, { order: 'ignore-key', purpose, reason: 'wrong-key' })
}

const quiet: Order[] = [{ order: 'end-whisper' }, { order: 'stop-waiting' }]

/** The person's answers to an inquiry. */
export const answersTo = (
  { prompts }: Pick<CallState, 'prompts'>,
  { policy, recorded }: Inquiry,
  purposes: readonly PurposePolicy[],
  answer: Answer,
): PurposeAnswer[] =>
  purposes.map(one => ({
    ...{
      purpose: one.purpose,
      answer,
      terms: termsOf(policy),
      announced: announcementOf(policy, one, prompts),
    },
    ...(recorded !== null && { elsewhere: true as const }),
  }))

function commit(
  s: CallState,
  inquiry: Inquiry,
  purposes: readonly PurposePolicy[],
  answer: Answer,
  digit?: string,
): Transition {
  const { policy } = inquiry
  const terms = termsOf(policy)
  const pending = answersTo(s, inquiry, purposes, answer)
  const refused = inquiry.refused || answer !== 'granted'
  return withOrders(changed(s, inquiry, { step: 'committing', pending, refused, typed: noKeys }), ...quiet, {
    ...{ order: 'commit', purposes, answer, method: digit ? 'key' : 'none', inConversation: terms },
    ...(digit && { digit }),
    ...announcedWords(pending),
    ...(inquiry.recorded === null && askedAgain(s.answers, purposes)),
  })
}

const isSame = (one: PurposeAnswer, other: PurposeAnswer): boolean =>
  one.purpose === other.purpose && isOwn(one) === isOwn(other)

/**
 * Adds the answers of an inquiry to the earlier ones. Only a yes replaces an earlier answer. A yes for the recording of another call
 * replaces no answer for the person's own call.
 */
export function addAnswers(s: CallState, given: readonly PurposeAnswer[]): CallState {
  const added = given.filter(one => one.answer === 'granted' || !s.answers.some(other => isSame(one, other)))
  const kept = s.answers.filter(one => !added.some(other => isSame(one, other)))
  return { ...s, answers: [...kept, ...added] }
}

/** Journals the decision again if an inquiry's answers have changed it. */
export function decided(before: CallState, { answers }: CallState): Order[] {
  const decision = decisionOf(answers)
  const same = before.answers.length > 0 && decision === decisionOf(before.answers)
  return same ? [] : [{ order: 'correct-decision', decision, reason: IN_CONVERSATION }]
}

/** The answer is committed, so it counts. It is confirmed, and after a yes the recorder prepares a tap if one is needed. */
export function inquiryCommitted(s: CallState): Transition {
  const { inquiry } = s
  if (inquiry?.step !== 'committing') return withOrders(s)
  const { pending, policy, untapped, over } = inquiry
  const { answer } = pending[0]!
  const asked = inquiry.open[0]!
  const yes = answer === 'granted' ? pending.map(({ purpose }) => purpose) : []
  const agreed = [...inquiry.agreed, ...yes.filter(purpose => untapped.includes(purpose))]
  const answered = addAnswers(s, pending)
  const rest = { pending: [], open: inquiry.open.slice(pending.length), agreed, step: 'confirming' } as const
  const next = changed(answered, inquiry, rest)
  const orders = decided(s, answered)
  if (over !== null) return prependOrders(orders, endInquiry(next, 'failed', over))
  const role = answer === 'granted' ? 'granted' : 'refused'
  const { language } = policy
  const confirm: Order = { order: 'tell', role, prompt: asked.prompts[role], language }
  return prependOrders([...orders, confirm], rest.open.length > 0 ? withOrders(next) : prepare(next))
}

/** Has a tap prepared for the purposes agreed to in the inquiry, if needed. */
function prepare(s: CallState): Transition {
  const { agreed = [], policy } = s.inquiry ?? {}
  if (agreed.length === 0 || !policy) return withOrders(s)
  return withOrders(changed({ ...s, tap: 'preparing' }, s.inquiry!, { agreed: [] }), {
    ...{ order: 'prepare', purposes: agreed, line: policy.number },
  })
}

/** The tap is ready. It starts once all whispers have ended, unless the yes was withdrawn meanwhile. */
export function inquiryTapReady(s: CallState): Transition {
  if (s.tap !== 'preparing') return withOrders(s)
  if (!hasOwnYes(s.answers))
    return withOrders({ ...s, tap: 'failed' }, { order: 'drop-purposes', purposes: [], reason: 'withdrawn' })
  const held: CallState = { ...s, tap: 'held' }
  return s.inquiry ? withOrders(held) : startHeld(held)
}

/** The tap could not be prepared. A confirmation that is still whispered is corrected. */
export function inquiryTapFailed(s: CallState, fact: FactOf<'prepare-failed'>): Transition {
  if (s.tap !== 'preparing') return withOrders(s)
  const failed: CallState = { ...s, tap: 'failed' }
  const { step, policy } = s.inquiry ?? {}
  const lost = policy?.purposes.find(({ purpose }) => fact.lost.includes(purpose))
  if (step !== 'confirming' || !policy || !lost) return withOrders(failed)
  const { language } = policy
  const said: Order = { order: 'tell', role: 'refused', prompt: lost.prompts.refused, language }
  return withOrders(failed, { order: 'end-whisper' }, said)
}

/** The commit of an answer failed, so it does not count, and the inquiry ends. */
export function inquiryNotCommitted(s: CallState): Transition {
  const { inquiry } = s
  if (inquiry?.step !== 'committing') return withOrders(s)
  return endInquiry(changed(s, inquiry, { pending: [] }), 'failed', 'journal')
}

/**
 * A fault, the end of the conversation, or a pause ends the question. An answer that is being committed counts if its commit
 * succeeds.
 */
export function interruptInquiry(s: CallState, reason: string): Transition {
  const { inquiry } = s
  if (inquiry?.step === 'committing') return withOrders(changed(s, inquiry, { over: reason }))
  return inquiry?.step === 'confirming' && inquiry.open.length === 0
    ? goOn(s, inquiry)
    : endInquiry(s, 'failed', reason)
}

/** Ends the question without a yes. Purposes already agreed to in it are recorded. */
export function endInquiry(s: CallState, answer: Answer, reason: string): Transition {
  const { inquiry } = s
  if (!inquiry) return withOrders(s)
  const { state, orders } = prepare(s)
  const open = inquiry.open.slice(inquiry.pending.length)
  const terms = termsOf(inquiry.policy)
  const isCutOff = open.length > 0 && !inquiry.refused && answer !== 'refused'
  const cutOff = isCutOff ? inquiry.recorded : null
  const after = addAnswers({ ...state, inquiry: null, cutOff }, answersTo(s, inquiry, open, answer))
  const note: Order[] =
    open.length > 0 ? [{ order: 'note', purposes: open, answer, reason, inConversation: terms }] : []
  const { state: ended, orders: starting } = startHeld(after)
  const decision = open.length > 0 ? decided(s, after) : []
  return withOrders(ended, ...quiet, ...note, ...decision, ...orders, ...starting)
}

/** Ends the question, and starts no tap for the purposes agreed to in it. @returns also whether a tap was held or is being prepared */
export function endUnrecorded(
  s: CallState,
  answer: Answer,
  reason: string,
): Transition & { dropped: Order[] } {
  const agreed = s.inquiry?.agreed ?? []
  const isOpen = s.tap === 'preparing' || s.tap === 'held' || agreed.length > 0
  const unheld: CallState = s.tap === 'held' ? { ...s, tap: 'failed' } : s
  const ended = endInquiry(s.inquiry ? changed(unheld, s.inquiry, { agreed: [] }) : unheld, answer, reason)
  return { ...ended, dropped: isOpen ? [{ order: 'drop-purposes', purposes: agreed, reason }] : [] }
}

/** An earlier yes is withdrawn during the question, which ends it. A tap that is being prepared is dropped when it is ready. */
export function withdrawInquiry(s: CallState): Transition {
  if (!s.inquiry) return withOrders(s)
  const { state, orders, dropped } = endUnrecorded(s, 'refused', 'withdrawn')
  return { state, orders: s.tap === 'held' ? [...orders, ...dropped] : orders }
}
