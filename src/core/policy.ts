import type { SpeechEngine } from './speech-engines.js'

/** A language of prompts, by its tag, such as `de`. Each language has a folder (`src/languages/`). */
export type Language = string

/** The languages of texts for readers: pages, documents, messages of the command. */
export type WrittenLanguage = 'ru' | 'en'

/** The languages in which callers can answer by voice. Each has a net, a grammar and rules of words. */
export const HEARD_LANGUAGES = ['ru', 'en'] as const
export type HeardLanguage = (typeof HEARD_LANGUAGES)[number]

/** True if callers can answer by voice in this language. */
export const isHeard = (language: Language): language is HeardLanguage =>
  HEARD_LANGUAGES.some(one => one === language)

/** A language that a line offers to its callers, and the key that chooses it. */
export interface LanguageChoice {
  language: Language
  key: string
}

/** How the sound of a prompt was made. */
export type PromptMaking = 'speech' | 'upload' | 'browser' | 'telephone'

/**
 * The purpose of a recording. Each purpose has its own question, answer and recording. A lower-case slug, such as
 * `service`.
 */
export type Purpose = string

/** The next step of a call after the decision: continue in the dialplan, go to another dialplan target, or end. */
export type NextStep =
  | { do: 'continue' }
  | { do: 'transfer'; context: string; extension: string; priority: number }
  | { do: 'hangup' }

/**
 * The part of a recording that is kept while an external participant without consent can be heard. `pause`: nothing.
 * `own-side`: what the consenting caller says, and not what the caller hears. `ask`: nothing, and that participant is
 * asked.
 */
export type OutsiderRule = 'pause' | 'own-side' | 'ask'

/**
 * The part of a recording that is kept while the caller is on hold or alone. `record`: everything. `pause`: nothing.
 */
export type HoldRule = 'record' | 'pause'

/** The least part of a disclosure that must be heard: a number of ms, or all of it. */
export type MinHeard = number | 'all'

/** How one purpose is asked, and how its recordings are kept. */
export interface PurposePolicy {
  purpose: Purpose
  /** Retention, days; more than 30 only with `longerBecause`. */
  retentionDays: number
  /** The agreement or legal duty that requires a longer retention, in words. */
  longerBecause?: string
  /** The legal basis of the recording, in words; never empty. */
  legalBasis: string
  /** Names of prompts in the line's language. */
  prompts: { question: string; granted: string; refused: string }
}

/** The announced way to withdraw. The terms belong to the answer, so later changes of the line do not affect them. */
export interface WithdrawalTerms {
  /** One to four keys. */
  keys: string
  onWithdraw: 'destroy' | 'keep'
  /** Language of the prompt that confirms the withdrawal. */
  language: Language
}

/** How the words of a spoken yes are kept as a recording, as proof of consent. */
export interface KeptAnswerPolicy {
  /** As for a purpose. */
  retentionDays: number
  longerBecause?: string
  /** The legal basis of keeping the proof, in words; never empty. */
  legalBasis: string
}

/** The purpose of recordings that hold a spoken yes. No line that keeps answers asks for a purpose of this name. */
export const KEPT_ANSWER_PURPOSE: Purpose = 'consent'

/** How a line recognises spoken answers. Keys count as well. */
export interface VoicePolicy {
  engine: SpeechEngine
  /** The least score of a yes, 0.5 to 0.99. */
  threshold: number
  /** After a weak yes such as "okay". `confirm`: the caller is asked for a clear yes or no. `key`: the caller is asked for a key. */
  weak: 'confirm' | 'key'
  /** Whether a spoken yes counts only with a key after it. */
  keyAfterYes: boolean
  /** True if an engine without proven accuracy is allowed. */
  experimental: boolean
  /** How a spoken yes is kept as a recording. `false` or absent: it is not kept. `false` overrides the line's group. */
  keepAnswer?: KeptAnswerPolicy | false
}

