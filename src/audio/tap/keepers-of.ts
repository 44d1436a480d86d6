import { readdir, readFile, readlink, realpath, stat } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { pidFile } from '../../keeper/protocol.js'

/** Time that a keeper has after SIGTERM to remove its pipes and end, ms. It is killed after that. */
const END_TIMEOUT = 2_000
/** Interval of the checks whether it has ended, ms. */
const POLL_INTERVAL = 20

/**
 * Finds the keepers that read pipes of a tap folder. Any service of our own user may have started them.
 *
 * @param tapDir may lead through symbolic links, such as `/var/run`
 * @returns process ids
 */
export async function keepersOf(tapDir: string): Promise<number[]> {
  // The kernel lists open files by their real paths.
  const folder = await realpath(tapDir).catch(() => tapDir)
  const pids = await allProcesses()
  const reads = await Promise.all(pids.map(pid => readsPipesOf(pid, folder)))
  return pids.filter((_, i) => reads[i])
}

const allProcesses = async (): Promise<number[]> =>
  (await readdir('/proc').catch(() => [])).map(Number).filter(pid => pid > 0)

async function readsPipesOf(pid: number, folder: string): Promise<boolean> {
  if (!(await isKeeper(pid))) return false
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => [] as string[])
  const targets = await Promise.all(fds.map(fd => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
  return targets.some(target => target.startsWith(`${folder}/`))
}

const isKeeper = async (pid: number): Promise<boolean> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).startsWith('consentry keeper')

/**
 * Ends the keepers of a tap folder. Two keepers of one folder would each read a part of the same pipes, and remove each
 * other's pipes.
 *
 * @param except process id of the keeper that stays, as that keeper reported it
 * @returns process ids of the ended keepers
 */
export async function endKeepersOf(tapDir: string, except?: number): Promise<number[]> {
  const found = await keepersOf(tapDir)
  const own = await Promise.all(found.map(ownPid))
  const pids = found.filter((_, i) => own[i] !== except)
  for (const pid of pids) signal(pid, 'SIGTERM')
  for (const pid of await awaitExit(pids, END_TIMEOUT)) signal(pid, 'SIGKILL')
  return pids
}

/** Kills a keeper that hangs and that a service of our own user started. It may have just ended by itself. */
export function killKeeper(pid: number): void {
  signal(pid, 'SIGKILL')
}

/**
 * Kills a keeper that hangs and that a unit started. Never rejects. If no keeper with this id is found, the process
 * with this id is killed only if its command line cannot be read.
 *
 * @param told the process id that the keeper reported. A keeper in a container has another id outside the container
 * @returns whether a process was killed
 */
export async function killKeeperOfUnit(told: number): Promise<boolean> {
  const pids = await allProcesses()
  const keepers = await Promise.all(
    pids.map(async pid => (await isKeeper(pid)) && (await ownPid(pid)) === told),
  )
  const found = pids.filter((_, i) => keepers[i])
  if (found.length === 0 && (await isHidden(told))) found.push(told)
  return found.map(pid => signal(pid, 'SIGKILL')).includes(true)
}

/**
 * Whether a process of our own user runs whose command line cannot be read. The keeper's unit is such a process where
 * the unit of the service has `ProtectProc` and `PrivateUsers`. A container hides none of its own processes.
 */
async function isHidden(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false
  return readFile(`/proc/${pid}/cmdline`).then(
    () => false,
    () => true,
  )
}

/**
 * Kills the keeper that listens at a socket and hangs. Never rejects. A keeper writes its id after it has made its
 * socket. A file that is older than the socket has the id of an earlier keeper, which another process may have now.
 *
 * @returns whether it was killed
 */
export async function killKeeperAt(socket: string): Promise<boolean> {
  const [made, written] = await Promise.all([modifiedAt(socket), modifiedAt(pidFile(socket))])
  if (made === undefined || written === undefined || written < made) return false
  const pid = Number(await readFile(pidFile(socket), 'utf8').catch(() => ''))
  return pid > 0 && killKeeperOfUnit(pid)
}

/** When a file was last changed, ns. Undefined without the file. */
const modifiedAt = async (path: string): Promise<bigint | undefined> =>
  (await stat(path, { bigint: true }).catch(() => undefined))?.mtimeNs

/** The id that a process has in its own namespace (`NSpid` of proc(5)). */
async function ownPid(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const [, ids = String(pid)] = /^NSpid:\s+(.*)$/m.exec(status) ?? []
  return Number(ids.split(/\s+/).at(-1))
}

/**
 * Waits until processes of our own user have ended, for at most `ms`.
 *
 * @returns process ids of those that still run
 */
export async function awaitExit(pids: readonly number[], ms: number): Promise<number[]> {
  for (let waited = 0; waited < ms && pids.some(isAlive); waited += POLL_INTERVAL) await pause(POLL_INTERVAL)
  return pids.filter(isAlive)
}

/** @returns whether a process with this id runs and belongs to our own user */
const isAlive = (pid: number): boolean => signal(pid, 0)

/** @returns false if there is no such process, or if it belongs to another user */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
