/** Wall clock, ms since the epoch, with fractions. Comparable with the journal's times. */
export const epochMs = (): number => performance.timeOrigin + performance.now()
