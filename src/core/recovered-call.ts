import type { AnnouncedPrompt, Announcement } from './announcement.js'
import type { Answer } from './events.js'
import type { CallId, ChannelId, EventId } from './ids.js'
import type { Language, Purpose, WithdrawalTerms } from './policy.js'

/** A journalled answer of a recovered call. */
export interface RecoveredAnswer {
  purpose: Purpose
  answer: Answer
  /** The `consent.answered` event. */
  event: EventId
  /** The announced retention, days. */
  retentionDays: number
  /** The announcement. */
  announced: Announcement
  /** True if the answer was a yes and was withdrawn. */
  withdrawn: boolean
  /** The announced way to withdraw. */
  terms: WithdrawalTerms
  /** True if a recording exists on the basis of this answer, in any state. */
  recorded: boolean
  /** True if the answer was given in or after an earlier visit, and the caller is in a later one. */
  earlier: boolean
  /** True if it was given for the recording of another call. */
  elsewhere: boolean
  /** True if a later answer to the same purpose on another line replaces it. */
  superseded?: boolean
}

/**
 * A recovered call: the journal lacks its end. `line` and `policy` are those of the last questions, or of the call's
 * start. `visitStartedAt` and `tap` are those of the present visit if the caller came back and is asked again;
 * otherwise those of the call's start.
 */
export interface RecoveredCall {
  id: CallId
  channel: ChannelId
  /** The dialled number; null if it was not a line. */
  line: string | null
  /** Version of the line's policy. */
  policy: number
  /** When the call came in, or the channel was answered again, ms since the epoch. */
  visitStartedAt: number
  answers: RecoveredAnswer[]
  /** True if the channel was answered. */
  answered: boolean
  /** True if a disclosure was heard, in full or up to the caller's key. */
  disclosed: boolean
  /** The prompt of that disclosure; null if none was heard. */
  disclosure: AnnouncedPrompt | null
  /** How much was heard of a disclosure that a key ended early, ms; else null. */
  cutAfterMs: number | null
  /** The language that the caller chose; null without a choice. */
  language: Language | null
  /** Number of answers that the last decision in the journal covers; null without a decision. */
  decided: number | null
  /** True if the call came from inside. Its participants were not asked. */
  fromInside: boolean
  /**
   * The recorded call that this participant joined, for which the own call was begun, until it reaches a line; else
   * null.
   */
  joined: CallId | null
  /** Name of the last prepared tap, see `tapName`; null without one. */
  tap: string | null
  /**
   * True if the channel was returned to the dialplan and has not been answered again. If false, the questions were in
   * progress.
   */
  returned: boolean
}
