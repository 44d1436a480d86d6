import type { DestructionCause } from '../shared/events.js'
import type { RecordingId } from '../shared/ids.js'

/** A recording that the purge should destroy now. */
export interface DueRecording {
  recording: RecordingId
  /** The caller withdrew consent, or asked for erasure. Null: the due day has come. */
  revoked: 'withdrawal' | 'erasure' | null
  /** A hold or a block keeps the recording. */
  kept: boolean
}

/** What a purge is going to do. */
export interface PurgePlan {
  /** By cause, because each cause gets an act of its own. The order of the recordings is kept. */
  destroy: Map<DestructionCause, RecordingId[]>
  held: RecordingId[]
}

/**
 * Decides which due recordings are destroyed. A hold keeps a recording past its retention and from erasure. A hold does not keep
 * a recording whose caller withdrew consent.
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
