import { noKeys } from '../consent/key-sequence.js'
import type { LinePolicy } from '../shared/policy.js'
import {
  askAgain,
  confirmed,
  disclosed,
  end,
  fail,
  faultAfterAnswer,
  holdAnswer,
  leave,
  type Next,
  notCommitted,
  noteFault,
  pressed,
  reenter,
  reenterEarly,
  returnUnasked,
  stay,
  tapDone,
  tapLate,
  unwritten,
} from './call-moves.js'
import type { CallState, Fact, FactName, Step } from './call-states.js'
import { alreadyReturned, apologised, faultInRecovery, pressedEarly, recover } from './recovery-moves.js'
import { noteKey, wantsOut, withdraw } from './withdrawal.js'

type Rule<F extends FactName> = (state: CallState, fact: Extract<Fact, { fact: F }>) => Next
type Rules = { [F in FactName]?: Rule<F> }

/** Where no question is open, keys may still take a yes back; `next` acts on the last of them. */
const later: Rules = { key: (s, key) => stay(noteKey(s, key)) }
/** The caller may have come back before an answer of the visit before was committed. */
const earlier: Rules = { 'commit-failed': unwritten }
/** While the call is in our hands, it ends as soon as somebody hangs up. */
const inHand: Rules = { left: leave, 'hanging-up': end, 'hung-up': end }
/** Until the caller has answered, whatever goes wrong means: not recorded, and the call goes on. */
const undecided: Rules = { ...inHand, ...earlier, fault: fail }
/** The tap is made ready while the caller hears the confirmation. */
const preparation: Rules = {
  prepared: s => stay({ ...s, tap: 'ready' }),
  'prepare-failed': s => stay({ ...s, tap: 'failed' }),
}

/**
 * The whole course of a call: what each fact means at each step. A fact that is not listed changes nothing.
 *
 * (interrupted → apologising →) disclosing → asking → waiting → committing → confirming → (asking …) → preparing → releasing → talking → ended
 */
export const table: Record<Step, Rules> = {
  interrupted: { ...inHand, ...later, recovered: recover, returned: alreadyReturned, fault: faultInRecovery },
  apologising: { ...undecided, heard: apologised, key: pressedEarly },
  disclosing: { ...undecided, heard: disclosed, key: pressed },
  asking: {
    ...undecided,
    heard: s => stay({ ...s, step: 'waiting' }, { order: 'wait', ms: s.policy.waitMs }),
    key: pressed,
  },
  waiting: { ...undecided, silence: askAgain, key: pressed },
  committing: { ...inHand, ...later, committed: holdAnswer, 'commit-failed': notCommitted, fault: noteFault },
  confirming: { ...inHand, ...earlier, ...later, ...preparation, heard: confirmed, fault: faultAfterAnswer },
  failing: { ...inHand, ...later, ...preparation, committed: holdAnswer, 'commit-failed': notCommitted },
  preparing: {
    ...inHand,
    ...earlier,
    ...later,
    prepared: s => tapDone(s, 'ready'),
    'prepare-failed': s => tapDone(s, 'failed'),
    silence: tapLate,
  },
  releasing: {
    ...earlier,
    ...later,
    returned: s => stay({ ...s, step: 'talking' }),
    're-entered': reenterEarly,
    'hung-up': end,
  },
  talking: { ...earlier, ...later, 're-entered': reenter, 'hung-up': end },
  ended: earlier,
}

/**
 * A new call on a line: it is answered and hears the disclosure; on a line that is never recorded it passes on.
 *
 * @param unasked why it passes on whatever the line says
 */
export function begin(policy: LinePolicy, unasked?: string): Next {
  const fresh: CallState = {
    step: 'talking',
    policy,
    open: [],
    answers: [],
    pending: [],
    attempt: 0,
    unprepared: [],
    tap: 'none',
    fault: null,
    typed: noKeys,
    disclosed: false,
  }
  if (unasked && policy.mode !== 'none') return returnUnasked(fresh, unasked)
  return reenter(fresh, { fact: 're-entered', policy })
}

/** One step of a call. Pure: the same state and fact always give the same state and orders. */
export function next(state: CallState, fact: Fact): Next {
  const rule = table[state.step][fact.fact] as ((state: CallState, fact: Fact) => Next) | undefined
  const { state: after, orders } = rule ? rule(state, fact) : stay(state)
  if (!wantsOut(after)) return { state: after, orders }
  const out = withdraw(after)
  return { state: out.state, orders: [...orders, ...out.orders] }
}
