import type { Answer, Decision } from '../../core/events.js'
import type { LinePolicy, Purpose, PurposePolicy } from '../../core/policy.js'
import { holdsOn } from '../run/announcement.js'
import type { CallState, PurposeAnswer } from './call-states.js'

/* Rules about the answers of a call. */

/** Whether an answer was given for the person's own call. */
export const isOwn = ({ elsewhere }: PurposeAnswer): boolean => elsewhere !== true

/**
 * The answers that count for the call: the person's own. Without any, the answers for the recordings of other calls
 * count.
 */
function counted(given: readonly PurposeAnswer[]): readonly PurposeAnswer[] {
  const own = given.filter(isOwn)
  return own.length > 0 ? own : given
}

/** A withdrawn yes is a no. */
const answerIn = ({ answer, withdrawn }: PurposeAnswer): Answer => (withdrawn ? 'refused' : answer)

const together = (answers: readonly Answer[]): Decision =>
  answers.includes('granted') ? 'granted' : (answers[0] ?? 'failed')

/**
 * The decision of the call: `granted` if any purpose is granted or was granted on another line, else the first
 * purpose's answer. A withdrawn yes is a no.
 */
export const decisionOf = (given: readonly PurposeAnswer[]): Decision =>
  together(counted(given).map(answerIn))

/**
 * The answer to each purpose as it counts on the caller's current line. A yes that does not hold there is `failed`,
 * because nothing is recorded on it.
 */
export const answersHere = ({
  policy,
  answers,
  prompts,
}: Pick<CallState, 'policy' | 'answers' | 'prompts'>): { purpose: Purpose; answer: Answer }[] =>
  counted(answers)
    .filter(({ superseded }) => !superseded)
    .map(one => {
      const { purpose } = one
      const isVoid = isYes(one) && !holdsOn(policy, one, prompts)
      return { purpose, answer: isVoid ? 'failed' : answerIn(one) }
    })

/** The decision as it counts on the caller's current line, see `answersHere`. @param only of these purposes */
export const decisionHere = (
  state: Pick<CallState, 'policy' | 'answers' | 'prompts'>,
  only: (purpose: Purpose) => boolean = () => true,
): Decision => together(answersHere(state).flatMap(({ purpose, answer }) => (only(purpose) ? answer : [])))

/** Whether an answer lets a recording begin. */
export const mayRecord = (answer: Answer): boolean => answer === 'granted' || answer === 'notice'

/** Whether an answer is a yes or a notice, and not withdrawn. */
export const isYes = ({ answer, withdrawn }: PurposeAnswer): boolean => mayRecord(answer) && !withdrawn

/** Whether a purpose may be recorded now: its answer is a yes or notice that is neither withdrawn nor superseded. */
export const isRecordable = (one: PurposeAnswer): boolean => isYes(one) && !one.superseded

/** Whether any purpose of the person's own call may be recorded. */
export const hasOwnYes = (given: readonly PurposeAnswer[]): boolean =>
  given.some(one => isOwn(one) && isRecordable(one))

/**
 * The purposes of a line without an answer for the person's own call, and those whose yes does not hold on this line. A
 * no counts on every line.
 *
 * @param prompts those of the call
 * @returns empty on a line that records nothing
 */
export function unanswered(
  line: LinePolicy,
  given: readonly PurposeAnswer[],
  prompts: CallState['prompts'],
): PurposePolicy[] {
  if (line.mode === 'none') return []
  const counts = given.filter(one => isOwn(one) && !one.superseded)
  return line.purposes.filter(({ purpose }) =>
    counts.every(one => one.purpose !== purpose || (isYes(one) && !holdsOn(line, one, prompts))),
  )
}

/** The given purposes that are asked again although the person has already said yes for their own call. */
export const askedAgain = (
  given: readonly PurposeAnswer[],
  purposes: readonly Pick<PurposeAnswer, 'purpose'>[],
): { again?: Purpose[] } => {
  const again = purposes.flatMap(({ purpose }) =>
    given.some(one => isOwn(one) && isYes(one) && one.purpose === purpose) ? purpose : [],
  )
  return again.length > 0 ? { again } : {}
}

/** The answers, without those given for the recordings of other calls to these purposes. */
export const ownTo = (
  purposes: readonly Pick<PurposeAnswer, 'purpose'>[],
  given: readonly PurposeAnswer[],
): PurposeAnswer[] =>
  given.filter(one => isOwn(one) || !purposes.some(({ purpose }) => purpose === one.purpose))

/**
 * Adds a visit's answers to the earlier ones. Of two answers to one purpose for the person's own call, the later one
 * counts. An answer that refuses a purpose for the person's own call also ends a yes to it for the recording of another
 * call.
 */
export const withVisit = (
  before: readonly PurposeAnswer[],
  given: readonly PurposeAnswer[],
): readonly PurposeAnswer[] => {
  if (given.length === 0) return before
  const noes = given.filter(one => !isRecordable(one))
  const isReplaced = (one: PurposeAnswer) =>
    isOwn(one) && given.some(({ purpose }) => purpose === one.purpose)
  const earlier = ownTo(noes, before).map(
    (one): PurposeAnswer => (isReplaced(one) ? { ...one, superseded: true } : one),
  )
  return [...earlier, ...given]
}
