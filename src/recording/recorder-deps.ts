import type { Database } from '../db/database.js'
import type { KeeperSettings } from '../keeper/protocol.js'
import type { Log } from '../shared/log.js'
import type { PartTools } from './part-writer.js'

/** What the recorder is made of. */
export interface RecorderDeps extends PartTools {
  keeper: KeeperSettings
  db: Database
  log: Log
}
