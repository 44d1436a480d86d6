import { join } from 'node:path'
import { AppError } from '../shared/errors.js'
import type { Log } from '../shared/log.js'
import { Secret } from '../shared/secret.js'
import { hasEmbedded, runningEmbedded, startEmbedded } from './embedded.js'
import { migrate } from './migrate.js'

/** Where an embedded database stands below the data folder. */
export const embeddedDir = (data: string): string => join(data, 'postgres')

/** The service's database, up to date. */
export interface Provided {
  url: Secret
  stop(): Promise<void>
}

/**
 * The configured database, or an embedded one below the data folder; its schema is brought up to date where the owner's
 * URL is known. Without one, the schema is taken as it is: whoever owns it keeps it up to date.
 *
 * @param data the data folder
 * @throws AppError `db.unavailable`, `db.migration`, `tool.missing`, `tool.failed`
 */
export async function provideDatabase(
  { url, adminUrl }: { url?: Secret | undefined; adminUrl?: Secret | undefined },
  data: string,
  log: Log,
): Promise<Provided> {
  if (url) {
    if (adminUrl) await migrate(adminUrl, new URL(url.reveal()).username)
    return { url, stop: async () => {} }
  }
  const embedded = await startEmbedded({ dir: embeddedDir(data), log })
  await migrate(embedded.adminUrl, new URL(embedded.url).username)
  return { url: new Secret(embedded.url), stop: () => embedded.stop() }
}

/**
 * The database for a verb that looks or changes something while the service may be running: the configured one, the
 * embedded one that runs already, or else an embedded one for as long as the verb takes. It never makes one: a verb called
 * in the wrong folder must not find an empty database there.
 *
 * @throws as `provideDatabase`; AppError `config.invalid` where there is none
 */
export async function reachDatabase(
  urls: { url?: Secret | undefined; adminUrl?: Secret | undefined },
  data: string,
  log: Log,
): Promise<Provided> {
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
