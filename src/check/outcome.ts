import type { Words } from '../shared/words.js'

/** Something that is wrong. */
export interface Fault {
  found: Words
  /** The setting, option or place at fault, as it is written in its file. */
  setting: string
  remedy: Words
  /** It works as it is, and worse under load or in a rare case. It is no alarm, and does not change the exit code. */
  weak?: true
}

/** What a check found. `unknown`: it could not look, for example because it may not read a file. */
export type Outcome =
  | { state: 'sound'; found: Words }
  | { state: 'fault'; faults: readonly Fault[] }
  | { state: 'unknown'; found: Words }
