import type { Answer } from './events.js'
import type { CallId, ChannelId, EventId } from './ids.js'
import type { Purpose, WithdrawalTerms } from './policy.js'

/** A journalled answer of a recovered call. */
export interface RecoveredAnswer {
  purpose: Purpose
  answer: Answer
  /** The `consent.answered` event. */
  event: EventId
  /** Retention that the caller was told, days. */
  retentionDays: number
  /** Whether the answer was a yes and was withdrawn. */
  withdrawn: boolean
  /** How the caller was told to withdraw. Undefined if an older version journalled the answer. */
  terms?: WithdrawalTerms | undefined
  /** Whether there is a recording on the basis of this answer, in any state. */
  recorded: boolean
}

/** A recovered call: the journal does not have its end. */
export interface RecoveredCall {
  id: CallId
  channel: ChannelId
  /** The dialled number; null if it was no line. */
  line: string | null
  /** Version of the line's policy when the call began. */
  policy: number
  /** When the call began, ms since the epoch. */
  startedAt: number
  answers: RecoveredAnswer[]
  /** Whether the channel was answered. */
  answered: boolean
  /** Whether a disclosure was heard, in full or up to the caller's key. */
  disclosed: boolean
  /** Whether the journal has a decision on these answers. */
  decided: boolean
  /** Whether the channel was returned to the dialplan. Otherwise the caller was still being asked. */
  returned: boolean
}
