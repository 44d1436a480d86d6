import type { LinePolicy, Purpose } from '../shared/policy.js'
import {
  answerKey,
  disclosureHeard,
  faultAfterAnswer,
  finishQuestions,
  prepareTap,
  prependOrders,
  returnToDialplan,
  returnUnasked,
  type Transition,
  withOrders,
} from './call-moves.js'
import { type CallState, decisionOf, type Fact, isRecordable, type Order } from './call-states.js'
import { rememberKey } from './withdrawal.js'

type FactOf<F extends Fact['fact']> = Extract<Fact, { fact: F }>

const stopLeftoverPrompts: Order = { order: 'stop-leftover-prompts' }

/** Whether a line as it is now lets a yes to this purpose be recorded. */
const allows = ({ mode, purposes }: LinePolicy, wanted: Purpose): boolean =>
  mode !== 'none' && purposes.some(({ purpose }) => purpose === wanted)

/**
 * The line may have changed between a yes and the resumption. A yes is recorded only if the line still asks for its purpose.
 * If the line has dropped one of the purposes, a tap that is ready is not used, because it records all of them.
 */
function applyCurrentLine(s: CallState): Transition {
  if (s.answers.every(one => !isRecordable(one) || allows(s.policy, one.purpose))) return withOrders(s)
  const [unprepared, purposes] = [true, false].map(allowed =>
    s.unprepared.filter(purpose => allows(s.policy, purpose) === allowed),
  ) as [Purpose[], Purpose[]]
  return withOrders({ ...s, unprepared, tap: 'none' }, { order: 'drop-purposes', purposes })
}

/**
 * The service that had the call died, and the caller waits: for a question, or for a yes to be acted on. What was
 * answered stands; what is open on the line as it is now is asked, after an apology. A caller to whom nothing has to be
 * said goes on at once.
 */
export function recover(interrupted: CallState, { answered, disclosed }: FactOf<'recovered'>): Transition {
  const { state: s, orders } = applyCurrentLine(interrupted)
  return prependOrders([...orders, stopLeftoverPrompts], continueRecovered(s, answered, disclosed))
}

function continueRecovered(s: CallState, answered: boolean, disclosed: boolean): Transition {
  if (s.open.length > 0) {
    const first: Order[] = answered ? [] : [{ order: 'answer' }]
    const apology: Order = { order: 'apologise', prompt: 'interrupted' }
    return prependOrders(first, withOrders({ ...s, step: 'apologising', disclosed }, apology))
  }
  const yes = s.answers.find(one => isRecordable(one) && allows(s.policy, one.purpose))
  if (yes && (s.tap === 'ready' || s.unprepared.length > 0)) return confirmAgain(s, yes.purpose)
  return s.policy.mode === 'none' ? returnUnasked(s) : returnToDialplan(s)
}

/** Whether the caller heard the yes confirmed is not known; hearing it twice does no harm. */
function confirmAgain(s: CallState, purpose: string): Transition {
  const prompt = s.policy.purposes.find(p => p.purpose === purpose)?.prompts.granted
  if (s.policy.mode !== 'key' || prompt === undefined) return finishQuestions(s)
  const confirm: Order = { order: 'confirm', role: 'granted', prompt }
  return prependOrders([confirm], prepareTap({ ...s, step: 'confirming' }))
}

/** Disclosure precedes every answer: it is repeated unless the journal shows that it was heard. */
export const apologyHeard = (s: CallState): Transition =>
  s.disclosed
    ? disclosureHeard(s)
    : withOrders({ ...s, step: 'disclosing' }, { order: 'disclose', prompt: s.policy.disclosure })

/** A key during the apology answers only who has heard the disclosure. */
export function keyDuringApology(s: CallState, key: FactOf<'key'>): Transition {
  if (s.disclosed) return answerKey(s, key)
  const ignored: Order = { order: 'ignore-key', purpose: s.open[0]!.purpose, reason: 'too-early' }
  const withKey = rememberKey(s, key)
  return withKey.typed.digits === '' ? withOrders(withKey, ignored) : withOrders(withKey)
}

/** It cannot be asked again: what was agreed to is recorded, what is open is not, and the call goes on. */
export function faultInRecovery(interrupted: CallState, fault: FactOf<'fault'>): Transition {
  const { state, orders } = applyCurrentLine(interrupted)
  return prependOrders([...orders, stopLeftoverPrompts], faultAfterAnswer(state, fault))
}

/** The dialplan has it, with its tap: the service before us died before it could say so. */
export const alreadyReturned = (s: CallState): Transition =>
  withOrders(
    { ...s, step: 'talking' },
    { order: 'note-departure', decision: decisionOf(s.answers), unprepared: [], tapped: true },
  )
