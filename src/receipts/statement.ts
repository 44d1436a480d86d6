import { AppError } from '../core/errors.js'
import type { Decision, EventData, EventType } from '../core/events.js'
import {
  conversationOf,
  type StatementAnswer,
  type StatementLanguage,
  type StatementPrompt,
  type StatementQuestion,
} from './conversation.js'
import { eventsOf, type LoggedEvent, type Moment, pickPersonal } from './leaf.js'
import { recordingsOf, type StatementRecording, type UnrecordedPurpose } from './recordings.js'

/** The readable part of a receipt. It follows from the leaves and the included personal parts alone. */
export interface Statement {
  call: string
  /** Null if the dialled number was no line. */
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
  /** Reason of the decision, if the caller did not decide. */
  reason?: string
  decided: Moment
  languageChoice?: StatementLanguage
  disclosures: StatementPrompt[]
  questions: StatementQuestion[]
  answers: StatementAnswer[]
  recordings: StatementRecording[]
  /** Granted purposes that were not recorded. */
  unrecorded: UnrecordedPurpose[]
}

/**
 * The statement of a receipt. In one version of the format it must never change for the same events, or receipts that were handed
 * out no longer verify.
 *
 * @param events the events of one call, in the order of the log
 * @throws AppError `not-found` if the events have no start or no decision of the call
 */
export function statementOf(events: readonly LoggedEvent[]): Statement {
  const all = <T extends EventType>(type: T) => eventsOf(events, type)
  const start = all('call.started')[0]
  if (!start) throw new AppError('not-found', 'The events do not include the start of the call.')
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
    ...conversationOf(events, moment),
    ...recordingsOf(events, moment),
  }
}

/** Place of the event that decided the call: the last `call.decided`, or without one the first `call.rescued`. -1 if none exists. */
export function placeOfDecision(events: readonly { type: EventType }[]): number {
  const decided = events.findLastIndex(({ type }) => type === 'call.decided')
  return decided >= 0 ? decided : events.findIndex(({ type }) => type === 'call.rescued')
}

/** Converts UTC to local time. @param utcOffset such as `+03:00` */
function momentAt(utcOffset: string): (at: string) => Moment {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(utcOffset) ?? []
  const ahead = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
  return at => ({
    utc: at,
    local: `${new Date(Date.parse(at) + ahead).toISOString().slice(0, -1)}${utcOffset}`,
  })
}
