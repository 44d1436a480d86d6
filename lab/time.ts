/** Wall clock in ms since the epoch with fractions: comparable with the journal's times, finer than `Date.now`. */
export const epochMs = (): number => performance.timeOrigin + performance.now()
