import type { Answer } from './events.js'
import type { CallId, ChannelId, EventId } from './ids.js'
import type { Language, Purpose, WithdrawalTerms } from './policy.js'
import type { Told, ToldPrompt } from './told-words.js'

/** A journalled answer of a recovered call. */
export interface RecoveredAnswer {
  purpose: Purpose
  answer: Answer
  /** The `consent.answered` event. */
  event: EventId
  /** Retention that the caller was told, days. */
  retentionDays: number
  /** What the caller was told. Undefined if an older version journalled the answer. */
  told?: Told | undefined
  /** Whether the answer was a yes and was withdrawn. */
  withdrawn: boolean
  /** How the caller was told to withdraw. Undefined if an older version journalled the answer. */
  terms?: WithdrawalTerms | undefined
  /** Whether there is a recording on the basis of this answer, in any state. */
  recorded: boolean
  /** Whether the caller gave the answer in an earlier visit or after it, and is in a later one. */
  earlier: boolean
  /** Whether it was given for the recording of another call. */
  elsewhere: boolean
  /** Whether a later answer to the same purpose, on another line, counts in its place. */
  superseded?: boolean
}

/**
 * A recovered call: the journal does not have its end. `line` and `policy` are those on which its caller was last asked, or of the call's beginning.
 * If the caller came back and is asked again, `visitStartedAt` and `tap` are those of the present visit. Otherwise they are those of the call's
 * beginning.
 */
export interface RecoveredCall {
  id: CallId
  channel: ChannelId
  /** The dialled number; null if it was no line, or if an older version journalled a later visit. */
  line: string | null
  /** Version of the line's policy; null if an older version journalled a later visit. */
  policy: number | null
  /** When the call came in, or the channel was answered again, ms since the epoch. */
  visitStartedAt: number
  answers: RecoveredAnswer[]
  /** Whether the channel was answered. */
  answered: boolean
  /** Whether a disclosure was heard, in full or up to the caller's key. */
  disclosed: boolean
  /** The prompt of that disclosure; null if none was heard. */
  disclosure: ToldPrompt | null
  /** How much was heard of a disclosure that ended before its end, by a key, ms; null of any other. */
  cutAfterMs: number | null
  /** The language that the caller chose; null if none was. */
  language: Language | null
  /** Number of answers that the last decision in the journal covers; null without a decision. */
  decided: number | null
  /** Whether the call came from inside, so that nobody was asked in it. */
  fromInside: boolean
  /** The recorded call that the person joined, whose own call was begun for that, and has not reached a line since; null of any other. */
  joined: CallId | null
  /** Name of the last tap that was prepared, see `tapName`; null if none was. */
  tap: string | null
  /** Whether the channel was returned to the dialplan and has not been answered again. Otherwise the caller was still being asked. */
  returned: boolean
}
