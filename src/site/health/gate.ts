import type { Load } from '../../core/ports.js'

/** A value that must stay below a limit. */
export interface Bound {
  reason: Load
  value(): number
  /** The gate closes when the value reaches this limit. */
  limit(): number
  /**
   * The gate opens again when the value has fallen to this fraction of the limit. It is below 1, so that the gate does
   * not flap.
   */
  reopenAt: number
}

/** A gate that is open while every value is within its limit. `closed` gives the first reason, `reasons` all of them. */
export function createGate(bounds: readonly Bound[]): { closed(): Load | undefined; reasons(): Load[] } {
  const exceeded = new Set<Bound>()
  const reasons = () => {
    for (const bound of bounds) {
      const { value: now, limit: most, reopenAt: again } = bound
      const over = exceeded.has(bound) ? now() > Math.floor(most() * again) : now() >= most()
      if (over) exceeded.add(bound)
      else exceeded.delete(bound)
    }
    return bounds.filter(bound => exceeded.has(bound)).map(({ reason }) => reason)
  }
  return { reasons, closed: () => reasons()[0] }
}
