import type { Answer, EventData, PromptEnd } from '../core/events.js'
import type { Unsettled, VoiceEvidence } from '../core/speech-events.js'
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
  /** True if it was asked in the middle of a conversation. Absent otherwise. */
  inConversation?: true
  /** Absent if the call ended before the question was played. */
  played?: StatementPrompt
  /** Speech that was not an answer. Absent if there was none. */
  unsettled?: { why: Unsettled; voice: VoiceEvidence; at: Moment }[]
  /** When and why the service could no longer hear the caller. */
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
  /** True if the question was asked in the middle of a conversation. Absent otherwise. */
  inConversation?: true
  /**
   * Event of the answer that this one replaces, because its append timed out. If both were committed, one of them is
   * invalid.
   */
  replaces?: string
  /** The prompt that confirmed the answer. */
  confirmation?: StatementPrompt
  withdrawn?: Moment
  /** True if another answer to the same purpose is valid in its place. Of a yes and a no, the no is valid. */
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
  /** Keyed by the event of each answer. */
  const ids: string[] = []
  const choice: StatementLanguage = { offers: [] }
  for (const { leaf, personal } of events) {
    if (leaf.type === 'consent.asked') {
      const { purpose, attempt, inConversation } = eventOf<'consent.asked'>(leaf).data
      questions.push({ purpose, attempt, asked: moment(leaf.at), ...(inConversation && { inConversation }) })
    } else if (leaf.type === 'consent.answered') {
      const { data } = eventOf<'consent.answered'>(leaf)
      const { purpose, answer, method, afterMs, legalBasis, retentionDays, reason, replaces, ...spoken } =
        data
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
        ...(data.inConversation && { inConversation: true as const }),
        ...(replaces === undefined ? {} : { replaces }),
      })
      ids.push(leaf.uuid)
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
  const replaced = new Set(answers.flatMap(({ replaces }) => replaces ?? []))
  const counted = answers.filter(({ inConversation }, i) => !inConversation || !replaced.has(ids[i]!))
  for (const answer of answers) if (validAnswer(counted, answer.purpose) !== answer) answer.overruled = true
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

/**
 * An append that timed out may be committed beside its replacement. Of two such answers the no is valid. The first yes
 * to a question in the conversation is valid if only noes were answered before. A no there is valid only if no other
 * answer exists.
 */
function validAnswer(answers: readonly StatementAnswer[], purpose: string): StatementAnswer | undefined {
  const isNo = ({ answer }: StatementAnswer) => answer !== 'granted' && answer !== 'notice'
  const given = answers.filter(answer => answer.purpose === purpose)
  const first = given.filter(({ inConversation }) => !inConversation)
  const aside = given.filter(({ inConversation }) => inConversation)
  const lastNo = first.findLast(isNo)
  const mayOverrule = first.length === 0 || lastNo !== undefined
  const since = lastNo ? given.indexOf(lastNo) : -1
  const overruling = aside.find(one => mayOverrule && !isNo(one) && given.indexOf(one) > since)
  return overruling ?? first.find(isNo) ?? first[0] ?? aside.find(isNo) ?? aside[0]
}
