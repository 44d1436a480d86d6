import { readdirSync, readFileSync } from 'node:fs'

/** Descriptors that a recorded call takes at most, in the keeper: two pipes, each with a writer of our own at first. */
const A_RECORDING = 4
/** Descriptors for everything else: database, PBX, the keeper's pool of pipes, requests that come and go. */
const RESERVED = 300
/** Kept free of new calls, so that calls under way and their recordings have what they need. */
const SPARE = 64

/** What the system lets this process open. */
export interface Descriptors {
  open: number
  limit: number
}

export function readDescriptors(): Descriptors {
  try {
    // The folder that is read is one of them.
    const open = readdirSync('/proc/self/fd').length - 1
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return { open, limit: soft === undefined ? Number.POSITIVE_INFINITY : Number(soft) }
  } catch (error) {
    const none = ['EMFILE', 'ENFILE'].includes((error as NodeJS.ErrnoException).code ?? '')
    return { open: 0, limit: none ? 0 : Number.POSITIVE_INFINITY }
  }
}

/** Recordings for which a limit is enough. */
export const recordingsWithin = (limit: number): number =>
  Math.max(1, Math.floor((limit - RESERVED) / A_RECORDING))

/** What may be open before new calls would take what those under way need. */
export const openAtMost = (limit: number): number => limit - SPARE
