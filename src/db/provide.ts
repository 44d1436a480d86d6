import { join } from 'node:path'
import { systemClock } from '../core/clock.js'
import { AppError, codeOf } from '../core/errors.js'
import { Secret } from '../core/secret.js'
import type { Log } from '../lib/log.js'
import { retry } from '../lib/retry.js'
import { checkServer } from './check-server.js'
import { CONSOLE_ROLE, SERVICE_ROLE } from './embedded/cluster.js'
import { hasEmbedded, runningEmbedded, startEmbedded } from './embedded.js'
import { describeFailure, isRefusal } from './failure.js'
import { migrate } from './migrate.js'
import { checkSchema, mayChangeRecordings, ownsTables } from './schema.js'

/** Wait between two attempts to reach the database at the start of the service, ms. */
const RETRY_MS = 1_000

const NO_CONSOLE_URL =
  'DATABASE_CONSOLE_URL: give the URL of the database for the console, with a role of its own; see docs/install.md'

const OWNER_AS_SERVICE =
  "DATABASE_URL: its role owns the tables, or is a superuser, so that the service could change the journal. Give the URL of the service's role. Only `consentry migrate` has the owner's, in DATABASE_ADMIN_URL; see docs/install.md"

/** Folder of the embedded database in the data folder. */
export const embeddedDir = (data: string): string => join(data, 'postgres')

/** A running database with the schema of this version. */
export interface ProvidedDatabase {
  url: Secret
  stop(): Promise<void>
}

/**
 * Provides the configured database, or else an embedded one in the data folder. `consentry migrate` migrates the configured
 * one; this function migrates the embedded one. The result does not hold the password of the embedded owner.
 *
 * @param data the data folder
 * @throws AppError `db.unavailable`, `db.migration`, `tool.missing`, `tool.failed`
 */
export async function provideDatabase(
  { url }: { url?: Secret | undefined },
  data: string,
  log: Log,
): Promise<ProvidedDatabase> {
  if (url) {
    await checkSchema(url)
    return { url, stop: async () => {} }
  }
  const { url: own, adminUrl, stop } = await startEmbedded({ dir: embeddedDir(data), log })
  await migrate(adminUrl, { service: SERVICE_ROLE, console: CONSOLE_ROLE })
  return { url: new Secret(own), stop }
}

/**
 * Provides the database for a service: waits while a configured database is away, and logs that once. The role of a configured database
 * must not own the tables, and the database must also pass `checkServer`.
 *
 * @throws as `provideDatabase` and `checkServer`, except `db.unavailable`; AppError `config.invalid` for the owner's role
 */
export function provideForService(...args: Parameters<typeof provideDatabase>): Promise<ProvidedDatabase> {
  const [urls, , log] = args
  const provide = async () => {
    const provided = await provideDatabase(...args)
    if (!urls.url) return provided
    if (await ownsTables(urls.url)) throw new AppError('config.invalid', OWNER_AS_SERVICE)
    await checkServer(urls.url, log)
    return provided
  }
  return retry(provide, {
    clock: systemClock,
    waitsMs: [RETRY_MS],
    giveUp: error => !urls.url || codeOf(error) !== 'db.unavailable',
    onFailure(error, failures) {
      if (failures > 1) return
      const reason = (error as Error).message
      log.error({ reason }, 'waiting for the database; the service starts when the database answers')
    },
  })
}

/**
 * Provides the database for a command that may run beside the service: the configured one, the running embedded one, or
 * an embedded one that it starts. It never creates one, because a command in the wrong folder must not work on an empty
 * database.
 *
 * @throws as `provideDatabase`; AppError `config.invalid` if none exists
 */
export async function provideForCommand(
  urls: { url?: Secret | undefined },
  data: string,
  log: Log,
): Promise<ProvidedDatabase> {
  if (urls.url) return provideDatabase(urls, data, log)
  const dir = embeddedDir(data)
  if (!hasEmbedded(dir)) {
    throw new AppError(
      'config.invalid',
      `There is no database in ${dir}. Set DATABASE_URL, or set CONSENTRY_DATA to the service's data folder. consentry serve creates the database.`,
    )
  }
  const running = await runningEmbedded(dir)
  return running ? { url: new Secret(running.url), stop: async () => {} } : provideDatabase(urls, data, log)
}

/**
 * Provides the database for the console, with the console's role: the configured one, or the embedded one of the service. It waits
 * while the database is away, and logs that once.
 *
 * @throws AppError `db.migration`; `config.invalid` if only the service's URL is configured
 */
export function provideForConsole(
  urls: { url?: Secret | undefined; consoleUrl?: Secret | undefined },
  data: string,
  log: Log,
): Promise<ProvidedDatabase> {
  const provide = async (): Promise<ProvidedDatabase> => {
    const url = urls.consoleUrl ?? (await embeddedForConsole(urls, data))
    await checkSchema(url)
    if (await mayChangeRecordings(url)) throw new AppError('config.invalid', NO_CONSOLE_URL)
    return { url, stop: async () => {} }
  }
  return untilAnswered(provide, log)
}

/**
 * Sends the database a query that the console needs to start, repeatedly while the database is away. Logs once that it
 * waits.
 *
 * @throws what `ask` throws, unless the database is away or the connection broke
 */
export function untilAnswered<T>(ask: () => Promise<T>, log: Log): Promise<T> {
  return retry(ask, {
    clock: systemClock,
    waitsMs: [RETRY_MS],
    giveUp: error => (error instanceof AppError ? codeOf(error) !== 'db.unavailable' : isRefusal(error)),
    onFailure(error, failures) {
      if (failures > 1) return
      const reason = error instanceof AppError ? error.message : describeFailure(error)
      log.error({ reason }, 'waiting for the database; the console starts when the database answers')
    },
  })
}

async function embeddedForConsole({ url }: { url?: Secret | undefined }, data: string): Promise<Secret> {
  if (url) throw new AppError('config.invalid', NO_CONSOLE_URL)
  const running = await runningEmbedded(embeddedDir(data))
  if (running) return new Secret(running.consoleUrl)
  throw new AppError(
    'db.unavailable',
    `The database in ${embeddedDir(data)} does not run. consentry serve runs it.`,
  )
}
