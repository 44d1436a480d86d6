import { statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { type HostPaths, readProcess, readText, THIS_HOST } from './processes.js'

/** A way in which the memory of a process may reach a disk in clear. */
export type Exposure = 'swap' | 'core' | 'core-pattern'

/** Ways in which keys and conversations in the memory of a process may reach a disk in clear. */
export function memoryExposures(pid: number, host: HostPaths = THIS_HOST): Exposure[] {
  const dumpsCore = readProcess(host, pid)?.dumpsCore ?? false
  return [
    ...(swaps(pid, host) ? (['swap'] as const) : []),
    ...(dumpsCore ? (['core'] as const) : []),
    ...(pipesCore(host) ? (['core-pattern'] as const) : []),
  ]
}

/** Whether a process may be swapped out. */
function swaps(pid: number, host: HostPaths): boolean {
  if (readText(join(host.kernel, 'swaps')).trim().split('\n').length < 2) return false
  const [, group] = /^0::(\S+)$/m.exec(readText(join(host.proc, String(pid), 'cgroup'))) ?? []
  return readText(join(host.cgroups, group ?? '', 'memory.swap.max')).trim() !== '0'
}

/** A program gets the memory in spite of the limit (core(5)). */
const pipesCore = (host: HostPaths): boolean =>
  readText(join(host.kernel, 'sys/kernel/core_pattern')).startsWith('|')

/** Type of a file system in memory (statfs(2)). */
const TMPFS = 0x01021994

/** Whether a folder is in memory. True if the system does not report it. */
export async function inMemory(folder: string): Promise<boolean> {
  const { type } = await statfs(folder).catch(() => ({ type: TMPFS }))
  return type === TMPFS
}
