import type { Deps } from '../accounts/deps.js'
import { type Config, readConfig } from '../config/config.js'
import { systemClock } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import type { EventSink } from '../core/ports.js'
import { type Database, openDatabase } from '../db/database.js'
import { describeFailure, lacksSchema } from '../db/failure.js'
import { expectedMarking } from '../db/installation.js'
import { embeddedDir, provideForCommand, provideForConsole, untilAnswered } from '../db/provide.js'
import { type Journal, startJournal } from '../journal/journal.js'
import { AnchoredClock } from '../lib/clock/anchored-clock.js'
import { ClockAnchor } from '../lib/clock/clock-anchor.js'
import { createLog } from '../lib/log.js'
import { cryptoReady } from '../vault/crypto/ready.js'
import { openKeyStore } from '../vault/keys/key-store.js'
import { openStore } from '../vault/store/store.js'
import { UsageError } from './command.js'

/**
 * Opens the parts that the environment names, calls `work` with them, and closes them again. The journal starts with
 * its first event, because most verbs only read.
 *
 * @param by `destroyer`: a missing store is detected before the work begins. `console`: uses the console's role of the
 *   database, and waits for a database that is away
 * @throws AppError `config.invalid`, `db.unavailable`, `store.unwritable`; what `work` throws
 */
export async function withProject<T>(
  work: (deps: Deps) => Promise<T>,
  by: 'verb' | 'destroyer' | 'console' = 'verb',
): Promise<T> {
  const config = readConfig(process.env, by === 'console' ? 'console' : 'tool')
  await cryptoReady
  const log = createLog(by === 'console' ? config.logLevel : 'warn')
  const provide = by === 'console' ? provideForConsole : provideForCommand
  const database = await provide(config.database, config.data, log).catch((error: unknown) => {
    throw withAdvice(error, config)
  })
  const db = openDatabase(database.url)
  const clock =
    by === 'console'
      ? new AnchoredClock(systemClock, new ClockAnchor(config.data, systemClock.elapsed()))
      : systemClock
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
    const marking =
      by === 'console'
        ? await untilAnswered(() => expectedMarking(db, 'verb'), log)
        : await expectedMarking(db, by)
    const store = await openStore(config.store, marking)
    const keyStore = await openKeyStore(config.keystore, marking)
    return await work({ config, db, journal, store, keyStore, clock, log })
  } catch (error) {
    throw withAdvice(await realCause(error, db), config)
  } finally {
    if (clock instanceof AnchoredClock) clock.stop()
    await started?.stop()
    await db.close()
    await database.stop()
  }
}

/**
 * Finds out why a verb failed. The error of a broken connection depends on the moment at which it broke. So this function
 * connects again: if that fails, the database is away and that error is returned.
 */
async function realCause(error: unknown, db: Database): Promise<unknown> {
  if (error instanceof UsageError || (error instanceof AppError && !error.retryable)) return error
  if (lacksSchema(error))
    return new AppError(
      'db.migration',
      `The database does not have the tables of this version (${describeFailure(error)}). Run \`consentry migrate\` with the owner in DATABASE_ADMIN_URL.`,
      { cause: error },
    )
  return db.connect('command').then(
    connection => {
      connection.cut()
      return error
    },
    (away: unknown) => away,
  )
}

/** Adds advice to the error, if the service's own embedded database is away. */
function withAdvice(error: unknown, { database, data }: Config): unknown {
  if (codeOf(error) !== 'db.unavailable' || database.url) return error
  const { message } = error as AppError
  return new AppError(
    'db.unavailable',
    `${message}. It is the service's own, in ${embeddedDir(data)}: see that consentry serve runs, and what postgres.log there says.`,
    { retryable: true, cause: error },
  )
}
