import { type Words, words } from '../../core/words.js'

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

/** What was read of a fact. `unknown`: it could not be read, for example because a file may not be read. */
export type Outcome =
  | { state: 'sound'; found: Words }
  | { state: 'fault'; faults: readonly Fault[] }
  | { state: 'unknown'; found: Words }

/** Makes a fault. A remedy that is a command is the same in all languages. */
export const fault = (setting: string, found: Words, remedy: Words | string, weak?: 'weak'): Fault => ({
  ...{ found, setting, remedy: typeof remedy === 'string' ? words(remedy, remedy) : remedy },
  ...(weak && { weak: true }),
})

export const sound = (en: string, ru: string): Outcome => ({ state: 'sound', found: words(en, ru) })

export const unknown = (en: string, ru: string): Outcome => ({ state: 'unknown', found: words(en, ru) })

export const faulty = (...faults: readonly Fault[]): Outcome => ({ state: 'fault', faults })

/** Returns a fault outcome if there are faults, else `otherwise`. */
export const faultsOr = (faults: readonly Fault[], otherwise: Outcome): Outcome =>
  faults.length > 0 ? faulty(...faults) : otherwise

/** A fault as one message of alarms and the log. */
export const messageOf = ({ found, setting, remedy }: Fault): string => `${found.en} ${setting}: ${remedy.en}`
