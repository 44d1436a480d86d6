/** Wall clock, ms since the epoch, with fractions. Comparable with the journal's times. */
export const epochMs = (): number => performance.timeOrigin + performance.now()

/**
 * A clock that all threads of this process share, ms from any origin. The clock of `performance` differs between
 * threads.
 */
export const sharedMs = (): number => Number(process.hrtime.bigint()) / 1e6
