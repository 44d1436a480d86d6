import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { systemClock } from '../core/clock.js'
import { AppError } from '../core/errors.js'
import { makeFolders } from '../lib/files/make-folders.js'
import type { Log } from '../lib/log.js'
import { reservePort } from '../lib/process/reserve-port.js'
import { retry } from '../lib/retry.js'
import { type Access, readAccess, saveAccess, startTimeOf } from './embedded/access.js'
import { findBinaries } from './embedded/binaries.js'
import {
  CONSOLE_ROLE,
  DATABASE,
  ensureCluster,
  OWNER_ROLE,
  prepareRoles,
  SERVICE_ROLE,
} from './embedded/cluster.js'
import { removeLeftovers, startPostmaster } from './embedded/postmaster.js'

/**
 * Waits before attempts to restart a server that has ended, ms. Each is twice as long as the previous one, and the last
 * one repeats.
 */
const RESTART_MS = [100, 200, 400, 800, 1_600, 3_200, 5_000] as const

export interface EmbeddedOptions {
  /** Folder of the database, used for nothing else. It is created if it does not exist. */
  dir: string
  /** Wanted port. Without it, the port of the last start is used if it is free. */
  port?: number
  log: Log
}

/** A PostgreSQL server that runs as long as this process. */
export interface EmbeddedServer {
  /** Connects as the service's role. */
  readonly url: string
  /** Connects as the console's role. */
  readonly consoleUrl: string
  /** Connects as the owner of the tables. */
  readonly adminUrl: string
  /** Process id of the server. It changes when the server is started again. */
  readonly pid: number
  /** Shuts the server down in order. Repeated calls do nothing. */
  stop(): Promise<void>
}

/**
 * Starts the PostgreSQL server that comes with the dependencies: loopback TCP only, passwords, checksums, fsync. The
 * first start creates roles, database and passwords. A server that ends unexpectedly is restarted on the same port.
 *
 * @throws AppError `tool.missing`, `tool.failed`; `config.invalid` if another process runs the database in this folder
 */
export async function startEmbedded({ dir, port, log }: EmbeddedOptions): Promise<EmbeddedServer> {
  const home = resolve(dir)
  const cluster = join(home, 'cluster')
  const binaries = await findBinaries(cluster)
  await makeFolders(home, 0o700)
  const access = await readAccess(home)
  await claimFolder(home, access)
  const chosenPort = await choosePort(port ?? access.port)
  access.port = chosenPort
  await saveAccess(home, access)
  await ensureCluster(home, binaries, access)
  await removeLeftovers(cluster)

  // Only the service's URL stays in memory after the first start. The other passwords stay in their file.
  const url = urlOf(SERVICE_ROLE, access.passwords.service, chosenPort, DATABASE)
  const superUrl = urlOf('postgres', access.passwords.postgres, chosenPort, 'postgres')
  const start = (as: string) => startPostmaster(binaries, cluster, join(home, 'postgres.log'), chosenPort, as)
  let postmaster = await start(access.prepared ? url : superUrl)
  if (!access.prepared) {
    await prepareRoles(superUrl, access)
    access.prepared = true
    await saveAccess(home, access)
  }

  const stopping = new AbortController()
  const { signal } = stopping
  const restart = async () => {
    log.error({ postgres: postmaster.pid }, 'embedded PostgreSQL ended unexpectedly; starting it again')
    await removeLeftovers(cluster)
    postmaster = await start(url)
    if (signal.aborted) await postmaster.stop()
  }
  const onFailure = (error: unknown) =>
    log.error({ reason: (error as Error).message }, 'embedded PostgreSQL did not start; trying again')
  const supervise = async () => {
    await postmaster.ended
    while (!signal.aborted) {
      await retry(restart, { clock: systemClock, waitsMs: RESTART_MS, signal, onFailure })
      await postmaster.ended
    }
  }
  const supervising = supervise()

  return {
    url,
    consoleUrl: urlOf(CONSOLE_ROLE, access.passwords.console, chosenPort, DATABASE),
    adminUrl: urlOf(OWNER_ROLE, access.passwords.owner, chosenPort, DATABASE),
    get pid() {
      return postmaster.pid
    },
    async stop() {
      if (signal.aborted) return
      stopping.abort()
      await postmaster.stop()
      await supervising
      await saveAccess(home, { ...(await readAccess(home)), holder: null })
    },
  }
}

/** Whether a folder holds an embedded database. @param dir as given to `startEmbedded` */
export const hasEmbedded = (dir: string): boolean => existsSync(join(resolve(dir), 'cluster'))

const urlOf = (role: string, password: string, port: number, database: string): string =>
  `postgres://${role}:${password}@127.0.0.1:${port}/${database}`

/**
 * Finds an embedded database that another process of this machine runs.
 *
 * @param dir as given to `startEmbedded`
 * @returns the URLs for the roles of service and console; undefined if the database does not run
 */
export async function runningEmbedded(dir: string): Promise<{ url: string; consoleUrl: string } | undefined> {
  const { holder, passwords, port } = await readAccess(resolve(dir))
  if (!holder || port === null || (await startTimeOf(holder.pid)) !== holder.born) return undefined
  return {
    url: urlOf(SERVICE_ROLE, passwords.service, port, DATABASE),
    consoleUrl: urlOf(CONSOLE_ROLE, passwords.console, port, DATABASE),
  }
}

/** Takes the wanted port if it is free, else any free one. */
async function choosePort(wanted: number | null): Promise<number> {
  const port = (await reservePort('tcp', wanted)) ?? (await reservePort('tcp'))
  if (port !== undefined) return port
  throw new AppError(
    'tool.failed',
    'No TCP port on 127.0.0.1 is free for PostgreSQL. Set DATABASE_URL to a PostgreSQL of your own, or free a port.',
  )
}

/** Records this process as the one that runs the database. Refuses if another living process does. */
async function claimFolder(home: string, access: Access): Promise<void> {
  const { holder } = access
  if (holder && holder.pid !== process.pid && (await startTimeOf(holder.pid)) === holder.born) {
    throw new AppError(
      'config.invalid',
      `Process ${holder.pid} uses the database in ${home}. Give each service a CONSENTRY_DATA of its own.`,
    )
  }
  access.holder = { pid: process.pid, born: (await startTimeOf(process.pid)) ?? '' }
}
