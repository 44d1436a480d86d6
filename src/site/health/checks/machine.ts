import { readdirSync, readFileSync, statSync } from 'node:fs'
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

/**
 * Most descriptors of a recorded call. The keeper needs them, and it has the service's limit: two pipes, and at first a writer of
 * its own for each.
 */
const PER_RECORDING = 4
/** Descriptors for all other uses: database, PBX, the keeper's pool of pipes, HTTP requests. */
const RESERVED = 300
/** Descriptors that new calls may not take, so that the present calls and their recordings have enough. */
const RESERVED_FOR_CALLS = 64

/** The open descriptors of this process, and their limit. */
export interface Descriptors {
  open: number
  limit: number
}

export function readDescriptors(): Descriptors {
  try {
    // Linux 6.2 and later give the number as the folder's size. Earlier ones list the folder, through a descriptor of its own.
    const open = statSync('/proc/self/fd').size || readdirSync('/proc/self/fd').length - 1
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return { open, limit: soft === undefined ? Number.POSITIVE_INFINITY : Number(soft) }
  } catch (error) {
    const none = ['EMFILE', 'ENFILE'].includes((error as NodeJS.ErrnoException).code ?? '')
    return { open: 0, limit: none ? 0 : Number.POSITIVE_INFINITY }
  }
}

/** How many recordings a limit of descriptors allows; at least 1. */
export const recordingsWithin = (limit: number): number =>
  Math.max(1, Math.floor((limit - RESERVED) / PER_RECORDING))

/** How many descriptors may be open before new calls are shed. */
export const mostOpen = (limit: number): number => limit - RESERVED_FOR_CALLS
