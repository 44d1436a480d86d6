import type { AlarmKind, Trouble } from '../shared/alarms.js'
import type { RecordingSigns } from '../shared/ports.js'

/** A speech engine and a language; `trouble` says why it does not hear that language, for people. */
export interface HeardBy {
  engine: string
  language: string | null
  trouble: string | null
}

/** One of several things that may be wrong at once. */
export interface Found {
  /** Tells it apart from the others: the subject of its alarm. */
  check: string
  /** Text for people. */
  detail: string
}

/** The parts of the service that checks and metrics read. */
export interface MonitoredParts {
  /** Purposes for which recordings may be made. */
  purposes: readonly string[]
  store: {
    /** @param underWay gets how long the attempt has been under way, by the clock of the process that makes it, ms */
    checkWritable(purpose: string, underWay?: (ms: number) => void): Promise<void>
    room(purpose: string): Promise<{ free: number; size: number } | undefined>
  }
  keyStore: { checkWritable(purpose: string, underWay?: (ms: number) => void): Promise<void> }
  prompts: { checkReadable(underWay?: (ms: number) => void): Promise<void> }
  /** `unusable`: published prompts that cannot be played. */
  promptBook: { readonly unusable: readonly Found[] }
  serviceLock: {
    /** Whether another running service has the id of our data folder. */
    readonly copied: boolean
    /** How many other running services have the same name. */
    readonly namesakes: number
  }
  journal: {
    readonly available: boolean
    /** Whether the database refuses all events. */
    readonly refusing: boolean
    /** How long the database has been silent, ms. */
    readonly databaseSilentMs: number
    readonly waiting: number
    readonly counts: { committed: number; refused: number; dropped: number }
  }
  journalLog: {
    /** `stopped`: why the transparency log is not extended; `behindMs`: how long events have been waiting while it stood still. */
    readonly state: {
      readonly stopped: string | undefined
      readonly behindMs: number
      /** Why checkpoints are not time-stamped, as text for people. */
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
    /** Whether the dialplan failed to start the tap of the latest recorded call, within the last ten minutes. */
    readonly tapRefused: boolean
    /** Whether the PBX records calls by itself whose callers are asked, now or within the last ten minutes. */
    readonly recordedByPbx: boolean
    readonly around: { readonly spies: { readonly fromOutside: boolean } }
  }
  telephony: { readonly connected: boolean }
  /** `failed`: the latest probe calls on schedule that showed a fault. */
  probes: { readonly failed: readonly Found[] }
  /** What checks of the installation found last, by their alarm. */
  setup: { troubles(alarm: AlarmKind): readonly Trouble[] }
  /** What hears callers; absent if nothing does. `processTrouble`: why its process hears nobody, for people. */
  speech?: { readonly processTrouble: string | undefined; readonly engines: readonly HeardBy[] }
  /** `refresh`: why the present day is uncertain, by the last check; undefined if the day is certain. */
  day: { refresh(): { kind: string; detail: string } | undefined }
}
