import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { makeFolders } from '../files/make-folders.js'
import { takePort } from '../process/own-port.js'
import { AppError } from '../shared/errors.js'
import type { Log } from '../shared/log.js'
import { type Access, startTimeOf, readAccess, saveAccess } from './embedded/access.js'
import { findBinaries } from './embedded/binaries.js'
import { DATABASE, ensureCluster, OWNER_ROLE, prepareRoles, SERVICE_ROLE } from './embedded/cluster.js'
import { removeLeftovers, type Postmaster, startPostmaster } from './embedded/postmaster.js'

/** From the unexpected end of the server to its next start, ms; doubles up to the second number. */
const RESTART_MS = [100, 5_000] as const

export interface EmbeddedOptions {
  /** Folder that is the database's alone; made if it is not there. */
  dir: string
  /** Wanted port; without it the last one is kept if it is free. */
  port?: number
  log: Log
}

/** A PostgreSQL that lives and dies with this process. */
export interface EmbeddedServer {
  /** Connects as the service's role. */
  readonly url: string
  /** Connects as the owner of the tables. */
  readonly adminUrl: string
  /** Process id of the server; another one after it had to be started again. */
  readonly pid: number
  /** Shuts it down in good order. Harmless when repeated. */
  stop(): Promise<void>
}

/**
 * Starts the PostgreSQL that comes with the dependencies: loopback TCP only, passwords, checksums, fsync. Roles, database and
 * passwords are made at the first start. A server that ends by itself is started again on the same port.
 *
 * @throws AppError `tool.missing`, `tool.failed`; `config.invalid` when another process has this folder's database running
 */
export async function startEmbedded({ dir, port, log }: EmbeddedOptions): Promise<EmbeddedServer> {
  const home = resolve(dir)
  const cluster = join(home, 'cluster')
  const binaries = await findBinaries()
  await makeFolders(home, 0o700)
  const access = await readAccess(home)
  await claimFolder(home, access)
  const chosenPort = await choosePort(port ?? access.port)
  access.port = chosenPort
  await saveAccess(home, access)
  await ensureCluster(home, binaries, access)
  await removeLeftovers(cluster)

  // Whatever outlives this function gets only the service's URL; the other passwords stay in their file.
  const url = urlOf(SERVICE_ROLE, access.passwords.service, chosenPort, DATABASE)
  const superUrl = urlOf('postgres', access.passwords.postgres, chosenPort, 'postgres')
  const start = (as: string) => startPostmaster(binaries, cluster, join(home, 'postgres.log'), chosenPort, as)
  let postmaster = await start(access.prepared ? url : superUrl)
  if (!access.prepared) {
    await prepareRoles(superUrl, access)
    access.prepared = true
    await saveAccess(home, access)
  }

  let stopping = false
  const supervise = async (running: Postmaster): Promise<void> => {
    await running.ended
    for (let delayMs: number = RESTART_MS[0]; !stopping; delayMs = Math.min(delayMs * 2, RESTART_MS[1])) {
      log.error({ postgres: running.pid }, 'embedded PostgreSQL ended by itself; starting it again')
      try {
        await removeLeftovers(cluster)
        postmaster = await start(url)
        if (stopping) await postmaster.stop()
        return supervise(postmaster)
      } catch (error) {
        log.error({ reason: (error as Error).message }, 'embedded PostgreSQL did not start again')
        await pause(delayMs)
      }
    }
  }
  const supervising = supervise(postmaster)

  return {
    url,
    adminUrl: urlOf(OWNER_ROLE, access.passwords.owner, chosenPort, DATABASE),
    get pid() {
      return postmaster.pid
    },
    async stop() {
      if (stopping) return
      stopping = true
      await postmaster.stop()
      await supervising
      await saveAccess(home, { ...(await readAccess(home)), holder: null })
    },
  }
}

/** Whether an embedded database was ever made in this folder. */
export const hasEmbedded = (dir: string): boolean => existsSync(join(resolve(dir), 'cluster'))

const urlOf = (role: string, password: string, port: number, database: string): string =>
  `postgres://${role}:${password}@127.0.0.1:${port}/${database}`

/**
 * The service role's URL of an embedded database that another process of this machine has running, if one has.
 * @param dir as given to `startEmbedded`
 */
export async function runningEmbedded(dir: string): Promise<string | undefined> {
  const { holder, passwords, port } = await readAccess(resolve(dir))
  if (!holder || port === null || (await startTimeOf(holder.pid)) !== holder.born) return undefined
  return urlOf(SERVICE_ROLE, passwords.service, port, DATABASE)
}

/** The port asked for if nobody has it, else any. */
async function choosePort(wanted: number | null): Promise<number> {
  const port = (await takePort('tcp', wanted)) ?? (await takePort('tcp'))
  if (port !== undefined) return port
  throw new AppError('tool.failed', 'There is no free TCP port on 127.0.0.1 for PostgreSQL.')
}

/** Notes that the database is ours, unless a process that still lives has it. */
async function claimFolder(home: string, access: Access): Promise<void> {
  const { holder } = access
  if (holder && holder.pid !== process.pid && (await startTimeOf(holder.pid)) === holder.born) {
    throw new AppError(
      'config.invalid',
      `The database in ${home} is in use by process ${holder.pid}; give each service a CONSENTRY_DATA of its own.`,
    )
  }
  access.holder = { pid: process.pid, born: (await startTimeOf(process.pid)) ?? '' }
}
