import {
  before,
  disclosed,
  faultAfterAnswer,
  finish,
  type Next,
  pass,
  prepare,
  pressed,
  release,
  stay,
} from './call-moves.js'
import { type CallState, decisionOf, type Fact, type Order, recordable } from './call-states.js'
import { noteKey } from './withdrawal.js'

type FactOf<F extends Fact['fact']> = Extract<Fact, { fact: F }>

const takeOver: Order = { order: 'take-over' }

/**
 * The service that had the call died, and the caller waits: for a question, or for a yes to be acted on. What was
 * answered stands; what is open is asked, after an apology. The caller who hears nothing of a no goes on at once.
 */
export function resume(s: CallState, { answered, disclosed }: FactOf<'resumed'>): Next {
  if (s.open.length > 0) {
    const first: Order[] = answered ? [takeOver] : [takeOver, { order: 'answer' }]
    const apology: Order = { order: 'apologise', prompt: 'interrupted' }
    return before(first, stay({ ...s, step: 'apologising', disclosed }, apology))
  }
  const yes = s.settled.find(recordable)
  if (yes && (s.tap === 'ready' || s.unprepared.length > 0)) {
    return before([takeOver], confirmAgain(s, yes.purpose))
  }
  return before([takeOver], s.policy.mode === 'none' ? pass(s) : release(s))
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
export const faultBetween = (s: CallState, fault: FactOf<'fault'>): Next =>
  before([takeOver], faultAfterAnswer(s, fault))

/** The dialplan has it, with its tap: the service before us died before it could say so. */
export const sentOn = (s: CallState): Next =>
  stay(
    { ...s, step: 'talking' },
    { order: 'let-go', decision: decisionOf(s.settled), unprepared: [], tapped: true },
  )
