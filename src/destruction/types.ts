import type { Database } from '../db/database.js'
import type { Clock } from '../shared/clock.js'
import type { DestructionCause } from '../shared/events.js'
import type { ActId, RecordingId } from '../shared/ids.js'
import type { Log } from '../shared/log.js'
import type { EventSink } from '../shared/ports.js'
import type { KeyStore } from '../vault/keys/key-store.js'
import type { ObjectStore } from '../vault/store/store.js'

/** What destruction works on. */
export interface DestroyDeps {
  db: Database
  journal: EventSink
  keyStore: KeyStore
  store: ObjectStore
  clock: Clock
  log: Log
}

/** Why recordings are destroyed, and who does it: what their act will say. */
export interface DestructionRequest {
  cause: DestructionCause
  reason: string
  by: string
  /** The moment at which holds count, ms since the epoch; now by default. */
  at?: number
  /** Also recordings of which no store has anything: they are lost for good, as whoever asks for it knows. */
  lost?: boolean
}

/** What became of it. */
export interface DestructionResult {
  /** Null if nothing was there to destroy. */
  act: ActId | null
  /** Null while something of the act is still to be done: the next purge does it and closes the act. */
  number: number | null
  destroyed: number
  held: RecordingId[]
  /** Marked, but not gone yet: a store or the journal refused. */
  failed: RecordingId[]
  /** Nothing of them was found, so they were left as they are; see `findMissing`. */
  missing: RecordingId[]
}

/** Hears how many recordings are gone so far. */
export type ProgressListener = (destroyed: number) => void
