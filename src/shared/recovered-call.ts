import type { Answer } from './events.js'
import type { CallId, ChannelId, EventId } from './ids.js'
import type { Purpose, WithdrawalTerms } from './policy.js'

/** An answer that is in the journal, of a call that an earlier service left open. */
export interface RecoveredAnswer {
  purpose: Purpose
  answer: Answer
  /** The `consent.answered` event. */
  event: EventId
  /** As long as the caller was told, days. */
  retentionDays: number
  /** It was a yes, and was taken back. */
  withdrawn: boolean
  /** How the caller was told to take the answer back. Undefined if an older version journalled it. */
  terms?: WithdrawalTerms | undefined
  /** There is a recording that rests on it, whatever became of that recording. */
  recorded: boolean
}

/** A call that an earlier service left open: its end is not in the journal. */
export interface RecoveredCall {
  id: CallId
  channel: ChannelId
  /** The dialled number; null if it was no line. */
  line: string | null
  /** Version of the line's policy under which the call began. */
  policy: number
  /** ms since the epoch */
  startedAt: number
  answers: RecoveredAnswer[]
  /** The channel was answered. */
  answered: boolean
  /** A disclosure was heard, whole or up to the caller's own key. */
  disclosed: boolean
  /** A decision on these answers is in the journal. */
  decided: boolean
  /** The channel was returned to the dialplan; otherwise the call was still in question. */
  returned: boolean
}
