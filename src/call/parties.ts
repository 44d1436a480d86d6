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
import { covers, toldBy } from './told.js'

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
      /** What this person has agreed to for the recordings of others alone. */
      elsewhere?: Agreed
    }

/** Somebody from outside who was never asked, or of whom nothing is known. */
export const STRANGER: Party = { side: 'outside', agreed: new Map() }

/**
 * What is recorded, and why not everything. `line`: nothing, because on the line where the caller is now the caller's own yes does not hold.
 * `party`: nothing, because somebody else from outside is there who has not agreed. `own-side`: for the same reason not what the caller
 * hears, but what the caller says. `hold`: nothing, because the caller is on hold, or waits alone.
 */
export type Verdict = 'record' | 'line' | 'party' | 'own-side' | 'hold'

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
    if (!isOwn(one) || !isRecordable(one)) continue
    const asking = line.purposes.find(({ purpose }) => purpose === one.purpose)
    const wanted = asking && toldBy(line, asking, prompts)
    // An older version did not journal what was told. Its answer counts where nothing else is told.
    const told = one.told ?? wanted ?? UNKNOWN
    if (!wanted || covers(told, wanted)) agreed.set(one.purpose, told)
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

/** Whether answers have a yes for the person's own call to a purpose that others do not have. */
export function hasNewYes(given: readonly PurposeAnswer[], before: readonly PurposeAnswer[]): boolean {
  const yeses = (all: readonly PurposeAnswer[]) => all.filter(one => isOwn(one) && isRecordable(one))
  return yeses(given).some(one => !yeses(before).some(({ purpose }) => purpose === one.purpose))
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
 * @param barred whether the service before barred the recording because of the line, which is not known then
 * @param running the purposes of the call's recordings
 */
export const standingIn =
  (recoveredOn: LinePolicy | undefined, barred: boolean, running: () => readonly Purpose[]) =>
  ({ policy, answers, prompts }: Pick<CallState, 'policy' | 'answers' | 'prompts'>): Standing => {
    const given = answers.flatMap(one => (isRecordable(one) && isOwn(one) ? one.purpose : []))
    const unknown = policy === recoveredOn
    const doubtful = barred && unknown
    const line = unknown ? { ...policy, mode: 'key' as const, purposes: [] } : policy
    return {
      agreed: doubtful ? new Map() : agreedOn(line, answers, prompts),
      elsewhere: agreedElsewhere(answers),
      recorded: [...new Set([...running(), ...given])],
      answered: answers.length > 0,
      refused: answers.flatMap(one => (isRecordable(one) ? [] : one.purpose)),
      onOutsider: policy.onOutsider ?? 'pause',
      onHold: policy.onHold ?? 'record',
      asksByKey: policy.askKeys !== undefined && asksCallers(policy),
    }
  }

/**
 * What is recorded of a caller while these others can be heard. It is the same for all recordings of a call.
 *
 * @param recorded the purposes that are recorded, or about to be
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
      [party.agreed, party.elsewhere].some(agreed => agreed && agrees(agreed, purpose, own.get(purpose)!)),
    )
  if (others.every(allowed)) return held ? 'hold' : 'record'
  return rule === 'own-side' && !held ? 'own-side' : 'party'
}

function agrees(agreed: Agreed, purpose: Purpose, wanted: Told): boolean {
  const told = agreed.get(purpose)
  return told !== undefined && covers(told, wanted)
}
