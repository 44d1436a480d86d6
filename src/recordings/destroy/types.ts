import type { Clock } from '../../core/clock.js'
import type { DestructionCause } from '../../core/events.js'
import type { ActId, RecordingId } from '../../core/ids.js'
import type { EventSink } from '../../core/ports.js'
import type { Database } from '../../db/database.js'
import type { Log } from '../../lib/log.js'
import type { KeyStore } from '../../vault/keys/key-store.js'
import type { Archive } from '../../vault/store/store.js'

/** The stores, the database and the journal that destruction uses. */
export interface DestroyDeps {
  db: Database
  journal: EventSink
  keyStore: KeyStore
  store: Archive
  clock: Clock
  log: Log
}

/** Why recordings are destroyed, and by whom. The act states both. */
export interface DestructionRequest {
  cause: DestructionCause
  reason: string
  by: string
  /** Holds in force at this moment keep recordings, ms since the epoch. Default: now. */
  at?: number
  /** Also enter missing recordings into the act. The actor confirms that they are lost for good. */
  lost?: boolean
}

/** The result of a destruction. */
export interface DestructionResult {
  /** Null if there was nothing to destroy. */
  act: ActId | null
  /** Null while recordings of the act remain to be destroyed. The next purge destroys them and closes the act. */
  number: number | null
  destroyed: number
  /** Kept by a hold or a block. */
  held: RecordingId[]
  /**
   * Not destroyed yet: a store or the journal refused, or the journal does not have the cause that the act states.
   */
  failed: RecordingId[]
  /** Left as they are, because no store has a container or a key of them; see `findMissing`. */
  missing: RecordingId[]
}

/** Called with the number of recordings destroyed so far. */
export type ProgressListener = (destroyed: number) => void
