import type { Answer, EventData, PromptEnd } from '../shared/events.js'
import { eventOf, type LoggedEvent, type Moment, pickPersonal } from './leaf.js'

/** How a prompt was played. */
export interface StatementPrompt {
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

export interface StatementQuestion {
  purpose: string
  attempt: number
  asked: Moment
  /** Absent where the call ended before it was played. */
  played?: StatementPrompt
}

export interface StatementAnswer {
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
  /** Event of the answer that this one replaces, because its commit timed out. If it came late, it is listed as overruled. */
  replaces?: string
  /** What the caller was told of it. */
  confirmation?: StatementPrompt
  withdrawn?: Moment
  /** Another answer to the same purpose stands: the one that says no. */
  overruled?: true
}

/** What was said to the caller and answered, each prompt where it belongs: the log holds it in the order of the call. */
export function conversationOf(told: readonly LoggedEvent[], moment: (at: string) => Moment) {
  const disclosures: StatementPrompt[] = []
  const questions: StatementQuestion[] = []
  const answers: StatementAnswer[] = []
  for (const { leaf, personal } of told) {
    if (leaf.type === 'consent.asked') {
      const { purpose, attempt } = eventOf<'consent.asked'>(leaf).data
      questions.push({ purpose, attempt, asked: moment(leaf.at) })
    } else if (leaf.type === 'consent.answered') {
      const { purpose, answer, method, afterMs, legalBasis, retentionDays, reason, replaces } =
        eventOf<'consent.answered'>(leaf).data
      const attempt = questions.findLast(asked => asked.purpose === purpose)?.attempt
      answers.push({
        purpose,
        answer,
        method,
        ...pickPersonal(personal, 'digit'),
        ...(attempt === undefined ? {} : { attempt }),
        afterMs,
        answered: moment(leaf.at),
        legalBasis,
        retentionDays,
        ...(reason === undefined ? {} : { reason }),
        ...(replaces === undefined ? {} : { replaces }),
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
  for (const answer of answers) if (validAnswer(answers, answer.purpose) !== answer) answer.overruled = true
  return { disclosures, questions, answers }
}

function promptOf(leaf: LoggedEvent['leaf'], moment: (at: string) => Moment): StatementPrompt {
  const { prompt, version, text, sha256, lengthMs, heardMs, end, reason } = eventOf<'prompt.ended'>(leaf).data
  const told = { prompt, version, text, sha256, lengthMs, heardMs, end }
  return { ...told, ...(reason === undefined ? {} : { reason }), ended: moment(leaf.at) }
}

/** Where two answers meet (one whose commit was given up, and its replacement), the no stands. */
function validAnswer(answers: readonly StatementAnswer[], purpose: string): StatementAnswer | undefined {
  const given = answers.filter(answer => answer.purpose === purpose)
  return given.find(({ answer }) => answer !== 'granted' && answer !== 'notice') ?? given[0]
}
