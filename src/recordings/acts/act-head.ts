import type { Operator } from '../../core/operator.js'
import type { WrittenLanguage } from '../../core/policy.js'
import type { Act } from './act-rows.js'
import type { ActWords } from './words.js'

export interface ClosedAct extends Act {
  number: number
  closedAt: Date
  keepUntil: string
}

/** The data that all parts of the document use. */
export interface ActHead {
  act: ClosedAct
  words: ActWords
  language: WrittenLanguage
  operator: Operator | undefined
  /** Each purpose in words, with its number of recordings. */
  purposes: string
  /** When the first recording was destroyed. */
  firstDestroyedAt: Date
  /** Name and id of the key of the transparency log. Undefined if there is no log. */
  log: string | undefined
}

/** @returns a purpose in words; a purpose without words has its own name */
export const purposeText = (purpose: string, words: ActWords): string =>
  Object.hasOwn(words.purposes, purpose) ? words.purposes[purpose]! : purpose
