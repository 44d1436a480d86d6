import type { Language } from './policy.js'

/** A prompt by its content. Each of its languages has its own versions. */
export interface AnnouncedPrompt {
  prompt: string
  /** 0 if the prompt did not exist, so that the caller cannot have heard it. */
  version: number
}

/** The words that announce a purpose on a line. */
export interface AnnouncedWords {
  /** The language in which they are spoken. */
  language: Language
  /** The line's disclosure, even if `outsiderDisclosure` was played in its place. */
  disclosure: AnnouncedPrompt
  /** The line's own question. Absent if no question is asked. */
  question?: AnnouncedPrompt
}

/** The announcement to a participant who agreed to one purpose. */
export interface Announcement {
  /** The legal basis, in the words of the line. */
  basis: string
  /** The announced retention, days. */
  days: number
  /** True if the caller was asked. Otherwise the caller was given notice and stayed on the line. */
  asked: boolean
  /** The announced words. Undefined for an answer other than a yes or a notice, or if nothing is played. */
  words?: AnnouncedWords | undefined
}
