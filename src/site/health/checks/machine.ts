import { readdirSync } from 'node:fs'
import type { Trouble } from '../../../core/alarms.js'
import { type Exposure, memoryExposures } from '../../../lib/host/memory.js'

/**
 * Fewest threads of a process that has enough for file operations. Node has 4 for them by default, 64 with `UV_THREADPOOL_SIZE`, which
 * unit, image and command set, and a few for itself.
 */
const ENOUGH_THREADS = 40

/**
 * True if hanging disks would soon leave no thread for calls. Call it after a file operation, because the first one
 * makes the threads.
 */
export function fewThreads(): boolean {
  try {
    return readdirSync('/proc/self/task').length < ENOUGH_THREADS
  } catch {
    return false
  }
}

const ADVICE: Record<Exposure, string> = {
  swap: 'swap is in use: MemorySwapMax=0 for the unit, or swapoff',
  core: 'core dumps are possible: LimitCORE=0 for the unit',
  'core-pattern': 'kernel.core_pattern hands core dumps to a program: set it to a file name',
}

/**
 * Ways in which keys and conversations in this process's memory may reach a disk in clear. Each message includes the
 * remedy.
 */
export const memoryExposed = (): string[] => memoryExposures().map(exposure => ADVICE[exposure])

/** The same ways as troubles. */
export const memoryTroubles = (): Trouble[] =>
  memoryExposures().map(exposure => ({
    alarm: 'memory-exposed',
    check: exposure,
    detail: ADVICE[exposure],
  }))
