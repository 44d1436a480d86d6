import type { LinePolicy, Purpose } from '../shared/policy.js'
import {
  before,
  disclosed,
  faultAfterAnswer,
  finish,
  type Next,
  prepare,
  pressed,
  returnToDialplan,
  returnUnasked,
  stay,
} from './call-moves.js'
import { type CallState, decisionOf, type Fact, type Order, recordable } from './call-states.js'
import { noteKey } from './withdrawal.js'

type FactOf<F extends Fact['fact']> = Extract<Fact, { fact: F }>

const takeOver: Order = { order: 'stop-leftover-prompts' }

/** Whether a line as it is now lets a yes to this purpose be recorded. */
const allows = ({ mode, purposes }: LinePolicy, wanted: Purpose): boolean =>
  mode !== 'none' && purposes.some(({ purpose }) => purpose === wanted)

/**
 * The line may have changed between a yes and the resumption. A yes is recorded only if the line still asks for its purpose.
 * If the line has dropped one of the purposes, a tap that is ready is not used, because it records all of them.
 */
function applyCurrentLine(s: CallState): Next {
  if (s.answers.every(one => !recordable(one) || allows(s.policy, one.purpose))) return stay(s)
  const [unprepared, purposes] = [true, false].map(allowed =>
    s.unprepared.filter(purpose => allows(s.policy, purpose) === allowed),
  ) as [Purpose[], Purpose[]]
  return stay({ ...s, unprepared, tap: 'none' }, { order: 'drop-purposes', purposes })
}

/**
 * The service that had the call died, and the caller waits: for a question, or for a yes to be acted on. What was
 * answered stands; what is open on the line as it is now is asked, after an apology. A caller to whom nothing has to be
 * said goes on at once.
 */
export function recover(interrupted: CallState, { answered, disclosed }: FactOf<'recovered'>): Next {
  const { state: s, orders } = applyCurrentLine(interrupted)
  return before([...orders, takeOver], continueRecovered(s, answered, disclosed))
}

function continueRecovered(s: CallState, answered: boolean, disclosed: boolean): Next {
  if (s.open.length > 0) {
    const first: Order[] = answered ? [] : [{ order: 'answer' }]
    const apology: Order = { order: 'apologise', prompt: 'interrupted' }
    return before(first, stay({ ...s, step: 'apologising', disclosed }, apology))
  }
  const yes = s.answers.find(one => recordable(one) && allows(s.policy, one.purpose))
  if (yes && (s.tap === 'ready' || s.unprepared.length > 0)) return confirmAgain(s, yes.purpose)
  return s.policy.mode === 'none' ? returnUnasked(s) : returnToDialplan(s)
}

/** Whether the caller heard the yes confirmed is not known; hearing it twice does no harm. */
function confirmAgain(s: CallState, purpose: string): Next {
  const words = s.policy.purposes.find(p => p.purpose === purpose)?.prompts.granted
  if (s.policy.mode !== 'key' || words === undefined) return finish(s)
  const confirm: Order = { order: 'confirm', role: 'granted', prompt: words }
  return before([confirm], prepare({ ...s, step: 'confirming' }))
}

/** Disclosure precedes every answer: it is repeated unless the journal shows that it was heard. */
export const apologised = (s: CallState): Next =>
  s.disclosed
    ? disclosed(s)
    : stay({ ...s, step: 'disclosing' }, { order: 'disclose', prompt: s.policy.disclosure })

/** A key during the apology answers only who has heard the disclosure. */
export function pressedEarly(s: CallState, key: FactOf<'key'>): Next {
  if (s.disclosed) return pressed(s, key)
  const early: Order = { order: 'ignore-key', purpose: s.open[0]!.purpose, reason: 'too-early' }
  const noted = noteKey(s, key)
  return noted.typed.digits === '' ? stay(noted, early) : stay(noted)
}

/** It cannot be asked again: what was agreed to is recorded, what is open is not, and the call goes on. */
export function faultInRecovery(interrupted: CallState, fault: FactOf<'fault'>): Next {
  const { state, orders } = applyCurrentLine(interrupted)
  return before([...orders, takeOver], faultAfterAnswer(state, fault))
}

/** The dialplan has it, with its tap: the service before us died before it could say so. */
export const alreadyReturned = (s: CallState): Next =>
  stay(
    { ...s, step: 'talking' },
    { order: 'note-departure', decision: decisionOf(s.answers), unprepared: [], tapped: true },
  )
