import type { Language } from '../../documents/moments.js'
import type { Operator } from '../../shared/operator.js'
import type { Act } from './act-rows.js'
import type { ActWords } from './words.js'

export interface ClosedAct extends Act {
  number: number
  closedAt: Date
  keepUntil: string
}

/** What all parts of the document are made of. */
export interface ActHead {
  act: ClosedAct
  words: ActWords
  language: Language
  operator: Operator | undefined
  /** Each purpose in words, and how many recordings it had. */
  purposes: string
  /** When the first recording was destroyed. */
  firstDestroyedAt: Date
  /** Name and id of the journal's key, if a log is kept. */
  log: string | undefined
}

/** A purpose that the words do not know goes by its own name. */
export const purposeText = (purpose: string, words: ActWords): string =>
  Object.hasOwn(words.purposes, purpose) ? words.purposes[purpose]! : purpose
