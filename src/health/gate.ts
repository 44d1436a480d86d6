import type { Gate, ShedReason } from '../shared/ports.js'

/** A figure that must stay below a bound. */
export interface Bound {
  reason: ShedReason
  now(): number
  /** Reached, no more calls are asked. */
  most(): number
  /** They are asked again once it is down to this part of the bound: a gate that flaps would help nobody. */
  again: number
}

/** Lets calls be asked as long as every figure keeps within its bound. */
export function openGate(bounds: readonly Bound[]): Gate & { reasons(): ShedReason[] } {
  const shut = new Set<ShedReason>()
  const reasons = () => {
    for (const { reason, now, most, again } of bounds) {
      const over = shut.has(reason) ? now() > Math.floor(most() * again) : now() >= most()
      if (over) shut.add(reason)
      else shut.delete(reason)
    }
    return [...shut]
  }
  return { reasons, closed: () => reasons()[0] }
}
