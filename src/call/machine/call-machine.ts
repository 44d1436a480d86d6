import type { CallId } from '../../core/ids.js'
import type { LinePolicy } from '../../core/policy.js'
import { isRecordable } from './answers.js'
import {
  answerCommitted,
  answerKey,
  disclosureHeard,
  failOpenPurposes,
  faultAfterAnswer,
  object,
  prependOrders,
  reenter,
  reenterBeforeReturnReply,
  rememberFault,
  returnUnasked,
  withOrders,
} from './call-moves.js'
import type { CallState, Fact, FactName, Inquiry, Order, Step, Transition } from './call-states.js'
import { answerNotCommitted, channelLeft, hangup, lateAnswerNotCommitted } from './closed-visit.js'
import { confirmationHeard, preparedWhileConfirming, tapReadyOrFailed, tapTimedOut } from './confirmation.js'
import {
  addAnswers,
  answersTo,
  beginInquiry,
  decided,
  endUnrecorded,
  inquiryCommitted,
  inquiryNotCommitted,
  inquirySilence,
  inquiryTapFailed,
  inquiryTapReady,
  interruptInquiry,
  keyInConversation,
  partNotWhispered,
  partWhispered,
  withdrawInquiry,
} from './inquiry.js'
import { noKeys } from './key-sequence.js'
import { choiceByKey, choiceBySilence, offerHeard } from './language-choice.js'
import { endHearing, enoughHeard, notAsked, questionHeard } from './question.js'
import {
  alreadyReturned,
  apologyHeard,
  faultInRecovery,
  keyDuringApology,
  recover,
} from './recovery-moves.js'
import { answerSpoken, hearingLost, speechBegan, waitEnded } from './spoken-moves.js'
import {
  isObjectionTyped,
  isWithdrawalPending,
  isWithdrawalTyped,
  rememberKey,
  termsOf,
  withdraw,
  withdrawAnswers,
} from './withdrawal.js'

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
function hangUpInConversation(s: CallState, fact: FactOf<'hung-up'>): Transition {
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
function reenterFromConversation(s: CallState, fact: FactOf<'re-entered'>): Transition {
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
function lateInquiryCommitted(s: CallState): Transition {
  if (!s.inquiry) return withOrders(s)
  const answered: CallState = { ...addAnswers(s, s.inquiry.pending), inquiry: null }
  const withdraws = s.step === 'ended' && isWithdrawalPending(answered)
  return prependOrders(decided(s, answered), withdraws ? withdrawAnswers(answered) : withOrders(answered))
}

/** The commit of the answer failed after the conversation, so it does not count. */
function lateInquiryNotCommitted(s: CallState): Transition {
  if (!s.inquiry) return withOrders(s)
  const { open: purposes, policy } = s.inquiry
  const after = addAnswers({ ...s, inquiry: null }, answersTo(s, s.inquiry, purposes, 'failed'))
  const given = { purposes, answer: 'failed', reason: 'journal' } as const
  return withOrders(after, { order: 'note', ...given, inConversation: termsOf(policy) }, ...decided(s, after))
}

/*
 * This room runs calls. The machine in this file decides what each fact means, `run-call.ts` carries out the orders that follow,
 * and `calls.ts` knows all calls of the process. The room knows the PBX, the journal and the recorder only through `ports.ts`.
 */

type Rule<F extends FactName> = (state: CallState, fact: Extract<Fact, { fact: F }>) => Transition
type Rules = { [F in FactName]?: Rule<F> }

/** No question is open, so keys can only withdraw a yes. `transition` acts on the last key of the sequence. */
const withdrawalRules: Rules = { key: (s, key) => withOrders(rememberKey(s, key)) }
/**
 * The commit of an answer of the previous visit may fail after the caller has come back. The commit of an answer in a
 * conversation may end in the next visit, or after the call.
 */
const lateCommitRules: Rules = {
  committed: (s, { aside }) => (aside ? lateInquiryCommitted(s) : withOrders(s)),
  'commit-failed': (s, fact) => (fact.aside ? lateInquiryNotCommitted(s) : lateAnswerNotCommitted(s, fact)),
}
/**
 * The keys of a withdrawal are a no to a notice even before its language is chosen: a caller who has typed them does
 * not expect a recording.
 */
const keyInChoice: Rule<'key'> = (s, key) => {
  const typed = rememberKey(s, key)
  return isObjectionTyped(typed) ? object(typed, key.digit) : choiceByKey(s, key)
}
/** The answer to the open question is being committed. */
const commitRules: Rules = {
  committed: (s, { aside }) => (aside ? lateInquiryCommitted(s) : answerCommitted(s)),
  'commit-failed': (s, fact) => (fact.aside ? lateInquiryNotCommitted(s) : answerNotCommitted(s, fact)),
}
/** A visit ends when the caller hangs up or the channel leaves our application. */
const hangupRules: Rules = { left: channelLeft, 'hanging-up': hangup, 'hung-up': hangup }
/** Until the caller has answered, every fault means that the call continues unrecorded. */
const undecidedRules: Rules = { ...hangupRules, ...lateCommitRules, fault: failOpenPurposes }
/** The recorder prepares the tap, without a confirmation. */
const tapRules: Rules = {
  prepared: s => withOrders({ ...s, tap: 'ready' }),
  'prepare-failed': s => withOrders({ ...s, tap: 'failed' }),
}
/** As above while the caller hears the confirmation, which may become false. */
const confirmedTapRules: Rules = {
  prepared: (s, { lost }) => preparedWhileConfirming(s, 'ready', lost),
  'prepare-failed': (s, { lost }) => preparedWhileConfirming(s, 'failed', lost),
}

/**
 * What each fact means at each step of a call. A fact that is not listed changes nothing.
 *
 * (interrupted → apologising →) (choosing →) disclosing → asking → waiting → committing → confirming → (asking …) → preparing → releasing → talking → ended
 * At `failing`, the answer `failed` is being committed. It takes the place of `committing` after a fault.
 */
export const transitions: Record<Step, Rules> = {
  interrupted: {
    ...hangupRules,
    ...withdrawalRules,
    recovered: recover,
    returned: alreadyReturned,
    fault: faultInRecovery,
  },
  apologising: { ...undecidedRules, heard: apologyHeard, key: keyDuringApology },
  choosing: { ...undecidedRules, heard: offerHeard, key: keyInChoice, silence: choiceBySilence },
  disclosing: { ...undecidedRules, heard: disclosureHeard, key: answerKey, silence: enoughHeard },
  asking: {
    ...undecidedRules,
    heard: questionHeard,
    key: answerKey,
    'hearing-lost': hearingLost,
  },
  waiting: {
    ...undecidedRules,
    silence: waitEnded,
    key: answerKey,
    speaking: speechBegan,
    spoken: answerSpoken,
    'hearing-lost': hearingLost,
  },
  committing: {
    ...hangupRules,
    ...withdrawalRules,
    ...commitRules,
    fault: rememberFault,
  },
  confirming: {
    ...hangupRules,
    ...lateCommitRules,
    ...withdrawalRules,
    ...confirmedTapRules,
    heard: confirmationHeard,
    fault: faultAfterAnswer,
  },
  failing: {
    ...hangupRules,
    ...withdrawalRules,
    ...tapRules,
    ...commitRules,
  },
  preparing: {
    ...hangupRules,
    ...lateCommitRules,
    ...withdrawalRules,
    prepared: (s, { lost }) => tapReadyOrFailed(s, 'ready', lost),
    'prepare-failed': (s, { lost }) => tapReadyOrFailed(s, 'failed', lost),
    silence: tapTimedOut,
  },
  releasing: {
    ...lateCommitRules,
    ...withdrawalRules,
    returned: s => withOrders({ ...s, step: 'talking' }),
    're-entered': reenterBeforeReturnReply,
    'hung-up': hangup,
  },
  talking: {
    'ask-now': beginInquiry,
    whispered: partWhispered,
    'not-whispered': partNotWhispered,
    silence: inquirySilence,
    key: keyInConversation,
    committed: (s, { aside }) => (aside ? inquiryCommitted(s) : withOrders(s)),
    'commit-failed': (s, fact) => (fact.aside ? inquiryNotCommitted(s) : lateAnswerNotCommitted(s, fact)),
    prepared: inquiryTapReady,
    'prepare-failed': inquiryTapFailed,
    alone: s => interruptInquiry(s, 'alone'),
    paused: s => interruptInquiry(s, 'paused'),
    fault: (s, { reason }) => interruptInquiry(s, reason),
    're-entered': reenterFromConversation,
    'hung-up': hangUpInConversation,
  },
  ended: lateCommitRules,
}

/**
 * Begins a new call. The caller hears the disclosure, or returns to the dialplan at once if the line is never recorded.
 *
 * @param unasked why the caller is not asked although the line asks; undefined if the caller is asked
 */
export function beginCall(policy: LinePolicy, unasked?: string): Transition {
  const newCall = newState(policy)
  if (unasked && policy.mode !== 'none') return returnUnasked(newCall, unasked)
  return reenter(newCall, { fact: 're-entered', policy })
}

/**
 * Begins a call that is in the dialplan and stays there: the person is asked in a conversation, or has passed our
 * application unasked.
 *
 * @param joined the recorded call for which the person is asked; null if it is the person's own
 */
export const callInDialplan = (policy: LinePolicy, joined: CallId | null): Transition =>
  withOrders({ ...newState(policy), joined })

const newState = (policy: LinePolicy): CallState => ({
  // As between two visits: the call is in the dialplan.
  step: 'talking',
  policy,
  open: [],
  answers: [],
  pending: [],
  attempt: 0,
  asked: notAsked,
  unprepared: [],
  tap: 'none',
  unrecorded: [],
  fault: null,
  typed: noKeys,
  offer: 0,
  chosen: null,
  hasty: false,
  disclosed: false,
  inquiry: null,
  joined: null,
  cutOff: null,
})

/** Computes what one fact changes. Pure: the same state and fact always give the same state and orders. */
export function transition(state: CallState, fact: Fact): Transition {
  const rule = transitions[state.step][fact.fact] as
    | ((state: CallState, fact: Fact) => Transition)
    | undefined
  const { state: after, orders } = rule ? rule(state, fact) : withOrders(state)
  if (!isWithdrawalTyped(after)) return endHearing({ state: after, orders })
  const { state: unasked, orders: ending } = withdrawInquiry(after)
  const withdrawn = withdraw(unasked)
  return endHearing({ state: withdrawn.state, orders: [...orders, ...ending, ...withdrawn.orders] })
}
