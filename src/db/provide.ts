import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { AppError, codeOf } from '../shared/errors.js'
import type { Log } from '../shared/log.js'
import { Secret } from '../shared/secret.js'
import { checkServer } from './check-server.js'
import { hasEmbedded, runningEmbedded, startEmbedded } from './embedded.js'
import { migrate } from './migrate.js'
import { checkSchema } from './schema.js'

/** Between two tries to reach a database that is away when the service starts, ms. */
const RETRY_MS = 1_000

/** Where an embedded database stands below the data folder. */
export const embeddedDir = (data: string): string => join(data, 'postgres')

/** The service's database, with the schema of this version. */
export interface ProvidedDatabase {
  url: Secret
  stop(): Promise<void>
}

/**
 * The configured database, whose schema `consentry migrate` has brought up to date, or an embedded one below the data folder,
 * whose schema is brought up to date here. Nothing that is returned holds the embedded owner's password.
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
  await migrate(adminUrl, new URL(own).username)
  return { url: new Secret(own), stop }
}

/**
 * The same for a service, which has nobody to tell that its database is away: it waits until it is there, and says so once.
 * A configured database must also pass `checkServer`.
 *
 * @throws as `provideDatabase` and `checkServer`, except `db.unavailable`
 */
export async function provideForService(...args: Parameters<typeof provideDatabase>): Promise<ProvidedDatabase> {
  const [urls, , log] = args
  for (let logged = false; ; logged = true) {
    try {
      const provided = await provideDatabase(...args)
      if (urls.url) await checkServer(urls.url, log)
      return provided
    } catch (error) {
      if (!urls.url || codeOf(error) !== 'db.unavailable') throw error
      if (!logged)
        log.error({ reason: (error as Error).message }, 'waiting for the database before anything is started')
      await pause(RETRY_MS)
    }
  }
}

/**
 * The database for a verb that looks or changes something while the service may be running: the configured one, the
 * embedded one that runs already, or else an embedded one for as long as the verb takes. It never makes one: a verb called
 * in the wrong folder must not find an empty database there.
 *
 * @throws as `provideDatabase`; AppError `config.invalid` where there is none
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
      `There is no database in ${dir}. Set DATABASE_URL, or CONSENTRY_DATA to the service's data folder; consentry serve makes it.`,
    )
  }
  const running = await runningEmbedded(dir)
  return running ? { url: new Secret(running), stop: async () => {} } : provideDatabase(urls, data, log)
}
