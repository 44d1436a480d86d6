import type { VoiceAnswer } from './answer-heard.js'

/**
 * How the open question is asked. `speech`: the line's own question, on a line by voice. `confirm`: whether a weak yes is one. Both hear
 * the caller. `key`: for a key alone; on a line by key the line's own question. `after-yes`: for the key that a spoken yes needs. Keys
 * count in every way.
 */
export type QuestionWay = 'speech' | 'confirm' | 'key' | 'after-yes'

/** How the open question has been asked so far. */
export interface AskedQuestion {
  readonly way: QuestionWay
  /** How often it was repeated after silence. */
  readonly repeats: number
  /** How often the caller was asked to speak. */
  readonly bySpeech: number
  /** Whether the caller is heard: `begin-hearing` was ordered, and neither `end-hearing` nor a loss followed. */
  readonly hearing: boolean
  /** Whether the caller has begun to speak, with the words not yet known. */
  readonly speaking: boolean
  /** Whether the wait was extended because the caller was speaking. */
  readonly extended: boolean
  /** Whether a wrong key was pressed since it was last asked. */
  readonly mistyped: boolean
  /** The spoken yes that a key must confirm; null unless the way is `after-yes`. */
  readonly saidYes: VoiceAnswer | null
}
