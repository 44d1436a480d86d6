import { readConfig } from '../config/config.js'
import { openDatabase } from '../db/database.js'
import { expectedMarking } from '../db/installation.js'
import { provideForCommand } from '../db/provide.js'
import { type Journal, startJournal } from '../journal/journal.js'
import type { Deps } from '../operations/deps.js'
import { systemClock } from '../shared/clock.js'
import { createLog } from '../shared/log.js'
import type { EventSink } from '../shared/ports.js'
import { cryptoReady } from '../vault/crypto/ready.js'
import { openKeyStore } from '../vault/keys/key-store.js'
import { openStore } from '../vault/store/store.js'
import { realCause, withAdvice } from './database-trouble.js'

/**
 * Opens what the environment names, calls `work` with it, and closes it again. The journal starts with its first event, because
 * most verbs only read.
 *
 * @param by `destroyer`: a missing store is found before the work begins, not in the middle of it
 * @throws AppError `config.invalid`, `db.unavailable`, `store.unwritable`; what `work` throws
 */
export async function withProject<T>(
  work: (deps: Deps) => Promise<T>,
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
    return await work({ config, db, journal, store, keyStore, clock: systemClock, log })
  } catch (error) {
    throw withAdvice(await realCause(error, db), config)
  } finally {
    await started?.stop()
    await db.close()
    await database.stop()
  }
}
