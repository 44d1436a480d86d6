import { AppError } from '../shared/errors.js'
import type { Answer, Decision, EventData, EventType, PersonalData, PromptEnd } from '../shared/events.js'
import type { Told } from './leaf.js'
import { type RecordingTold, recordingsOf, type Unrecorded } from './recordings.js'

/** One moment, as the log has it and as the operator's clocks showed it. ISO 8601. */
export interface Moment {
  utc: string
  local: string
}

/** How a prompt was played. */
export interface PromptTold {
  prompt: string
  version: number
  text: string
  /** Of the audio, hex. */
  sha256: string
  lengthMs: number
  heardMs: number
  end: PromptEnd
  reason?: string
  ended: Moment
}

export interface QuestionTold {
  purpose: string
  attempt: number
  asked: Moment
  /** Absent where the call ended before it was played. */
  played?: PromptTold
}

export interface AnswerTold {
  purpose: string
  answer: Answer
  method: EventData['consent.answered']['method']
  /** The key that was pressed, where that is still kept. */
  digit?: string
  /** How often this purpose had been asked; absent where it was not. */
  attempt?: number
  /** From the question's start, ms. */
  afterMs: number | null
  answered: Moment
  legalBasis: string
  retentionDays: number
  reason?: string
  /** What the caller was told of it. */
  confirmation?: PromptTold
  withdrawn?: Moment
  /** Another answer to the same purpose stands: the one that says no. */
  overruled?: true
}

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
  disclosures: PromptTold[]
  questions: QuestionTold[]
  answers: AnswerTold[]
  recordings: RecordingTold[]
  /** Purposes that were granted and not recorded. */
  unrecorded: Unrecorded[]
}

/**
 * Puts the events of one call into plain words. This is version 1 of the receipt's format: the same events must always give
 * the same statement, or receipts that were handed out no longer verify.
 *
 * @param told the events of one call, in the order of the log
 * @throws AppError `not-found` where they do not begin a call, or decide it
 */
export function statementOf(told: readonly Told[]): Statement {
  const all = <T extends EventType>(type: T) => eventsOf(told, type)
  const start = all('call.started')[0]
  if (!start) throw new AppError('not-found', 'The events do not hold the start of the call.')
  const { line, policy, language, mode, utcOffset } = start.data
  const moment = clock(utcOffset)
  const decided = all('call.decided').at(-1) ?? all('call.rescued')[0]
  if (!decided) throw new AppError('not-found', `Call ${start.call} has no decision yet.`)
  const { decision, reason } = decided.data as Partial<EventData['call.decided']>
  const ended = all('call.ended')[0]
  return {
    call: start.call ?? '',
    line,
    ...kept(start.personal, 'caller', 'dialled'),
    policy,
    language,
    mode,
    utcOffset,
    started: moment(start.at),
    ended: ended ? moment(ended.at) : null,
    decision: decision ?? 'failed',
    ...(reason === undefined ? {} : { reason }),
    decided: moment(decided.at),
    ...conversation(told, moment),
    ...recordingsOf(told, moment),
  }
}

/** One event with its data's type. */
interface Event<T extends EventType> {
  call: string | null
  at: string
  data: EventData[T]
  personal: PersonalData | undefined
}

/** The events of one type, in order. */
export const eventsOf = <T extends EventType>(told: readonly Told[], type: T): Event<T>[] =>
  told.filter(({ leaf }) => leaf.type === type).map(({ leaf, personal }) => eventOf<T>(leaf, personal))

const eventOf = <T extends EventType>(
  { call, at, data }: Told['leaf'],
  personal?: PersonalData,
): Event<T> => ({
  call,
  at,
  data: data as unknown as EventData[T],
  personal,
})

const kept = (personal: PersonalData | undefined, ...names: (keyof PersonalData)[]) =>
  Object.fromEntries(names.flatMap(name => (personal?.[name] === undefined ? [] : [[name, personal[name]]])))

/** @param utcOffset `+03:00` */
function clock(utcOffset: string): (at: string) => Moment {
  const [, sign, hours, minutes] = /^([+-])(\d\d):(\d\d)$/.exec(utcOffset) ?? []
  const ahead = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
  return at => ({
    utc: at,
    local: `${new Date(Date.parse(at) + ahead).toISOString().slice(0, -1)}${utcOffset}`,
  })
}

/** What was said to the caller and answered, each prompt where it belongs: the log holds it in the order of the call. */
function conversation(told: readonly Told[], moment: (at: string) => Moment) {
  const disclosures: PromptTold[] = []
  const questions: QuestionTold[] = []
  const answers: AnswerTold[] = []
  for (const { leaf, personal } of told) {
    if (leaf.type === 'consent.asked') {
      const { purpose, attempt } = eventOf<'consent.asked'>(leaf).data
      questions.push({ purpose, attempt, asked: moment(leaf.at) })
    } else if (leaf.type === 'consent.answered') {
      const { purpose, answer, method, afterMs, legalBasis, retentionDays, reason } =
        eventOf<'consent.answered'>(leaf).data
      const attempt = questions.findLast(asked => asked.purpose === purpose)?.attempt
      answers.push({
        purpose,
        answer,
        method,
        ...kept(personal, 'digit'),
        ...(attempt === undefined ? {} : { attempt }),
        afterMs,
        answered: moment(leaf.at),
        legalBasis,
        retentionDays,
        ...(reason === undefined ? {} : { reason }),
      })
    } else if (leaf.type === 'consent.withdrawn') {
      const { purposes } = eventOf<'consent.withdrawn'>(leaf).data
      for (const answer of answers)
        if (purposes.includes(answer.purpose)) answer.withdrawn ??= moment(leaf.at)
    } else if (leaf.type === 'prompt.ended') {
      const { role } = eventOf<'prompt.ended'>(leaf).data
      const played = promptOf(leaf, moment)
      const question = questions.at(-1)
      const answer = answers.at(-1)
      if (role === 'disclosure') disclosures.push(played)
      else if (role === 'question' && question) question.played ??= played
      else if ((role === 'granted' || role === 'refused') && answer) answer.confirmation ??= played
    }
  }
  for (const answer of answers) if (standing(answers, answer.purpose) !== answer) answer.overruled = true
  return { disclosures, questions, answers }
}

function promptOf(leaf: Told['leaf'], moment: (at: string) => Moment): PromptTold {
  const { prompt, version, text, sha256, lengthMs, heardMs, end, reason } = eventOf<'prompt.ended'>(leaf).data
  const told = { prompt, version, text, sha256, lengthMs, heardMs, end }
  return { ...told, ...(reason === undefined ? {} : { reason }), ended: moment(leaf.at) }
}

/** Where two answers meet (one whose commit was given up, and its replacement), the no stands. */
function standing(answers: readonly AnswerTold[], purpose: string): AnswerTold | undefined {
  const given = answers.filter(answer => answer.purpose === purpose)
  return given.find(({ answer }) => answer !== 'granted' && answer !== 'notice') ?? given[0]
}
