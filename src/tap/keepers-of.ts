import { readdir, readFile, readlink, realpath } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'

/** A keeper that gets SIGTERM may take so long to remove its pipes and end, ms; then it is killed. */
const END_TIMEOUT = 2_000
/** From one look whether it has ended to the next, ms. */
const POLL_INTERVAL = 20

/**
 * Process ids of our own user's keepers that read pipes of a tap folder, whoever started them.
 *
 * @param tapDir may lead through symbolic links, such as `/var/run`
 */
export async function keepersOf(tapDir: string): Promise<number[]> {
  // The kernel shows open files by their real paths.
  const folder = await realpath(tapDir).catch(() => tapDir)
  const pids = (await readdir('/proc')).map(Number).filter(pid => pid > 0)
  const reads = await Promise.all(pids.map(pid => readsPipesOf(pid, folder)))
  return pids.filter((_, i) => reads[i])
}

async function readsPipesOf(pid: number, folder: string): Promise<boolean> {
  const title = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  if (!title.startsWith('consentry keeper')) return false
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => [] as string[])
  const targets = await Promise.all(fds.map(fd => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
  return targets.some(target => target.startsWith(`${folder}/`))
}

/**
 * Ends every keeper of a tap folder. Two keepers of one folder would each read a part of the same pipes, and remove pipes that
 * the other one needs.
 *
 * @returns the process ids of those that were ended
 */
export async function endKeepersOf(tapDir: string): Promise<number[]> {
  const pids = await keepersOf(tapDir)
  for (const pid of pids) signal(pid, 'SIGTERM')
  const alive = () => pids.filter(isAlive)
  for (let waited = 0; waited < END_TIMEOUT && alive().length > 0; waited += POLL_INTERVAL)
    await pause(POLL_INTERVAL)
  for (const pid of alive()) signal(pid, 'SIGKILL')
  return pids
}

/** Whether a process of our own user runs. */
export const isAlive = (pid: number): boolean => signal(pid, 0)

/** @returns false if there is no such process, or it is another user's */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
