import type { Owner } from '../core/owner.js'
import type { Database } from '../db/database.js'
import type { Log } from '../lib/log.js'
import type { WorkTimer } from '../lib/work.js'
import type { ObjectStore } from '../vault/store/store.js'
import type { PartDeps } from './part-writer.js'
import type { KeeperAccess } from './tap/keeper-access.js'

/** The parts of other rooms that the recorder needs. */
export interface RecorderDeps extends PartDeps {
  keeper: KeeperAccess
  /** New parts are written to it, and the parts of an earlier service are read from it. */
  store: ObjectStore
  /** Owner of new recordings. */
  owner: Owner
  db: Database
  log: Log
  /**
   * Converts a moment of the machine's clock, which the keeper reads, to the service's steady clock. Both are ms since
   * the epoch. Without it, moments stay unchanged.
   */
  stamp?: (at: number) => number
  /**
   * Whether the service serves its callers. While it is false, no ping of the keeper is answered, and the keeper
   * returns the callers to the dialplan. Without it, every ping is answered.
   */
  serves?: () => boolean
  /** Whether the database holds every event that was noted, so that keys unknown to it belong to no recording. */
  isJournalComplete: () => boolean
  /**
   * Whether audio waits for `releaseHeld`, because participants may have joined meanwhile: audio that came while no
   * service ran, and audio of recordings that begin before `releaseHeld`. Default: false, and audio is stored at once.
   */
  awaitsLook?: boolean
  /**
   * Resolves when the service has processed all reports of the PBX from before the call. Audio is stored only then,
   * because an unprocessed report may be of a participant who joined. Rejects if the connection to the PBX is lost
   * first; `releaseHeld` follows then. Without it, audio is stored at once.
   */
  caughtUp?: () => Promise<void>
  /** Resolves to whether today's date is certain. Keys are destroyed by age only then. */
  dayIsCertain: () => Promise<boolean>
  /** Measures how long it takes until a recording is ready. */
  work?: WorkTimer
}
