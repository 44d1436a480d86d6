import type { Answer } from '../../../core/events.js'
import type { LinePolicy } from '../../../core/policy.js'
import type { SpokenClass } from '../../../core/speech.js'
import type { SpokenWords } from '../../../lines/spoken-words.js'

/**
 * Words of the simulator, without functions, because they are sent to the browser as JSON. `{time}` stands for a
 * length, and `{keys}` for the keys of the withdrawal.
 */
export interface SimulatorWords {
  /** Shown until the first call. */
  idle: string
  call: string
  silence: string
  hangUp: string
  breakOff: string
  again: string
  /** How a call ended. */
  recorded: string
  unrecorded: string
  gone: string
  /** A yes was withdrawn in the conversation. */
  withdrawn: string
  /** Label of the keys. */
  keys: string
  /** Label of the possible spoken answers, and the meaning of each. */
  speech: string
  says: Record<SpokenClass, string>
  /** When a caller is heard. */
  heardAfter: string
  answers: Record<Answer, string>
}

/** The data of the simulator, in its element's `data-simulator`. */
export interface SimulatorData {
  policy: LinePolicy
  prompts: Record<string, SpokenWords>
  words: SimulatorWords
}
