import type { Answer, Decision } from '../shared/events.js'
import type { LinePolicy, Purpose, PurposePolicy } from '../shared/policy.js'
import type { PurposeAnswer } from './call-states.js'

/* What the answers of a call come to. */

/** Whether an answer was given for the person's own call. */
export const isOwn = ({ elsewhere }: PurposeAnswer): boolean => elsewhere !== true

/** Those that count for the call: the person's own. As long as there are none, those for the recordings of other calls do. */
function counted(given: readonly PurposeAnswer[]): readonly PurposeAnswer[] {
  const own = given.filter(isOwn)
  return own.length > 0 ? own : given
}

/** The answer to each purpose as it counts now. A withdrawn yes is a no. */
export const answersOf = (given: readonly PurposeAnswer[]): { purpose: Purpose; answer: Answer }[] =>
  counted(given).map(({ purpose, answer, withdrawn }) => ({
    purpose,
    answer: withdrawn ? 'refused' : answer,
  }))

/** The decision of the call: `granted` if any purpose is, else the first purpose's answer. A withdrawn yes is a no. */
export function decisionOf(given: readonly PurposeAnswer[]): Decision {
  const answers = answersOf(given).map(({ answer }) => answer)
  return answers.includes('granted') ? 'granted' : (answers[0] ?? 'failed')
}

/** Whether an answer lets a recording begin. */
export const mayRecord = (answer: Answer): boolean => answer === 'granted' || answer === 'notice'

/** Whether a purpose may be recorded now: the answer allows it and is not withdrawn. */
export const isRecordable = ({ answer, withdrawn }: PurposeAnswer): boolean => mayRecord(answer) && !withdrawn

/** Whether something of the person's own call may be recorded. */
export const hasOwnYes = (given: readonly PurposeAnswer[]): boolean =>
  given.some(one => isOwn(one) && isRecordable(one))

/**
 * The purposes of a line to which the person has not answered for their own call.
 *
 * @returns empty on a line that records nothing
 */
export const unanswered = (
  { mode, purposes }: LinePolicy,
  given: readonly PurposeAnswer[],
): PurposePolicy[] =>
  mode === 'none'
    ? []
    : purposes.filter(one => !given.some(done => isOwn(done) && done.purpose === one.purpose))

/** Answers without those that were given to some purposes for the recordings of other calls. */
export const ownTo = (
  purposes: readonly Pick<PurposeAnswer, 'purpose'>[],
  given: readonly PurposeAnswer[],
): PurposeAnswer[] =>
  given.filter(one => isOwn(one) || !purposes.some(({ purpose }) => purpose === one.purpose))

/**
 * Answers of a visit beside those that were given before. Whoever does not agree to a purpose for their own call agrees to it no longer for
 * the recording of another one.
 */
export const withVisit = (
  before: readonly PurposeAnswer[],
  given: readonly PurposeAnswer[],
): readonly PurposeAnswer[] => {
  if (given.length === 0) return before
  const noes = given.filter(one => !isRecordable(one))
  return [...ownTo(noes, before), ...given]
}
