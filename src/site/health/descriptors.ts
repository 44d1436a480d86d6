import { readdirSync, readFileSync, statSync } from 'node:fs'

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

/** How many descriptors may be open before new calls are shed. */
export const mostOpen = (limit: number): number => limit - RESERVED_FOR_CALLS
