import { AppError } from '../shared/errors.js'
import type { Decision, EventData, EventType } from '../shared/events.js'
import {
  conversationOf,
  type StatementAnswer,
  type StatementPrompt,
  type StatementQuestion,
} from './conversation.js'
import { eventsOf, type LoggedEvent, type Moment, pickPersonal } from './leaf.js'
import { recordingsOf, type StatementRecording, type UnrecordedPurpose } from './recordings.js'

/** What a receipt says in plain words. All of it follows from the leaves and what is opened of their personal parts. */
export interface Statement {
  call: string
  /** Null where the dialled number was no line. */
  line: string | null
  caller?: string
  dialled?: string
  policy: number
  language: string
  mode: string
  utcOffset: string
  started: Moment
  ended: Moment | null
  decision: Decision
  /** Why, where it was not the caller. */
  reason?: string
  decided: Moment
  disclosures: StatementPrompt[]
  questions: StatementQuestion[]
  answers: StatementAnswer[]
  recordings: StatementRecording[]
  /** Purposes that were granted and not recorded. */
  unrecorded: UnrecordedPurpose[]
}

/**
 * Puts the events of one call into plain words. This is version 1 of the receipt's format: the same events must always give
 * the same statement, or receipts that were handed out no longer verify.
 *
 * @param told the events of one call, in the order of the log
 * @throws AppError `not-found` where they do not begin a call, or decide it
 */
export function statementOf(told: readonly LoggedEvent[]): Statement {
  const all = <T extends EventType>(type: T) => eventsOf(told, type)
  const start = all('call.started')[0]
  if (!start) throw new AppError('not-found', 'The events do not hold the start of the call.')
  const { line, policy, language, mode, utcOffset } = start.data
  const moment = momentAt(utcOffset)
  const decided = all('call.decided').at(-1) ?? all('call.rescued')[0]
  if (!decided) throw new AppError('not-found', `Call ${start.call} has no decision yet.`)
  const { decision, reason } = decided.data as Partial<EventData['call.decided']>
  const ended = all('call.ended')[0]
  return {
    call: start.call ?? '',
    line,
    ...pickPersonal(start.personal, 'caller', 'dialled'),
    policy,
    language,
    mode,
    utcOffset,
    started: moment(start.at),
    ended: ended ? moment(ended.at) : null,
    decision: decision ?? 'failed',
    ...(reason === undefined ? {} : { reason }),
    decided: moment(decided.at),
    ...conversationOf(told, moment),
    ...recordingsOf(told, moment),
  }
}

/** @param utcOffset `+03:00` */
function momentAt(utcOffset: string): (at: string) => Moment {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(utcOffset) ?? []
  const ahead = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
  return at => ({
    utc: at,
    local: `${new Date(Date.parse(at) + ahead).toISOString().slice(0, -1)}${utcOffset}`,
  })
}
