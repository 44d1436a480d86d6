import { LEGS, type Leg } from '../shared/audio.js'
import { omittedLegs } from '../shared/party-events.js'
import {
  asksCallers,
  type HoldRule,
  type LinePolicy,
  type OutsiderRule,
  type Purpose,
} from '../shared/policy.js'
import { isOwn, isRecordable } from './answers.js'
import type { CallState, PurposeAnswer, Told } from './call-states.js'
import { covers, holdsOn, toldBy } from './told.js'

/** What somebody has agreed to. */
export type Agreed = ReadonlyMap<Purpose, Told>

/** Somebody who can be heard in a conversation. */
export type Party =
  /** Of the company, such as an agent. Told by contract, and never asked. */
  | { side: 'inside' }
  /** Anybody else: callers, and whoever was never asked. */
  | {
      side: 'outside'
      agreed: Agreed
      /** What this person has agreed to besides: for the recordings of others alone, and in other calls of the same person. */
      also?: readonly Agreed[]
    }

/** Somebody from outside who was never asked, or of whom nothing is known. */
export const STRANGER: Party = { side: 'outside', agreed: new Map() }

/**
 * What is recorded, and why not everything. `line`: nothing, because on the line where the caller is now the caller's own yes does not hold.
 * `party`: nothing, because somebody else from outside is there who has not agreed. `own-side`: for the same reason not what the caller
 * hears, but what the caller says. `hold`: nothing, because the caller is on hold, or waits alone.
 */
export type Verdict = 'record' | 'line' | 'party' | 'own-side' | 'hold'

/** What is recorded of each purpose. */
export type Verdicts = ReadonlyMap<Purpose, Verdict>

/** The sides that a verdict lets into the recordings. */
export const sidesOf = (verdict: Verdict): readonly Leg[] =>
  verdict === 'record' ? LEGS : LEGS.filter(leg => !omittedLegs(verdict).includes(leg))

/** What was told with an answer of an older version. It covers nothing but itself. */
const UNKNOWN: Told = { basis: '', days: 0, asked: false }

/**
 * What a caller's answers allow on the line where the caller is now. A line that records nothing allows nothing. A purpose of the line
 * needs a yes to what this line tells: a notice does not do where callers are asked. A purpose that the line does not know goes on.
 *
 * @param prompts those of the call; without them, nobody knows in which words the line tells it
 */
export function agreedOn(
  line: LinePolicy,
  answers: readonly PurposeAnswer[],
  prompts?: CallState['prompts'],
): Agreed {
  const agreed = new Map<Purpose, Told>()
  if (line.mode === 'none') return agreed
  for (const one of answers) {
    if (!isOwn(one) || !isRecordable(one) || !holdsOn(line, one, prompts)) continue
    const asking = line.purposes.find(({ purpose }) => purpose === one.purpose)
    agreed.set(one.purpose, one.told ?? (asking && toldBy(line, asking, prompts)) ?? UNKNOWN)
  }
  return agreed
}

/** What a person has agreed to for the recordings of other calls. It holds whatever line the person has reached. */
const agreedElsewhere = (answers: readonly PurposeAnswer[]): Agreed =>
  new Map(
    answers.flatMap(one =>
      !isOwn(one) && isRecordable(one) ? [[one.purpose, one.told ?? UNKNOWN] as const] : [],
    ),
  )

/** Whether answers have a yes for the person's own call that others do not have: to another purpose, or to what was told anew. */
export function hasNewYes(given: readonly PurposeAnswer[], before: readonly PurposeAnswer[]): boolean {
  const yeses = (all: readonly PurposeAnswer[]) => all.filter(one => isOwn(one) && isRecordable(one))
  const isKnown = (one: PurposeAnswer) =>
    yeses(before).some(({ purpose, told }) => purpose === one.purpose && told === one.told)
  return yeses(given).some(one => !isKnown(one))
}

/** How a call stands towards recording. */
export interface Standing {
  /** What the caller's answers allow on the line where the caller is now. */
  agreed: Agreed
  /** What the person has agreed to for the recordings of other calls. */
  elsewhere: Agreed
  /** The purposes that are recorded, or about to be: those of running recordings, and those with a yes or notice that is not withdrawn. */
  recorded: readonly Purpose[]
  /** Whether any question, or a notice, has an answer. */
  answered: boolean
  /** The purposes to which the caller was to answer and has no yes that holds: after a no, silence, a withdrawal, or a fault in the question. */
  refused: readonly Purpose[]
  /** What the line where the caller is now says of somebody from outside who has not agreed. */
  onOutsider: OutsiderRule
  /** What it says of a caller who is on hold, or waits alone. */
  onHold: HoldRule
  /** Whether agents have the caller asked by keys there. */
  asksByKey: boolean
}

/**
 * Tells how a call stands, as it goes on. Of a recovered call, the line may have another version by now, and the caller may have reached another one:
 * all answers hold until the caller comes to a line.
 *
 * @param recoveredOn the line on which a recovered call goes on; undefined for any other call
 * @param barred the purposes whose recording the service before barred because of the line, which is not known then
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
 * What is recorded of a caller for some purposes while these others can be heard. Each recording of a call is judged for itself, so that one goes on
 * while another is paused.
 *
 * @param recorded the purposes, whose recordings all go on or none
 * @param own what the caller has agreed to, where the caller is now
 * @param others everybody else who can be heard
 * @param rule what happens if one of them is from outside and has not agreed. `own-side` only if nobody but the caller is on the caller's
 *   side
 * @param held whether the line leaves out what is said now, because the caller is on hold or waits alone
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

function agrees(agreed: Agreed, purpose: Purpose, wanted: Told): boolean {
  const told = agreed.get(purpose)
  return told !== undefined && covers(told, wanted)
}