/** The policy of one line. It is validated when loaded, and immutable: each change makes a new version. */
export interface LinePolicy {
  number: string
  version: number
  /** The line's name for people, such as "Orders". Callers do not hear it. */
  name?: string
  language: Language
  /** The company name in prompts, if it differs from the installation's. */
  company?: string
  /** Languages that callers may choose by key, in the order of the offers. Absent or empty: no choice. */
  languages?: LanguageChoice[]
  /**
   * `key`: asks and waits for a key. `voice-or-key`: asks, and the caller says the answer or presses a key. `notice`: gives notice and
   * records callers who stay on the line. `none`: never records.
   */
  mode: 'key' | 'voice-or-key' | 'notice' | 'none'
  /** Present if the mode is `voice-or-key`. In other modes it has no effect. */
  voice?: VoicePolicy
  /** Name of the disclosure prompt. */
  disclosure: string
  /** Purposes in the order of their questions; at least one unless `mode` is `none`. */
  purposes: PurposePolicy[]
  /** `yes` and `no` answer a question. Later, the caller withdraws with `withdraw`, and the agent pauses with `pause`. */
  keys: { yes: string; no: string; withdraw: string; pause: string }
  /**
   * True if a key during a prompt counts and ends the prompt. Otherwise prompts play in full and early keys are
   * ignored, except a no to a notice, because no question follows it.
   */
  bargeIn: boolean
  /**
   * The least part of the disclosure that must be heard before a key counts, ms, or all of it. A no to the last
   * purpose counts at any time.
   * Absent: 0, a key counts as soon as the disclosure has begun. No effect if `bargeIn` is false.
   */
  minHeardMs?: MinHeard
  /** How long the caller has to answer after the question, ms. */
  waitMs: number
  /** How many times the question is repeated after silence. After a wrong key it is repeated one more time. */
  retries: number
  /** Whether a withdrawal destroys the recording, or keeps it up to the key. */
  onWithdraw: 'destroy' | 'keep'
  /** Absent: `pause`. */
  onOutsider?: OutsiderRule
  /**
   * Name of the prompt that an outsider hears in place of `disclosure`. Absent: `disclosure`. No effect unless
   * `onOutsider` is `ask`.
   */
  outsiderDisclosure?: string
  /** Absent: `record`. */
  onHold?: HoldRule
  /** One to four keys with which an agent has the caller asked in the conversation. Absent: there are no such keys. */
  askKeys?: string
  /** Longest pause, ms. The recording then resumes. */
  pauseMaxMs: number
  onRefused: NextStep
  onSilent: NextStep
  onFailed: NextStep
}

/** Returns how a line keeps a spoken yes; undefined if it does not. */
export const keptAnswerOf = ({
  mode,
  voice,
}: Pick<LinePolicy, 'mode' | 'voice'>): KeptAnswerPolicy | undefined =>
  (mode === 'voice-or-key' && voice?.keepAnswer) || undefined

/** Lists the purposes for which a line may record: those of its questions, and that of kept answers. */
export const recordedPurposes = (line: Pick<LinePolicy, 'mode' | 'voice' | 'purposes'>): Purpose[] => {
  if (line.mode === 'none') return []
  const asked = line.purposes.map(({ purpose }) => purpose)
  return keptAnswerOf(line) ? [...asked, KEPT_ANSWER_PURPOSE] : asked
}

/**
 * Finds the prompt for an external participant who joins a recorded call and is asked.
 * @returns undefined if the line has no separate one
 */
export const outsiderDisclosureOf = (
  line: Pick<LinePolicy, 'mode' | 'onOutsider' | 'outsiderDisclosure'>,
): string | undefined =>
  asksCallers(line) && line.onOutsider === 'ask' ? line.outsiderDisclosure : undefined

/** The modes of lines that ask their callers a question. */
export const ASKING_MODES: readonly LinePolicy['mode'][] = ['key', 'voice-or-key']

/** True if a line asks its callers a question: by key, or by voice or key. */
export const asksCallers = ({ mode }: Pick<LinePolicy, 'mode'>): boolean => ASKING_MODES.includes(mode)
