/*
 * This room checks an installation: each check looks at one thing, and says what is wrong, which setting is at fault, and what to do.
 * The command runs all of them, the service those that concern it. A check changes nothing.
 */
import { type Words, words } from '../shared/words.js'
import type { Fault, Outcome } from './outcome.js'
import type { Site } from './site.js'

export type { Fault, Outcome } from './outcome.js'

/** All checks, in the order in which they run: what others build on comes first. */
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
  /** What it looks at, for people. */
  title: Words
  /**
   * Looks at the installation. An error that it throws makes the outcome `unknown`.
   *
   * @param site what it looks at
   */
  look(site: Site): Promise<Outcome>
}

/** A check with what it found. */
export interface CheckResult {
  name: CheckName
  title: Words
  outcome: Outcome
}

export const sound = (en: string, ru: string): Outcome => ({ state: 'sound', found: words(en, ru) })

export const unknown = (en: string, ru: string): Outcome => ({ state: 'unknown', found: words(en, ru) })

/** @returns a fault outcome if there are faults, else `otherwise` */
export const faultsOr = (faults: readonly Fault[], otherwise: Outcome): Outcome =>
  faults.length > 0 ? { state: 'fault', faults } : otherwise

/** Whether something is wrong: a fault that is more than a weakness. */
export const isWrong = ({ outcome }: CheckResult): boolean =>
  outcome.state === 'fault' && outcome.faults.some(({ weak }) => !weak)
