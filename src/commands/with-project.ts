import { type Config, readConfig } from '../config/config.js'
import { type Database, openDatabase } from '../db/database.js'
import { expectedMarking } from '../db/installation.js'
import { provideForCommand } from '../db/provide.js'
import { type Journal, startJournal } from '../journal/journal.js'
import { createLog } from '../shared/log.js'
import type { EventSink } from '../shared/ports.js'
import { cryptoReady } from '../vault/crypto/ready.js'
import { type KeyStore, openKeyStore } from '../vault/keys/key-store.js'
import { type ObjectStore, openStore } from '../vault/store/store.js'
import { realCause, withAdvice } from './database-trouble.js'

/** What the verbs that look into a running or stopped service work with. */
export interface Project {
  config: Config
  db: Database
  /** Started with the first event: most verbs only look. */
  journal: EventSink
  store: ObjectStore
  keyStore: KeyStore
}

/**
 * Opens what the environment names, lets `work` use it, and closes it again.
 *
 * @param by a destroyer finds its stores away before it has begun, not when half of it is done
 * @throws AppError `config.invalid`, `db.unavailable`, `store.unwritable`; what `work` throws
 */
export async function withProject<T>(
  work: (project: Project) => Promise<T>,
  by: 'verb' | 'destroyer' = 'verb',
): Promise<T> {
  const config = readConfig(process.env, 'tool')
  await cryptoReady
  const log = createLog('warn')
  const database = await provideForCommand(config.database, config.data, log).catch((error: unknown) => {
    throw withAdvice(error, config)
  })
  const db = openDatabase(database.url)
  let started: Journal | undefined
  const open = () => {
    started ??= startJournal(database.url, log)
    return started
  }
  const journal: EventSink = {
    append: (events, timeoutMs) => open().append(events, timeoutMs),
    note: (...events) => open().note(...events),
  }
  try {
    const marking = await expectedMarking(db, by)
    const store = await openStore(config.store, marking)
    const keyStore = await openKeyStore(config.keystore, marking)
    return await work({ config, db, journal, store, keyStore })
  } catch (error) {
    throw withAdvice(await realCause(error, db), config)
  } finally {
    await started?.stop()
    await db.close()
    await database.stop()
  }
}
