import { readdir, readFile } from 'node:fs/promises'

/** Length of a tick in `/proc`, ms. USER_HZ is 100 on every Linux. */
const TICK = 10

/** Fields of `/proc/PID/stat`, counted from the one after the name in brackets; see proc_pid_stat(5). */
const PARENT = 1
const TIMES = [11, 12, 13, 14]

async function fieldsOf(pid: number): Promise<number[] | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // The name may contain anything. All fields after it are numbers, except the state.
  return stat
    ?.slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
}

/**
 * Processor time of a process up to now, ms: user and system, of all threads, and of the children it has waited for.
 *
 * @throws Error if there is no such process
 */
export async function processorTime(pid: number): Promise<number> {
  const fields = await fieldsOf(pid)
  if (!fields) throw new Error(`process ${pid} is gone`)
  return TIMES.reduce((sum, field) => sum + fields[field]! * TICK, 0)
}

/** Processor time of a process and all its running descendants, ms. */
export async function familyProcessorTime(pid: number): Promise<number> {
  const pids = (await readdir('/proc')).map(Number).filter(other => other > 0)
  const parents = new Map(
    await Promise.all(pids.map(async other => [other, (await fieldsOf(other))?.[PARENT]] as const)),
  )
  const belongs = (other: number | undefined): boolean =>
    other === pid || (other !== undefined && other > 0 && belongs(parents.get(other)))
  const family = pids.filter(belongs)
  const times = await Promise.all(family.map(member => processorTime(member).catch(() => 0)))
  return times.reduce((sum, time) => sum + time, 0)
}
