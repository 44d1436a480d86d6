import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { backgroundTimers } from '../../core/clock.js'
import { AppError } from '../../core/errors.js'
import { waitAtMost } from '../../lib/deadline.js'
import { Client } from '../client.js'
import { startTimeOf } from './access.js'
import { type Binaries, endWithParent, TOOL_ENV, withoutRoot } from './binaries.js'

/** How long the server may take to accept connections, ms: 0.3 s on an idle machine, much longer to recover from a crash. */
const START_MS = 60_000
/** Wait between two attempts to connect, or two checks whether a process has ended, ms. */
const POLL_MS = 25
/** How long a fast shutdown, with its checkpoint, may take, ms. An immediate one follows; it costs a recovery at the next start. */
const SHUTDOWN_MS = 20_000

const SERVER_OPTIONS = [
  'listen_addresses=127.0.0.1',
  'max_connections=50',
  'shared_buffers=64MB',
  'timezone=UTC',
  'log_timezone=UTC',
  'jit=off',
  // The server reuses old files of the write-ahead log, so that commits rarely wait for a new one.
  'min_wal_size=256MB',
  // The log must not quote failed statements or refused rows, which may hold a caller's number.
  'log_min_error_statement=panic',
  'log_error_verbosity=terse',
  'log_parameter_max_length=0',
  'log_parameter_max_length_on_error=0',
  // Commits must be on disk, even if postgresql.conf says otherwise.
  'fsync=on',
  'full_page_writes=on',
].flatMap(setting => ['-c', setting])

/** A running PostgreSQL server. */
export interface Postmaster {
  readonly pid: number
  /** Resolves when the server has ended, for any reason. */
  readonly ended: Promise<void>
  stop(): Promise<void>
}

/**
 * Starts the server and waits until it accepts connections.
 *
 * @param cluster folder made by `ensureCluster`
 * @param url connects as a role that exists
 * @throws AppError `tool.failed` with the last lines of the server's log
 */
export async function startPostmaster(
  binaries: Binaries,
  cluster: string,
  logFile: string,
  port: number,
  url: string,
): Promise<Postmaster> {
  const server = [binaries.postgres, '-D', cluster, '-k', '', '-p', String(port), ...SERVER_OPTIONS]
  const [program, ...args] = withoutRoot(endWithParent(server))
  const log = await open(logFile, 'a', 0o600)
  const child = spawn(program!, args, {
    env: TOOL_ENV,
    cwd: cluster,
    stdio: ['ignore', log.fd, log.fd],
    // A terminal sends Ctrl-C to its whole process group. The server must outlive that: this process shuts it down.
    detached: true,
  })
  const ended = once(child, 'exit').then(
    () => undefined,
    () => undefined,
  )
  await log.close()
  const ready = await Promise.race([acceptsConnections(url, child), ended.then(() => false)])
  if (!ready) {
    await stopChild(child, ended)
    throw new AppError(
      'tool.failed',
      `PostgreSQL did not start. The last lines of ${logFile}: ${await lastLines(logFile)}`,
    )
  }
  return { pid: child.pid!, ended, stop: () => stopChild(child, ended) }
}

async function acceptsConnections(url: string, child: ChildProcess): Promise<boolean> {
  const until = performance.now() + START_MS
  while (child.exitCode === null && child.signalCode === null && performance.now() < until) {
    const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
    try {
      await client.connect()
      await client.end()
      return true
    } catch {
      await pause(POLL_MS)
    }
  }
  return false
}

async function stopChild(child: ChildProcess, ended: Promise<void>): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
    child.kill(signal)
    await waitAtMost(backgroundTimers, SHUTDOWN_MS, ended)
  }
}

/**
 * Cleans up after a killed service: shuts down its server if it still runs, and removes the server's lock file. If
 * another program now has the process id in the lock file, the next server would not start.
 */
export async function removeLeftovers(cluster: string): Promise<void> {
  const lockFile = join(cluster, 'postmaster.pid')
  const pid = Number((await readFile(lockFile, 'utf8').catch(() => '')).split('\n')[0])
  if (!pid) return
  if (await servesCluster(pid, cluster)) {
    process.kill(pid, 'SIGINT')
    const until = performance.now() + SHUTDOWN_MS
    while ((await startTimeOf(pid)) !== undefined && performance.now() < until) await pause(POLL_MS)
  }
  if (!(await servesCluster(pid, cluster))) await rm(lockFile, { force: true })
}

async function servesCluster(pid: number, cluster: string): Promise<boolean> {
  if ((await startTimeOf(pid)) === undefined) return false
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return command.split('\0').includes(cluster)
}

const lastLines = async (file: string): Promise<string> =>
  (await readFile(file, 'utf8').catch(() => '')).trim().split('\n').slice(-3).join(' ')
