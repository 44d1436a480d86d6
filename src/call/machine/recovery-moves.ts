import { asksCallers, type LinePolicy, type Purpose } from '../../core/policy.js'
import { decisionOf, isOwn, isRecordable, unanswered } from './answers.js'
import {
  answerKey,
  disclosureHeard,
  faultAfterAnswer,
  finishQuestions,
  prepareTap,
  prependOrders,
  returnToDialplan,
  returnUnasked,
  withOrders,
} from './call-moves.js'
import type { CallState, Fact, Order, PurposeAnswer, Transition } from './call-states.js'
import { isObjectionTyped, rememberKey } from './withdrawal.js'

/** The reason in the journal when a recovered call cannot be asked again. */
export const RESTARTED = 'service-restarted'

type FactOf<F extends Fact['fact']> = Extract<Fact, { fact: F }>

const stopLeftoverPrompts: Order = { order: 'stop-leftover-prompts' }

/** Whether the line in force records a yes to this purpose. */
const allows = ({ mode, purposes }: LinePolicy, wanted: Purpose): boolean =>
  mode !== 'none' && purposes.some(({ purpose }) => purpose === wanted)

/** Whether an answer is a yes of the recovered call's current visit. */
const isFreshYes = (one: PurposeAnswer): boolean => isOwn(one) && isRecordable(one) && !one.earlier

/**
 * Drops purposes that the line in force no longer asks for. The line may have changed since the yes. If a purpose is
 * dropped, a ready tap is not used, because it would record the dropped purpose, too.
 */
function applyCurrentLine(s: CallState): Transition {
  if (s.answers.every(one => !isFreshYes(one) || allows(s.policy, one.purpose))) return withOrders(s)
  const [unprepared, purposes] = [true, false].map(allowed =>
    s.unprepared.filter(purpose => allows(s.policy, purpose) === allowed),
  ) as [Purpose[], Purpose[]]
  return withOrders({ ...s, unprepared, tap: 'none' }, { order: 'drop-purposes', purposes })
}

/**
 * Continues a recovered call whose caller waits in our application. Answers stand. Purposes that are open on the line
 * in force are asked after an apology, unless nothing could be recorded. If no purpose is open and no yes needs a
 * confirmation, the channel returns to the dialplan at once.
 */
export function recover(interrupted: CallState, fact: FactOf<'recovered'>): Transition {
  const { policy, answered, disclosed, late, unasked } = fact
  const onLine = {
    ...interrupted,
    policy,
    open: unanswered(policy, interrupted.answers, interrupted.prompts),
  }
  const reason = late ? RESTARTED : onLine.open.length > 0 ? unasked : undefined
  if (reason !== undefined) return faultInRecovery(onLine, { fact: 'fault', reason })
  const { state: s, orders } = applyCurrentLine(onLine)
  return prependOrders([...orders, stopLeftoverPrompts], continueRecovered(s, answered, disclosed))
}

function continueRecovered(s: CallState, answered: boolean, disclosed: boolean): Transition {
  if (s.open.length > 0) {
    const first: Order[] = answered ? [] : [{ order: 'answer' }]
    const apology: Order = { order: 'apologise', prompt: 'interrupted' }
    return prependOrders(first, withOrders({ ...s, step: 'apologising', disclosed }, apology))
  }
  const yes = s.answers.find(one => isFreshYes(one) && allows(s.policy, one.purpose))
  if (yes && (s.tap === 'ready' || s.unprepared.length > 0)) return confirmAgain(s, yes.purpose)
  return s.policy.mode === 'none' ? returnUnasked(s) : returnToDialplan(s)
}

/** Confirms a yes, possibly for the second time: the journal does not say whether the caller heard the confirmation. */
function confirmAgain(s: CallState, purpose: string): Transition {
  const prompt = s.policy.purposes.find(p => p.purpose === purpose)?.prompts.granted
  if (!asksCallers(s.policy) || prompt === undefined) return finishQuestions(s)
  const confirm: Order = { order: 'confirm', role: 'granted', prompt }
  return prependOrders([confirm], prepareTap({ ...s, step: 'confirming' }))
}

/** The caller heard the apology. The disclosure follows unless the journal shows that the caller heard it. */
export const apologyHeard = (s: CallState): Transition =>
  s.disclosed
    ? disclosureHeard(s)
    : withOrders({ ...s, step: 'disclosing' }, { order: 'disclose', prompt: s.policy.disclosure })

/** Handles a key during the apology. A yes counts only if the caller has heard the disclosure; an objection counts in any case. */
export function keyDuringApology(s: CallState, key: FactOf<'key'>): Transition {
  const withKey = rememberKey(s, key)
  if (s.disclosed || isObjectionTyped(withKey)) return answerKey(s, key)
  const ignored: Order = { order: 'ignore-key', purpose: s.open[0]!.purpose, reason: 'too-early' }
  return withKey.typed.digits === '' ? withOrders(withKey, ignored) : withOrders(withKey)
}

/** The caller cannot be asked again. Purposes with a yes are recorded, open purposes fail, and the call continues. */
export function faultInRecovery(interrupted: CallState, fault: FactOf<'fault'>): Transition {
  const { state, orders } = applyCurrentLine(interrupted)
  return prependOrders([...orders, stopLeftoverPrompts], faultAfterAnswer(state, fault))
}

/** The dialplan has the channel and its tap. The previous service ended before it journalled the return. */
export const alreadyReturned = (s: CallState): Transition =>
  withOrders(
    { ...s, step: 'talking', open: [] },
    { order: 'note-departure', decision: decisionOf(s.answers), unprepared: [], tapped: true },
  )
