import { readdirSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'

/** Type of a file system in memory (statfs(2)). */
const TMPFS = 0x01021994

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/**
 * Fewest threads of a process that has enough for file operations. Node has 4 for them by default, 64 with the setting in
 * docs/install.md, and a few for itself.
 */
const ENOUGH_THREADS = 40

/**
 * Whether hung disks would soon leave no thread for calls. Call it after a file operation, because the first one makes the
 * threads.
 */
export function fewThreads(): boolean {
  try {
    return readdirSync('/proc/self/task').length < ENOUGH_THREADS
  } catch {
    return false
  }
}

/** Ways in which keys and conversations in memory may reach a disk in clear. Each text says what to do. */
export function memoryExposed(): string[] {
  return [
    ...(swaps() ? ['swap is in use: MemorySwapMax=0 for the unit, or swapoff'] : []),
    ...(dumpsCore() ? ['core dumps are possible: LimitCORE=0 for the unit'] : []),
    ...(pipesCore() ? ['kernel.core_pattern hands core dumps to a program: set it to a file name'] : []),
  ]
}

/** Whether this process may be swapped out. */
function swaps(): boolean {
  if (read('/proc/swaps').trim().split('\n').length < 2) return false
  const [, group] = /^0::(\S+)$/m.exec(read('/proc/self/cgroup')) ?? []
  return read(`/sys/fs/cgroup${group ?? ''}/memory.swap.max`).trim() !== '0'
}

const coreLimit = (): string => /^Max core file size\s+(\S+)/m.exec(read('/proc/self/limits'))?.[1] ?? '0'

const dumpsCore = (): boolean => coreLimit() !== '0'

/** A program gets the memory in spite of the limit (core(5)). */
const pipesCore = (): boolean => read('/proc/sys/kernel/core_pattern').startsWith('|')

/** Whether a folder is in memory. True if the system does not say. */
export async function inMemory(folder: string): Promise<boolean> {
  const { type } = await statfs(folder).catch(() => ({ type: TMPFS }))
  return type === TMPFS
}
