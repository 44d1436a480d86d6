import type { DestructionCause } from '../shared/events.js'
import type { RecordingId } from '../shared/ids.js'

/** A recording whose time is up. */
export interface DueRecording {
  recording: RecordingId
  /** Why, if not for its day: its caller took the yes back, or it was to be erased. */
  revoked: 'withdrawal' | 'erasure' | null
  /** By a hold or a block. */
  kept: boolean
}

/** What a purge will do. */
export interface PurgePlan {
  /** By cause, for each cause is an act of its own; in the order given. */
  destroy: Map<DestructionCause, RecordingId[]>
  held: RecordingId[]
}

/**
 * Decides what becomes of recordings whose time is up. A hold keeps them from their term and from erasure; a yes that its
 * caller took back is not there to be kept.
 */
export function planPurge(due: Iterable<DueRecording>): PurgePlan {
  const plan: PurgePlan = { destroy: new Map(), held: [] }
  for (const { recording, revoked, kept } of due) {
    const cause = revoked ?? 'term'
    if (kept && cause !== 'withdrawal') {
      plan.held.push(recording)
      continue
    }
    const same = plan.destroy.get(cause)
    if (same) same.push(recording)
    else plan.destroy.set(cause, [recording])
  }
  return plan
}
