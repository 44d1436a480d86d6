import { statRoot } from '../../lib/files/durable.js'

/** The parts whose work is watched. */
export interface WorkingParts {
  calls: {
    /** True if recovered callers wait for the PBX's events. */
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
 * Makes a function that checks whether the service works. It returns false if a restart would help: all threads hang in
 * a disk (it then never resolves), callers wait although the PBX is connected, or events wait and none was settled
 * since the last check although the database answers. A database or PBX that is away is not a fault of the service.
 *
 * @param operation a file operation. Success and failure both prove that a thread was free; it stays pending while none
 *   is free
 */
export function workCheck(
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
