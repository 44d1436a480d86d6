/*
 * This room checks an installation: it reads the facts and reports each fault, the setting at fault and the remedy. A
 * check is named like its fact. The command runs all checks, the service those that concern it.
 */
import type { Words } from '../../core/words.js'
import type { Outcome } from '../facts/fact.js'
import { FACT_IDS, type FactId } from '../facts/facts.js'

export type { Fault, Outcome } from '../facts/fact.js'

/** All checks, in the order in which they run. */
export const CHECK_NAMES = FACT_IDS

export type CheckName = FactId

/** A check with its outcome. */
export interface CheckResult {
  name: CheckName
  title: Words
  outcome: Outcome
}

/** True for a fault that is more than a weakness. */
export const isWrong = ({ outcome }: CheckResult): boolean =>
  outcome.state === 'fault' && outcome.faults.some(({ weak }) => !weak)
