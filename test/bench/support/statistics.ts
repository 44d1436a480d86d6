/**
 * A percentile by the nearest-rank method, so that the result is one of the values.
 *
 * @param share 0 to 1
 * @throws RangeError without values
 */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError('no values')
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!
}

/**
 * The middle value, or the mean of the two in the middle.
 *
 * @throws RangeError without values
 */
export function median(values: readonly number[]): number {
  const [below, above] = [
    percentile(values, 0.5),
    -percentile(
      values.map(value => -value),
      0.5,
    ),
  ]
  return (below + above) / 2
}

/** The mean, for amounts so small that a window may show none. NaN without values. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/**
 * Slope of `y` over `x`: the median of the slopes between all pairs of points (Theil and Sen), which outliers do not change.
 *
 * @throws RangeError with fewer than two different `x`
 */
export function slope(points: readonly { x: number; y: number }[]): number {
  const slopes = points.flatMap((one, i) =>
    points
      .slice(i + 1)
      .filter(other => other.x !== one.x)
      .map(other => (other.y - one.y) / (other.x - one.x)),
  )
  return median(slopes)
}

/** The mean of factors: of two PBXs, one 10 % dearer in each direction, it is 1. */
export const geometricMean = (values: number[]): number => Math.exp(mean(values.map(Math.log)))
