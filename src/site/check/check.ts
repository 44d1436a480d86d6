/*
 * This room checks an installation. Each check tests one thing, and reports the fault, the setting at fault, and the
 * remedy. The command runs all checks, the service those that concern it. A check changes nothing.
 */
import { type Words, words } from '../../core/words.js'
import type { Fault, Outcome } from './outcome.js'
import type { Site } from './site.js'

export type { Fault, Outcome } from './outcome.js'

/** All checks, in the order in which they run: a check comes after those that it depends on. */
export const CHECK_NAMES = [
  'settings',
  'settings-file',
  'programs',
  'addresses',
  'service',
  'database',
  'schema',
  'journal',
  'clock',
  'store',
  'key-store',
  'keys',
  'pbx',
  'modules',
  'dialplan',
  'gosub',
  'pbx-options',
  'asterisk',
  'asterisk-files',
  'pbx-recording',
  'tap-folder',
  'tap',
  'sides',
  'keepers',
  'prompts',
  'memory',
  'limits',
] as const

export type CheckName = (typeof CHECK_NAMES)[number]

/** One check. */
export interface Check {
  name: CheckName
  /** Its subject, for people. */
  title: Words
  /**
   * Checks the installation. An error makes the outcome `unknown`.
   *
   * @param site the subject
   */
  look(site: Site): Promise<Outcome>
}

/** A check with its outcome. */
export interface CheckResult {
  name: CheckName
  title: Words
  outcome: Outcome
}

export const sound = (en: string, ru: string): Outcome => ({ state: 'sound', found: words(en, ru) })

export const unknown = (en: string, ru: string): Outcome => ({ state: 'unknown', found: words(en, ru) })

/** Returns a fault outcome if there are faults, else `otherwise`. */
export const faultsOr = (faults: readonly Fault[], otherwise: Outcome): Outcome =>
  faults.length > 0 ? { state: 'fault', faults } : otherwise

/** True for a fault that is more than a weakness. */
export const isWrong = ({ outcome }: CheckResult): boolean =>
  outcome.state === 'fault' && outcome.faults.some(({ weak }) => !weak)
