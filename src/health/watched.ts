import type { RecordingSigns } from '../shared/ports.js'

/** What is looked at, as far as that goes. */
export interface Watched {
  /** For which recordings may be made. */
  purposes: readonly string[]
  store: {
    checkWritable(purpose: string): Promise<void>
    room(purpose: string): Promise<{ free: number; size: number } | undefined>
  }
  keyStore: { checkWritable(purpose: string): Promise<void> }
  prompts: { checkReadable(): Promise<void> }
  identity: {
    /** Another running service has the id of our data folder. */
    readonly copied: boolean
    /** Other running services of the same name. */
    readonly namesakes: number
  }
  journal: {
    readonly available: boolean
    /** The database refuses every event. */
    readonly refusing: boolean
    /** For how long nothing was heard of its database, ms. */
    readonly databaseSilentMs: number
    readonly waiting: number
    readonly counts: { committed: number; refused: number; dropped: number }
  }
  journalLog: {
    /** Why the log over the journal stands still until somebody sees to it. */
    readonly state: { readonly stopped: string | undefined }
  }
  recorder: {
    readonly keeperPid: number | undefined
    readonly keeperHeldBytes: number
    /** Taps that run or are about to. */
    readonly taps: number
    signs(): RecordingSigns[]
  }
  calls: {
    readonly size: number
    /** Calls that may still come to be recorded. */
    readonly inQuestion: number
    /** The dialplan did not start the tap of the last recorded call, in the last ten minutes. */
    readonly tapRefused: boolean
  }
  telephony: { readonly connected: boolean }
  /** `known`: the last answer to why it is not certain what day it is; undefined if it is certain. */
  day: { readonly known: { kind: string; detail: string } | undefined }
}
