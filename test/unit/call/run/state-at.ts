import { beginCall, transition, transitions } from '../../../../src/call/machine/call-machine.js'
import type { CallState, Fact, Step } from '../../../../src/call/machine/call-states.js'
import {
  asideCommitted,
  askNow,
  committed,
  facts,
  heard,
  key,
  prepared,
  recoveredState,
  runFrom,
  whispered,
} from '../../../support/data/call-facts.js'
import { keyLine, offeringLine, twoPurposes } from '../../../support/data/policies.js'

/** Facts that lead to each step: to the first two from a recovered call, to the others from a new call. */
const factsBefore: Record<Step, Fact[]> = {
  interrupted: [],
  apologising: [facts.recovered],
  choosing: [],
  disclosing: [],
  asking: [heard],
  waiting: [heard, heard],
  committing: [heard, key('1')],
  confirming: [heard, key('1'), committed],
  failing: [facts.fault],
  preparing: [heard, key('1'), committed, heard],
  releasing: [heard, key('1'), committed, heard, prepared],
  talking: [heard, key('1'), committed, heard, prepared, facts.returned],
  ended: [facts['hung-up']],
}

/** All steps of the machine. */
export const steps = Object.keys(transitions) as Step[]

/** The state of a call on a line with one purpose that has come to a step. @throws Error if its facts do not lead there */
export function stateAt(step: Step, on = keyLine): CallState {
  const line = step === 'choosing' ? offeringLine : on
  const first = ['interrupted', 'apologising'].includes(step) ? recoveredState() : beginCall(line).state
  const state = factsBefore[step].reduce((before, fact) => transition(before, fact).state, first)
  if (state.step !== step) throw new Error(`the facts for ${step} lead to ${state.step}`)
  return state
}

/** A recorded caller who is asked for a further purpose in the conversation, by what has become of the question. */
export const inquiries = Object.fromEntries(
  Object.entries({
    telling: [],
    asking: [whispered],
    waiting: [whispered, whispered],
    committing: [whispered, key('1')],
    confirming: [whispered, key('1'), asideCommitted],
  }).map(([name, facts]) => [
    name,
    runFrom(stateAt('talking'), askNow(twoPurposes, 'marketing'), ...facts).state,
  ]),
)

/** What is left of the question while its answer is being committed, after a re-entry. */
export const late = transition(inquiries['committing']!, facts['re-entered']).state.inquiry
