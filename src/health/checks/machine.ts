import { readdirSync, readFileSync } from 'node:fs'
import { statfs } from 'node:fs/promises'

/** Type of a file system that lives in memory (statfs(2)). */
const TMPFS = 0x01021994

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/**
 * A process with fewer threads has too few for file operations. Node has 4 for them by default, and 64 with the setting that
 * docs/install.md gives, besides a few of its own.
 */
const ENOUGH_THREADS = 40

/**
 * Whether disks that hang would soon leave no thread for calls. Call it after a file operation: the threads are made with the
 * first.
 */
export function fewThreads(): boolean {
  try {
    return readdirSync('/proc/self/task').length < ENOUGH_THREADS
  } catch {
    return false
  }
}

/** Ways in which what is in memory, keys and conversations in clear, may reach a disk; each says what to do. */
export function memoryExposed(): string[] {
  return [
    ...(swaps() ? ['swap is in use: MemorySwapMax=0 for the unit, or swapoff'] : []),
    ...(dumpsCore() ? ['core dumps are possible: LimitCORE=0 for the unit'] : []),
    ...(pipesCore() ? ['kernel.core_pattern hands core dumps to a program: set it to a file name'] : []),
  ]
}

/** The machine swaps, and nothing keeps this process from it. */
function swaps(): boolean {
  if (read('/proc/swaps').trim().split('\n').length < 2) return false
  const [, group] = /^0::(\S+)$/m.exec(read('/proc/self/cgroup')) ?? []
  return read(`/sys/fs/cgroup${group ?? ''}/memory.swap.max`).trim() !== '0'
}

const coreLimit = (): string => /^Max core file size\s+(\S+)/m.exec(read('/proc/self/limits'))?.[1] ?? '0'

const dumpsCore = (): boolean => coreLimit() !== '0'

/** A program gets the memory whatever the limit says (core(5)). */
const pipesCore = (): boolean => read('/proc/sys/kernel/core_pattern').startsWith('|')

/** Whether a folder lives in memory. True where the system does not say. */
export async function inMemory(folder: string): Promise<boolean> {
  const { type } = await statfs(folder).catch(() => ({ type: TMPFS }))
  return type === TMPFS
}
