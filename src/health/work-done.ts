import { statRoot } from '../files/stat-root.js'

/** The parts whose work is looked at. */
export interface WorkingParts {
  calls: {
    /** Whether recovered callers wait for the PBX to be heard. */
    readonly leftWaiting: boolean
  }
  pbx: { readonly connected: boolean }
  journal: {
    readonly available: boolean
    readonly refusing: boolean
    readonly waiting: number
    readonly counts: {
      readonly committed: number
      readonly refused: number
      readonly spooled: number
      readonly dropped: number
    }
  }
}

/**
 * Makes a function that looks whether the service works. A restart would help a service that does not: its threads all hang in a
 * disk, callers are left waiting although the PBX is connected, or events wait and none was settled since the last look although the
 * database answers. A database or PBX that is away is no fault of the service.
 *
 * @param operation a file operation; its success and its failure both prove that a thread was free. It stays pending while none is.
 */
export function workLook(
  { calls, pbx, journal }: WorkingParts,
  operation: () => Promise<unknown> = statRoot,
) {
  let settledBefore: number | undefined
  return async (): Promise<boolean> => {
    await operation().catch(() => undefined)
    const { committed, refused, spooled, dropped } = journal.counts
    const settled = committed + refused + spooled + dropped
    const stuck = journal.waiting > 0 && journal.available && !journal.refusing && settled === settledBefore
    settledBefore = journal.waiting > 0 ? settled : undefined
    return !(calls.leftWaiting && pbx.connected) && !stuck
  }
}
