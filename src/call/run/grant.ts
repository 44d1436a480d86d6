import type { RecordingBasis } from '../../core/basis.js'
import type { Answer } from '../../core/events.js'
import type { CallId, EventId } from '../../core/ids.js'
import { KEPT_ANSWER_PURPOSE, type KeptAnswerPolicy, type Purpose } from '../../core/policy.js'
import type { Grant } from '../../core/ports.js'

/** One purpose's committed answer. */
export interface CommittedAnswer {
  purpose: Purpose
  answer: Answer
  /** The `consent.answered` event. */
  event: EventId
  /** The retention that the disclosure named, days. */
  retentionDays: number
  /** The caller withdrew this yes. */
  withdrawn?: boolean
}

/**
 * Makes the grant for a committed answer. This file is the only place that makes a `RecordingBasis`.
 *
 * @returns undefined unless the answer is a yes, or the notice of a notice-only line, that is not withdrawn
 */
export function grantOf(call: CallId, committed: CommittedAnswer): Grant | undefined {
  const { purpose, answer: kind, event, retentionDays, withdrawn } = committed
  if ((kind !== 'granted' && kind !== 'notice') || withdrawn) return undefined
  const basis = { kind, call, purpose, event } as unknown as RecordingBasis
  return { purpose, basis, retentionDays }
}

/**
 * Makes the grant for the recording that holds the words of a committed spoken yes, on a line that keeps them.
 *
 * @returns undefined unless the answer is a yes
 */
export function keptAnswerGrant(
  call: CallId,
  { answer, event }: CommittedAnswer,
  { retentionDays }: KeptAnswerPolicy,
): Grant | undefined {
  if (answer !== 'granted') return undefined
  const basis = { kind: 'granted', call, purpose: KEPT_ANSWER_PURPOSE, event } as unknown as RecordingBasis
  return { purpose: KEPT_ANSWER_PURPOSE, basis, retentionDays }
}
