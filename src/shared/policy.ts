/** Languages in which callers are spoken to. */
export type Language = 'ru' | 'en'

/** What a call may be recorded for; one question, one answer, one recording each. Lower-case slug, for example `service`. */
export type Purpose = string

/** What becomes of a call once it is decided: on into the dialplan, to another dialplan target, or the end. */
export type NextStep =
  | { do: 'continue' }
  | { do: 'transfer'; context: string; extension: string; priority: number }
  | { do: 'hangup' }

/** How one purpose is asked about and kept. */
export interface PurposePolicy {
  purpose: Purpose
  /** Days until the recording is destroyed; more than 30 only with `longerBecause`. */
  retentionDays: number
  /** The agreement or legal duty that asks for a longer term, in words. */
  longerBecause?: string
  /** Why the law allows it, in words; never empty. */
  legalBasis: string
  /** Names of prompts, resolved in the line's language. */
  prompts: { question: string; granted: string; refused: string }
}

/**
 * How the caller was told to take an answer back. The terms belong to the answer; later changes of the line do not change
 * them.
 */
export interface WithdrawalTerms {
  /** One to four keys. */
  keys: string
  onWithdraw: 'destroy' | 'keep'
  /** Language of the prompt that confirms the withdrawal. */
  language: Language
}

/** What applies to one dialled number. Validated at load; immutable; a change makes a new version. */
export interface LinePolicy {
  number: string
  version: number
  language: Language
  /** `key`: ask and wait for a key. `notice`: disclose and record who stays on the line. `none`: never recorded. */
  mode: 'key' | 'notice' | 'none'
  /** Name of the disclosure prompt. */
  disclosure: string
  /** Asked in this order; at least one unless mode is `none`. */
  purposes: PurposePolicy[]
  /** `yes` and `no` answer a question; `withdraw` is the caller's at any later time, `pause` the agent's. */
  keys: { yes: string; no: string; withdraw: string; pause: string }
  /** Keys count during a prompt and end it; otherwise every prompt is heard in full and early keys are ignored. */
  bargeIn: boolean
  /** How long to wait for a key after the question has ended, ms. */
  waitMs: number
  /** How many times the question is repeated after silence or a wrong key. */
  retries: number
  /** What becomes of a recording whose consent is withdrawn: destroyed, or kept up to the key. */
  onWithdraw: 'destroy' | 'keep'
  /** A paused recording goes on by itself after so long, ms. */
  pauseMaxMs: number
  onRefused: NextStep
  onSilent: NextStep
  onFailed: NextStep
}
