import type { RecordingBasis } from '../shared/basis.js'
import type { Answer } from '../shared/events.js'
import type { CallId, EventId } from '../shared/ids.js'
import type { Purpose } from '../shared/policy.js'
import type { Grant } from '../shared/ports.js'

/** One purpose's answer as it stands in the journal, committed. */
export interface CommittedAnswer {
  purpose: Purpose
  answer: Answer
  /** The `consent.answered` event. */
  event: EventId
  /** As long as the caller was told. */
  retentionDays: number
  /** It was a yes, and was taken back. */
  withdrawn?: boolean
}

/**
 * What a committed answer allows: the only maker of a `RecordingBasis`. None for whatever is no yes, or no longer.
 */
export function grantOf(call: CallId, committed: CommittedAnswer): Grant | undefined {
  const { purpose, answer: kind, event, retentionDays, withdrawn } = committed
  if ((kind !== 'granted' && kind !== 'notice') || withdrawn) return undefined
  const basis = { kind, call, purpose, event } as unknown as RecordingBasis
  return { purpose, basis, retentionDays }
}
