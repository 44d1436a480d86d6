/*
 * A deed is what a person may do: one function, in the room of what it changes. It takes the parts that it works with and
 * an `Actor`. It checks, journals and executes the deed, returns plain data, and reports errors as `AppError`. Command
 * and console call deeds.
 */

import type { Config } from '../config/config.js'
import type { Clock } from '../core/clock.js'
import type { EventSink } from '../core/ports.js'
import type { Database } from '../db/database.js'
import type { Log } from '../lib/log.js'
import { parseIdentities } from '../vault/crypto/keygen.js'
import type { Identity } from '../vault/crypto/types.js'
import type { KeyStore } from '../vault/keys/key-store.js'
import type { ObjectStore } from '../vault/store/store.js'

/** The parts that deeds work with. Each names those that it needs. */
export interface Deps {
  config: Config
  db: Database
  journal: EventSink
  store: ObjectStore
  keyStore: KeyStore
  clock: Clock
  log: Log
}

/** The parts that every journalled deed works with. */
export type JournalledDeps = Pick<Deps, 'db' | 'journal' | 'clock'>

/** The parts of `Deps`, and these settings. */
export type DepsWith<Part extends keyof Deps, Setting extends keyof Config> = Pick<Deps, Part> & {
  config: Pick<Config, Setting>
}

/** Longest wait for the journal's confirmation, ms. It is short because a person waits. */
export const CONFIRM_MS = 10_000

/** The secret keys of `CONSENTRY_IDENTITY`. Undefined if not set, as on the host that records. */
export const identitiesIn = ({ identities }: Pick<Config, 'identities'>): Identity[] | undefined =>
  identities && parseIdentities(identities.reveal())

/** Where the transparency log is, and whose cosignatures go into documents that prove events. */
export const proofSettings = ({ log }: Pick<Config, 'log'>): { log: string; witnesses: string[] } => ({
  log: log.dir,
  witnesses: log.witness ? [log.witness.key] : [],
})
