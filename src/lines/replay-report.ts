import type { SimulatedOutcome } from '../call/simulate/replay-call.js'
import type { Decision } from '../core/events.js'

/** Why a call was not replayed. */
export type LeftOut =
  /** It has no decision yet. */
  | 'undecided'
  /** A fault decided it, not its caller. */
  | 'failed'
  /** The version of its line is not stored any more. */
  | 'unknown-version'
  /** The replay on its own version differs from the call. */
  | 'not-reproduced'

/** One call, replayed on its own version and on the tested line. */
export type ReplayedCall = { leftOut: LeftOut } | { before: SimulatedOutcome; after: SimulatedOutcome }

/** How soon callers reach the agent, s from the start of their call. Null if none does. */
export interface Seconds {
  median: number
  /** The time by which 95 of 100 callers have reached the agent. */
  p95: number
  longest: number
}

/** The differences between the replays. */
export interface ReplayReport {
  /** The tested line, and the number whose calls were replayed. */
  line: string
  of: string
  /** Number of calls that were read. */
  calls: number
  replayed: number
  leftOut: Record<LeftOut, number>
  /** Number of calls with another decision. */
  otherwise: number
  /** The changed decisions, the most frequent first. */
  changes: { before: Decision | null; after: Decision | null; calls: number }[]
  /** How often each decision occurs, and how soon its callers reach the agent. */
  decisions: {
    decision: Decision
    before: number
    after: number
    secondsBefore: Seconds | null
    secondsAfter: Seconds | null
  }[]
  secondsToAgent: { before: Seconds | null; after: Seconds | null }
  /** Number of calls that are recorded for any purpose. */
  recorded: { before: number; after: number }
}

/** Counts the differences. */
export function compareOutcomes(calls: readonly ReplayedCall[]): Omit<ReplayReport, 'line' | 'of'> {
  const replayed = calls.flatMap(call => ('leftOut' in call ? [] : [call]))
  const leftOut = { undecided: 0, failed: 0, 'unknown-version': 0, 'not-reproduced': 0 }
  for (const call of calls) if ('leftOut' in call) leftOut[call.leftOut]++
  const [before, after] = [replayed.map(call => call.before), replayed.map(call => call.after)]
  const changed = replayed.filter(call => call.before.decision !== call.after.decision)
  const countRecorded = (outcomes: SimulatedOutcome[]) =>
    outcomes.filter(({ recorded }) => recorded.length > 0).length
  return {
    ...{ calls: calls.length, replayed: replayed.length, leftOut, otherwise: changed.length },
    changes: changesIn(changed),
    decisions: decisionsIn(before, after),
    secondsToAgent: { before: secondsOf(before), after: secondsOf(after) },
    recorded: { before: countRecorded(before), after: countRecorded(after) },
  }
}

function changesIn(changed: readonly { before: SimulatedOutcome; after: SimulatedOutcome }[]) {
  const counts = new Map<string, ReplayReport['changes'][number]>()
  for (const { before, after } of changed) {
    const key = `${before.decision} ${after.decision}`
    const found = counts.get(key) ?? { before: before.decision, after: after.decision, calls: 0 }
    counts.set(key, { ...found, calls: found.calls + 1 })
  }
  return [...counts.values()].sort((one, other) => other.calls - one.calls)
}

function decisionsIn(before: readonly SimulatedOutcome[], after: readonly SimulatedOutcome[]) {
  const decisions = [...new Set([...before, ...after].flatMap(({ decision }) => decision ?? []))].sort()
  const of = (outcomes: readonly SimulatedOutcome[], wanted: Decision) =>
    outcomes.filter(({ decision }) => decision === wanted)
  return decisions.map(decision => ({
    decision,
    before: of(before, decision).length,
    after: of(after, decision).length,
    secondsBefore: secondsOf(of(before, decision)),
    secondsAfter: secondsOf(of(after, decision)),
  }))
}

/** Callers who hang up, or whose call the line ends, do not reach the agent. */
function secondsOf(outcomes: readonly SimulatedOutcome[]): Seconds | null {
  const times = outcomes
    .flatMap(({ leftAt, next }) => (leftAt === null || next === 'hangup' ? [] : [leftAt / 1_000]))
    .sort((one, other) => one - other)
  if (times.length === 0) return null
  const at = (share: number) => round(times[Math.min(times.length - 1, Math.ceil(share * times.length) - 1)]!)
  return { median: at(0.5), p95: at(0.95), longest: round(times.at(-1)!) }
}

const round = (seconds: number): number => Math.round(seconds * 10) / 10
