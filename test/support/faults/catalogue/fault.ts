import type { Dice } from '../dice.js'
import type { FaultSite } from '../fault-site.js'

/** Ends a fault. */
export type Heal = () => Promise<unknown>

/** One way in which something breaks. */
export interface Fault {
  name: string
  /** What it is struck at: of those with the same target only one is struck at a time. */
  target: string
  /** How long it lasts, ms. */
  lasts: [number, number]
  /** How often it is drawn, beside the others; 0: only if it is asked for by name. */
  weight: number
  /** Recordings that run may end before their calls do, if they say so. Not if left out. */
  cuts?: true
  /** Audio may be missing, if the journal has a gap. Not if left out. */
  gaps?: true
  /** It leaves answers, keys and recordings as they are: nothing may come of it. */
  harmless?: true
  /** What happens meanwhile may bear a wrong time, if the service is started anew then. */
  misdates?: true
  /** Calls end by it: it is struck in batches of its own, at the end. */
  endsCalls?: true
  /** Whoever is in question when it is struck alone must be with the agent within so long, ms. */
  rescues?: number
  /** For so long a caller may hear nothing, whatever else of this kind is struck at the same time, ms. */
  silentMs?: number
  /** Strikes. Resolves, once it is in effect, with what heals it. */
  strike(site: FaultSite, dice: Dice): Promise<Heal>
}

export const nothingToHeal: Heal = async () => {}
