import type { Dice } from '../dice.js'
import type { FaultSite } from '../fault-site.js'

/** Ends a fault. */
export type Heal = () => Promise<unknown>

/** One way in which something breaks. */
export interface Fault {
  name: string
  /** What it strikes. Only one fault at a time strikes the same target. */
  target: string
  /** Shortest and longest duration, ms. */
  lasts: [number, number]
  /** Relative frequency; 0: only if it is named. */
  weight: number
  /** Running recordings may end before their calls, if the journal says so. */
  cuts?: true
  /** Audio may be missing, if the journal has a gap. */
  gaps?: true
  /** It may have no effect on answers, keys and recordings. */
  harmless?: true
  /** Events may have a wrong time, if the service is restarted during the fault. */
  misdates?: true
  /** It ends calls. Such faults have batches of their own at the end. */
  endsCalls?: true
  /** If it is the only fault, a caller who is being asked must be with the agent within this time, ms. */
  rescues?: number
  /**
   * Longest silence that a caller may hear, ms. Of several faults the longest counts. Undefined: it strikes the service or its way to the
   * PBX, so that a rescue and a start may follow each other.
   */
  silentMs?: number
  /** Resolves when the fault is in effect. @returns heals it */
  strike(site: FaultSite, dice: Dice): Promise<Heal>
}

export const nothingToHeal: Heal = async () => {}
