import type { AlarmKind, Trouble } from '../../core/alarms.js'
import type { RecordingSigns } from '../../core/ports.js'

/** A speech engine and a language. `trouble`: why it does not hear that language, as a message. */
export interface HeardBy {
  engine: string
  language: string | null
  trouble: string | null
}

/** One of several concurrent troubles. */
export interface Found {
  /** Distinguishes it from the others: the subject of its alarm. */
  check: string
  /** A message. */
  detail: string
}

/** The parts of the service that checks and metrics read. */
export interface MonitoredParts {
  /** Purposes for which recordings may be made. */
  purposes: readonly string[]
  store: {
    /** @param underWay called with the duration of the attempt, by the clock of the process that makes it, ms */
    checkWritable(purpose: string, underWay?: (ms: number) => void): Promise<void>
    room(purpose: string): Promise<{ free: number; size: number } | undefined>
  }
  keyStore: { checkWritable(purpose: string, underWay?: (ms: number) => void): Promise<void> }
  prompts: { checkReadable(underWay?: (ms: number) => void): Promise<void> }
  /** `unusable`: published prompts that cannot be played. */
  promptBook: { readonly unusable: readonly Found[] }
  serviceLock: {
    /** True if another running service has the id of our data folder. */
    readonly copied: boolean
    /** Number of other running services with the same name. */
    readonly namesakes: number
  }
  journal: {
    readonly available: boolean
    /** True if the database refuses all events. */
    readonly refusing: boolean
    /** How long the database has been silent, ms. */
    readonly databaseSilentMs: number
    readonly waiting: number
    readonly counts: { committed: number; refused: number; dropped: number }
  }
  journalLog: {
    /** `stopped`: why the transparency log is not extended. `behindMs`: how long events have waited meanwhile. */
    readonly state: {
      readonly stopped: string | undefined
      readonly behindMs: number
      /** Why checkpoints are not time-stamped, as a message. */
      readonly timestamps?: string | undefined
    }
  }
  recorder: {
    readonly keeperPid: number | undefined
    readonly keeperHeldBytes: number
    /** Taps that run or are being prepared. */
    readonly taps: number
    signs(): RecordingSigns[]
  }
  calls: {
    readonly size: number
    /** Calls that are being asked, and may be recorded. */
    readonly inQuestion: number
    /** True if the dialplan failed to start the tap of the latest recorded call, within the last ten minutes. */
    readonly tapRefused: boolean
    /** True if the PBX itself records calls whose callers are asked, now or within the last ten minutes. */
    readonly recordedByPbx: boolean
    readonly around: { readonly spies: { readonly fromOutside: boolean } }
  }
  telephony: { readonly connected: boolean }
  /** `failed`: the faults of the latest scheduled probe calls. */
  probes: { readonly failed: readonly Found[] }
  /** The latest findings of the checks of the installation, by alarm. */
  setup: { troubles(alarm: AlarmKind): readonly Trouble[] }
  /**
   * The speech engines; absent if there are none. `processTrouble`: why their process hears no caller, as a message.
   */
  speech?: { readonly processTrouble: string | undefined; readonly engines: readonly HeardBy[] }
  /** `refresh`: why the present day is uncertain, by the last check; undefined if the day is certain. */
  day: { refresh(): { kind: string; detail: string } | undefined }
}
