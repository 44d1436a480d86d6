import type { Language } from './policy.js'

/** A prompt by its content. Each language of it has versions of its own. */
export interface ToldPrompt {
  prompt: string
  /** 0 if there is no such prompt, so that nobody can have heard it. */
  version: number
}

/** The words in which a line tells a purpose. */
export interface ToldWords {
  /** The language in which they are spoken. */
  language: Language
  /** The disclosure of the line. `outsiderDisclosure` stands for it, and is not named here. */
  disclosure: ToldPrompt
  /** The line's own question. Absent where nobody is asked. */
  question?: ToldPrompt
}

/** What somebody was told who agreed to one purpose. */
export interface Told {
  /** The legal basis, in the words of the line. */
  basis: string
  /** How long the recording is kept, days. */
  days: number
  /** Whether the caller was asked. Otherwise the caller was given notice and stayed on the line. */
  asked: boolean
  /** In which words. Undefined if an older version journalled the answer, or where nothing is played. */
  words?: ToldWords | undefined
}
