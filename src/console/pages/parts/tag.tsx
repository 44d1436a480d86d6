import type { Answer } from '../../../core/events.js'
import type { Words } from '../words/words.js'

/** An answer of a caller, in its colour. */
export const AnswerTag = ({ answer, words }: { answer: Answer; words: Words }) => (
  <span class={`tag ${answer}`}>{words.answers[answer]}</span>
)
