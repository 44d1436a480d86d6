import type { Load } from '../shared/ports.js'

/** A figure that must stay below a bound. */
export interface Bound {
  reason: Load
  now(): number
  /** Reached, no more calls are asked. */
  most(): number
  /** They are asked again once it is down to this part of the bound: a gate that flaps would help nobody. */
  again: number
}

/** Lets calls be asked as long as every figure keeps within its bound; of several that do not, the first tells why. */
export function openGate(bounds: readonly Bound[]): { closed(): Load | undefined; reasons(): Load[] } {
  const shut = new Set<Bound>()
  const reasons = () => {
    for (const bound of bounds) {
      const { now, most, again } = bound
      const over = shut.has(bound) ? now() > Math.floor(most() * again) : now() >= most()
      if (over) shut.add(bound)
      else shut.delete(bound)
    }
    return bounds.filter(bound => shut.has(bound)).map(({ reason }) => reason)
  }
  return { reasons, closed: () => reasons()[0] }
}
