import type { Database } from '../db/database.js'
import type { KeeperSettings } from '../keeper/protocol.js'
import type { Log } from '../shared/log.js'
import type { Owner } from '../shared/owner.js'
import type { PartDeps } from './part-writer.js'

/** What the recorder is made of. */
export interface RecorderDeps extends PartDeps {
  keeper: KeeperSettings
  /** Whose the recordings are. */
  owner: Owner
  db: Database
  log: Log
  /**
   * A moment that the keeper read from the machine's clock, as ours would have told it, ms since the epoch; as it is by
   * default.
   */
  stamp?: (at: number) => number
  /** Whether the database has all that was noted: what it does not know of is nowhere, then. So it is by default. */
  isJournalComplete?: () => boolean
  /** Whether it is certain what day it is. Keys are destroyed by their age only then. By default it is certain. */
  dayIsCertain?: () => Promise<boolean>
}
