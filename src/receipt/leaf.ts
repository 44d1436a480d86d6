import type { EventType, PersonalData } from '../shared/events.js'
import type { CallId, EventId } from '../shared/ids.js'

/** What a leaf of the log says, as it is parsed; `docs/journal.md` describes it. */
export interface Leaf {
  /** ISO 8601, UTC. */
  at: string
  call: CallId | null
  data: Record<string, unknown>
  id: number
  /** Hex of the salted hash of the personal part, where there was one. */
  personal?: string
  type: EventType
  uuid: EventId
}

/** One event of a call as a receipt tells it: its leaf, and the personal part as far as it is still kept. */
export interface Told {
  leaf: Leaf
  personal: PersonalData | undefined
}

export const parseLeaf = (text: string): Leaf => JSON.parse(text) as Leaf
