import type { Answer, EventData, PromptEnd } from '../shared/events.js'
import type { Unsettled, VoiceEvidence } from '../shared/speech-events.js'
import { eventOf, type LoggedEvent, type Moment, pickPersonal } from './leaf.js'

/** One played prompt in a receipt's statement. */
export interface StatementPrompt {
  prompt: string
  version: number
  text: string
  /** Hash of the audio, hex. */
  sha256: string
  lengthMs: number
  heardMs: number
  end: PromptEnd
  reason?: string
  ended: Moment
}

/** The choice of a language. It is absent if none was offered. */
export interface StatementLanguage {
  /** The prompts that offered languages. */
  offers: StatementPrompt[]
  /** Absent if the call ended before. */
  chosen?: EventData['call.language-chosen'] & { at: Moment }
}

export interface StatementQuestion {
  purpose: string
  attempt: number
  asked: Moment
  /** Absent if the call ended before the question was played. */
  played?: StatementPrompt
  /** Speech that was no answer. Absent if there was none. */
  unsettled?: { why: Unsettled; voice: VoiceEvidence; at: Moment }[]
  /** When and why nothing heard the caller any more. */
  speechLost?: { reason: string; at: Moment }
}

export interface StatementAnswer {
  purpose: string
  answer: Answer
  method: EventData['consent.answered']['method']
  /** The pressed key, unless erased. */
  digit?: string
  /** The spoken words, unless erased, or the engine does not transcribe. */
  words?: string
  /** What was heard, if the answer was spoken. */
  voice?: VoiceEvidence
  /** A key confirmed the spoken answer. Absent if none was wanted. */
  confirmedBy?: 'key'
  /** Time from the spoken answer to that key, ms. */
  confirmedAfterMs?: number
  /** The spoken yes is kept as a recording of the purpose `consent`. Absent if it is not. */
  keepAnswer?: { legalBasis: string; retentionDays: number }
  /** Number of the attempt that was answered. Absent if the purpose was not asked. */
  attempt?: number
  /** Time since the question's start, ms. */
  afterMs: number | null
  answered: Moment
  legalBasis: string
  retentionDays: number
  reason?: string
  /** Event of the answer that this one replaces, because its append timed out. If both were committed, one is overruled. */
  replaces?: string
  /** The prompt that confirmed the answer. */
  confirmation?: StatementPrompt
  withdrawn?: Moment
  /** Another answer to the same purpose is valid. Of a yes and a no, the no is. */
  overruled?: true
}

/**
 * The prompts, questions and answers of a call. Prompts are assigned to the last question or answer before them.
 *
 * @param moment converts the time of an event
 */
export function conversationOf(events: readonly LoggedEvent[], moment: (at: string) => Moment) {
  const disclosures: StatementPrompt[] = []
  const questions: StatementQuestion[] = []
  const answers: StatementAnswer[] = []
  const choice: StatementLanguage = { offers: [] }
  for (const { leaf, personal } of events) {
    if (leaf.type === 'consent.asked') {
      const { purpose, attempt } = eventOf<'consent.asked'>(leaf).data
      questions.push({ purpose, attempt, asked: moment(leaf.at) })
    } else if (leaf.type === 'consent.answered') {
      const { purpose, answer, method, afterMs, legalBasis, retentionDays, reason, replaces, ...spoken } =
        eventOf<'consent.answered'>(leaf).data
      const attempt = questions.findLast(asked => asked.purpose === purpose)?.attempt
      answers.push({
        purpose,
        answer,
        method,
        ...pickPersonal(personal, 'digit', 'words'),
        ...pickSpoken(spoken),
        ...(attempt === undefined ? {} : { attempt }),
        afterMs,
        answered: moment(leaf.at),
        legalBasis,
        retentionDays,
        ...(reason === undefined ? {} : { reason }),
        ...(replaces === undefined ? {} : { replaces }),
      })
    } else if (leaf.type === 'speech.unsettled') {
      const { why, voice } = eventOf<'speech.unsettled'>(leaf).data
      const question = questions.at(-1)
      if (question) question.unsettled = [...(question.unsettled ?? []), { why, voice, at: moment(leaf.at) }]
    } else if (leaf.type === 'speech.lost') {
      const { reason } = eventOf<'speech.lost'>(leaf).data
      const question = questions.at(-1)
      if (question) question.speechLost ??= { reason, at: moment(leaf.at) }
    } else if (leaf.type === 'call.language-chosen') {
      const { language, how } = eventOf<'call.language-chosen'>(leaf).data
      choice.chosen = { language, how, at: moment(leaf.at) }
    } else if (leaf.type === 'consent.withdrawn') {
      const { purposes } = eventOf<'consent.withdrawn'>(leaf).data
      for (const answer of answers)
        if (purposes.includes(answer.purpose)) answer.withdrawn ??= moment(leaf.at)
    } else if (leaf.type === 'prompt.ended') {
      const { role } = eventOf<'prompt.ended'>(leaf).data
      const played = promptOf(leaf, moment)
      const question = questions.at(-1)
      const answer = answers.at(-1)
      if (role === 'language') choice.offers.push(played)
      else if (role === 'disclosure') disclosures.push(played)
      else if (role === 'question' && question) question.played ??= played
      else if ((role === 'granted' || role === 'refused') && answer) answer.confirmation ??= played
    }
  }
  for (const answer of answers) if (validAnswer(answers, answer.purpose) !== answer) answer.overruled = true
  const offered = choice.offers.length > 0 || choice.chosen !== undefined
  return { ...(offered && { languageChoice: choice }), disclosures, questions, answers }
}

const pickSpoken = ({
  voice,
  confirmedBy,
  confirmedAfterMs,
  keepAnswer,
}: Partial<EventData['consent.answered']>) => ({
  ...(voice === undefined ? {} : { voice }),
  ...(confirmedBy === undefined ? {} : { confirmedBy }),
  ...(confirmedAfterMs === undefined ? {} : { confirmedAfterMs }),
  ...(keepAnswer === undefined ? {} : { keepAnswer }),
})

function promptOf(leaf: LoggedEvent['leaf'], moment: (at: string) => Moment): StatementPrompt {
  const { prompt, version, text, sha256, lengthMs, heardMs, end, reason } = eventOf<'prompt.ended'>(leaf).data
  const prompted = { prompt, version, text, sha256, lengthMs, heardMs, end }
  return { ...prompted, ...(reason === undefined ? {} : { reason }), ended: moment(leaf.at) }
}

/** An append that timed out may be committed beside its replacement. Of two answers the no is valid. */
function validAnswer(answers: readonly StatementAnswer[], purpose: string): StatementAnswer | undefined {
  const given = answers.filter(answer => answer.purpose === purpose)
  return given.find(({ answer }) => answer !== 'granted' && answer !== 'notice') ?? given[0]
}
