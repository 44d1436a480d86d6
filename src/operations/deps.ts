import type { Config } from '../config/config.js'
import type { Database } from '../db/database.js'
import type { Clock } from '../shared/clock.js'
import type { Log } from '../shared/log.js'
import type { EventSink } from '../shared/ports.js'
import type { KeyStore } from '../vault/keys/key-store.js'
import type { ObjectStore } from '../vault/store/store.js'

/*
 * This room holds what a person may do: one function each. It takes the parts that it works with and an `Actor`, checks, journals
 * and does. It returns plain data and reports errors as `AppError`. The command calls these functions, and so will the console.
 */

/** The parts that operations work with. Each function names those that it needs. */
export interface Deps {
  config: Config
  db: Database
  journal: EventSink
  store: ObjectStore
  keyStore: KeyStore
  clock: Clock
  log: Log
}
