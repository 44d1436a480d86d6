import type { Words } from '../../core/words.js'

/** A fault. */
export interface Fault {
  found: Words
  /** The setting, option or place at fault, as it is written in its file. */
  setting: string
  remedy: Words
  /**
   * True for a weakness: it works, but less well under load or in a rare case. It raises no alarm, and does not change
   * the exit code.
   */
  weak?: true
}

/** The outcome of a check. `unknown`: it could not be made, for example because a file may not be read. */
export type Outcome =
  | { state: 'sound'; found: Words }
  | { state: 'fault'; faults: readonly Fault[] }
  | { state: 'unknown'; found: Words }
