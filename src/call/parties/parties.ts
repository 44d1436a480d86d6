import { LEGS, type Leg } from '../../core/audio.js'
import { omittedLegs } from '../../core/party-events.js'
import {
  asksCallers,
  type HoldRule,
  type LinePolicy,
  type OutsiderRule,
  type Purpose,
} from '../../core/policy.js'
import { isOwn, isRecordable } from '../machine/answers.js'
import type { Announcement, CallState, PurposeAnswer } from '../machine/call-states.js'
import { covers, holdsOn } from '../run/announcement.js'

/** A person's agreements. */
export type Agreed = ReadonlyMap<Purpose, Announcement>

/** A participant: a person who can be heard in a conversation. */
export type Party =
  /** Of the company, such as an agent. Informed by contract, and never asked. */
  | { side: 'inside' }
  /** Anyone else: callers, and participants who were never asked. */
  | {
      side: 'outside'
      agreed: Agreed
      /** Other agreements of this person: for the recordings of others only, and in other calls of the same person. */
      also?: readonly Agreed[]
    }

/** An external participant who was never asked, or of whom nothing is known. */
export const STRANGER: Party = { side: 'outside', agreed: new Map() }

/**
 * What is recorded, and the reason for leaving something out. `line`: nothing, because the caller's own yes does not
 * hold on the current line. `party`: nothing, because another external participant has not agreed. `own-side`: for the
 * same reason only what the caller says, and not what the caller hears. `hold`: nothing, because the caller is on hold,
 * or waits alone.
 */
export type Verdict = 'record' | 'line' | 'party' | 'own-side' | 'hold'

/** What is recorded of each purpose. */
export type Verdicts = ReadonlyMap<Purpose, Verdict>

/** The legs that a verdict lets into the recordings. */
export const sidesOf = (verdict: Verdict): readonly Leg[] =>
  verdict === 'record' ? LEGS : LEGS.filter(leg => !omittedLegs(verdict).includes(leg))

/**
 * What a caller's answers allow on the current line. A line that records nothing allows nothing. A purpose of the line
 * needs a yes to this line's announcement; a notice is not enough where callers are asked. A purpose that the line does
 * not have continues.
 *
 * @param prompts those of the call; without them, the line's words are not known
 */
export function agreedOn(
  line: LinePolicy,
  answers: readonly PurposeAnswer[],
  prompts?: CallState['prompts'],
): Agreed {
  const agreed = new Map<Purpose, Announcement>()
  if (line.mode === 'none') return agreed
  for (const one of answers) {
    if (!isOwn(one) || !isRecordable(one) || !holdsOn(line, one, prompts)) continue
    agreed.set(one.purpose, one.announced)
  }
  return agreed
}

/** A person's agreements for the recordings of other calls. They hold on every line. */
const agreedElsewhere = (answers: readonly PurposeAnswer[]): Agreed =>
  new Map(
    answers.flatMap(one => (!isOwn(one) && isRecordable(one) ? [[one.purpose, one.announced] as const] : [])),
  )

/** Whether answers contain a new yes for the person's own call: to another purpose, or to a changed announcement. */
export function hasNewYes(given: readonly PurposeAnswer[], before: readonly PurposeAnswer[]): boolean {
  const yeses = (all: readonly PurposeAnswer[]) => all.filter(one => isOwn(one) && isRecordable(one))
  const isKnown = (one: PurposeAnswer) =>
    yeses(before).some(({ purpose, announced }) => purpose === one.purpose && announced === one.announced)
  return yeses(given).some(one => !isKnown(one))
}

/** Whether and what a call allows to be recorded. */
export interface Standing {
  /** What the caller's answers allow on the current line. */
  agreed: Agreed
  /** The person's agreements for the recordings of other calls. */
  elsewhere: Agreed
  /** The purposes of running recordings, and those with a yes or notice that is not withdrawn. */
  recorded: readonly Purpose[]
  /** Whether any question, or a notice, has an answer. */
  answered: boolean
  /**
   * The purposes for the caller to answer that have no yes that holds: after a no, silence, a withdrawal, or a fault in
   * the question.
   */
  refused: readonly Purpose[]
  /** The current line's rule for an external participant who has not agreed. */
  onOutsider: OutsiderRule
  /** Its rule for a caller who is on hold, or waits alone. */
  onHold: HoldRule
  /** Whether agents can have the caller asked by keys there. */
  asksByKey: boolean
}

/**
 * Computes the standing of a call. For a recovered call, the line may have another version by now, and the caller may
 * have reached another line: all answers hold until the caller comes to a line.
 *
 * @param recoveredOn the line on which a recovered call continues; undefined for any other call
 * @param barred the purposes that the previous service barred because of the line, which is not known then
 * @param running the purposes of the call's recordings
 */
export const standingIn =
  (recoveredOn: LinePolicy | undefined, barred: readonly Purpose[], running: () => readonly Purpose[]) =>
  ({ policy, answers, prompts }: Pick<CallState, 'policy' | 'answers' | 'prompts'>): Standing => {
    const given = answers.flatMap(one => (isRecordable(one) && isOwn(one) ? one.purpose : []))
    const unknown = policy === recoveredOn
    const line = unknown ? { ...policy, mode: 'key' as const, purposes: [] } : policy
    const agreed = agreedOn(line, answers, prompts)
    return {
      agreed: unknown ? without(agreed, barred) : agreed,
      elsewhere: agreedElsewhere(answers),
      recorded: [...new Set([...running(), ...given])],
      answered: answers.length > 0,
      refused: answers.flatMap(one => (isRecordable(one) || one.superseded ? [] : one.purpose)),
      onOutsider: policy.onOutsider ?? 'pause',
      onHold: policy.onHold ?? 'record',
      asksByKey: policy.askKeys !== undefined && asksCallers(policy),
    }
  }

/**
 * What is recorded of a caller for some purposes while these other participants are audible. Each recording of a call
 * is judged separately, so that one continues while another is paused.
 *
 * @param recorded the purposes; they are recorded together or not at all
 * @param own the caller's agreements on the current line
 * @param others all other audible participants
 * @param rule the rule for an external participant who has not agreed. `own-side` only if the caller is alone on the
 *   caller's side
 * @param held whether the line leaves out the current audio, because the caller is on hold or waits alone
 */
export function verdictOn(
  recorded: readonly Purpose[],
  own: Agreed,
  others: readonly Party[],
  rule: OutsiderRule = 'pause',
  held = false,
): Verdict {
  if (recorded.some(purpose => !own.has(purpose))) return 'line'
  const allowed = (party: Party) =>
    party.side === 'inside' ||
    recorded.every(purpose =>
      [party.agreed, ...(party.also ?? [])].some(agreed => agrees(agreed, purpose, own.get(purpose)!)),
    )
  if (others.every(allowed)) return held ? 'hold' : 'record'
  return rule === 'own-side' && !held ? 'own-side' : 'party'
}

const without = (agreed: Agreed, purposes: readonly Purpose[]): Agreed =>
  new Map([...agreed].filter(([purpose]) => !purposes.includes(purpose)))

function agrees(agreed: Agreed, purpose: Purpose, wanted: Announcement): boolean {
  const announced = agreed.get(purpose)
  return announced !== undefined && covers(announced, wanted)
}
