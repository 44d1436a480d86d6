import type { Marking } from '../../files/marking.js'

/** What the prober is told at its start. */
export interface ProbeSettings {
  /** As `CONSENTRY_STORE` and `CONSENTRY_KEYSTORE` have them. */
  store: string
  keystore: string
  /** The folder of converted prompts, an absolute path. */
  prompts: string
  marking: Marking
}

export type ProbeKind = 'store' | 'keys' | 'room' | 'prompts'

/** A question. Its answer has the same number; answers come in any order. */
export interface ProbeQuestion {
  n: number
  what: ProbeKind
  /** Of `prompts` empty: they belong to none. */
  purpose: string
}

export interface ProbeAnswer {
  n: number
  /** Why the place does not work, in words. */
  error?: string
  /** Of `room`, bytes. */
  room?: { free: number; size: number }
}
