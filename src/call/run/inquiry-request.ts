import type { CallId } from '../../core/ids.js'
import type { InquiryBy } from '../../core/party-events.js'
import { asksCallers, type LinePolicy, type Purpose, type PurposePolicy } from '../../core/policy.js'
import { isOwn, isRecordable } from '../machine/answers.js'
import type { CallState, Fact, PurposeAnswer } from '../machine/call-states.js'
import { inLanguage } from '../machine/language-choice.js'
import { announcementOf, covers } from './announcement.js'

/** A request to ask a person in a conversation. */
export interface InquiryRequest {
  by: InquiryBy
  /**
   * If the reason is the recording of another call: that call, the line whose terms apply, and the recorded purposes.
   */
  recorded?: { call: CallId; line: LinePolicy; purposes: readonly Purpose[] }
}

/**
 * Why a person is not asked. `not-talking`: no conversation, or one through a `Local` channel, behind which others may
 * be. `asking`: a question is open. `paused`: an agent or a program has paused the recordings. `nothing-to-ask`: the
 * line asks nothing, or every purpose has an answer that holds. `from-inside`: the call came from a phone of the
 * company. `shed`: calls are shed, so no questions are asked.
 */
export type NotAsked = 'not-talking' | 'asking' | 'paused' | 'nothing-to-ask' | 'from-inside' | 'shed'

/** How a person takes part in the recordings of other calls. */
export interface OutsiderIn {
  /** The call for whose recording the person is being asked; null without a question, or for the person's own call. */
  askedFor: CallId | null
  /** The recorded call that the person has joined, if the own call was begun only for that; else null. */
  joined: CallId | null
  /** The call for whose recording the person was last asked, if that question ended without an answer. */
  cutOff: CallId | null
}

/** How the person of a call takes part in the recordings of other calls. */
export const outsiderIn = ({ step, inquiry, joined, cutOff }: CallState): OutsiderIn => ({
  ...{ askedFor: step === 'talking' ? (inquiry?.recorded ?? null) : null, joined, cutOff },
})

/**
 * The purposes of a line that a person may be asked for in a conversation: those without a yes that holds on this line.
 * A withdrawn yes is not asked for again.
 *
 * @param answers those that hold for the question: for the person's own call, or also for the recordings of others
 * @param prompts those of the person's call
 * @returns empty on a line without questions
 */
export function purposesToAsk(
  line: LinePolicy,
  answers: readonly PurposeAnswer[],
  prompts: CallState['prompts'],
): PurposePolicy[] {
  if (!asksCallers(line)) return []
  return line.purposes.filter(one => {
    const given = answers.filter(({ purpose }) => purpose === one.purpose)
    if (given.some(({ withdrawn }) => withdrawn)) return false
    const holds = ({ announced }: PurposeAnswer) => covers(announced, announcementOf(line, one, prompts))
    return !given.some(answer => isRecordable(answer) && holds(answer))
  })
}

/** Whether a line asks for every recorded purpose, so that another participant can agree to all of them. */
export const asksForAll = (line: LinePolicy, recorded: readonly Purpose[]): boolean =>
  asksCallers(line) && recorded.every(one => line.purposes.some(({ purpose }) => purpose === one))

/**
 * The fact by which the machine asks a person.
 *
 * @param running the purposes of the call's recordings
 * @returns the reason if the person is not asked
 */
export function inquiryFor(
  { step, inquiry, policy, answers, chosen, prompts }: CallState,
  { by, recorded }: InquiryRequest,
  running: readonly Purpose[],
): Extract<Fact, { fact: 'ask-now' }> | NotAsked {
  if (step !== 'talking') return 'not-talking'
  if (inquiry) return 'asking'
  const line = recorded ? inLanguage(recorded.line, chosen) : policy
  const isRecorded = ({ purpose }: { purpose: Purpose }) => !recorded || recorded.purposes.includes(purpose)
  const given = recorded ? answers : answers.filter(isOwn)
  const purposes = purposesToAsk(line, given, prompts).filter(isRecorded)
  // The recording needs a yes to every recorded purpose. With one of them withdrawn, a question could not achieve that.
  const inVain = recorded && answers.some(one => one.withdrawn && isRecorded(one))
  if (inVain || purposes.length === 0) return 'nothing-to-ask'
  const untapped = recorded
    ? []
    : purposes.map(({ purpose }) => purpose).filter(one => !running.includes(one))
  return { fact: 'ask-now', by, policy: line, purposes, untapped, recorded: recorded?.call ?? null }
}
