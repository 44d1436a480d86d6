import { type CallerGroup, type CallerPlan, drawCallers } from './callers/plan.js'
import type { Fault } from './catalogue/fault.js'
import { Dice } from './dice.js'

/** One fault at its place in a batch. */
export interface Strike {
  fault: Fault
  /** From the end of the one before it, or of the batch's beginning, ms. */
  afterMs: number
  /** How long it lasts, ms. */
  forMs: number
  /** From which whatever else it needs is drawn. */
  seed: number
}

/** Calls, and the faults that are struck under them. */
export interface Batch {
  number: number
  callers: CallerPlan[]
  /** Strikes one after another; both lanes at once, so that two faults meet. */
  lanes: Strike[][]
}

export interface ScheduleOptions {
  seed: number
  faults: number
  /** Who calls in each batch, group by group. */
  callers: readonly CallerGroup[]
  /** Faults in one batch. */
  perBatch: number
  catalogue: readonly Fault[]
}

/** Pause between the faults of a lane, ms: at times too short to recover from one, at times long enough. */
const PAUSE_MS: [number, number] = [100, 2_600]
/** Before the first fault, ms: long enough for the first callers to agree, so that faults meet recordings as well. */
const QUIET_START_MS = 9_000
/** Faults that end calls leave nothing to strike at, so such a batch has few. */
const ENDING_PER_BATCH = 3

/** All batches of a run. The same options always give the same. */
export function drawSchedule(options: ScheduleOptions): Batch[] {
  const dice = new Dice(options.seed)
  const drawn = Array.from({ length: options.faults }, () => draw(dice, options.catalogue))
  const usual = splitInto(
    drawn.filter(({ fault }) => !fault.endsCalls),
    options.perBatch,
  )
  const ending = splitInto(
    drawn.filter(({ fault }) => fault.endsCalls),
    ENDING_PER_BATCH,
  )
  return [...usual, ...ending].map((strikes, i) => ({
    number: i + 1,
    callers: drawGroups(dice, options.callers),
    lanes: (strikes[0]!.fault.endsCalls ? [strikes] : inLanes(strikes)).map(afterQuietStart),
  }))
}

/** Each caller has an index of its own in the batch. */
function drawGroups(dice: Dice, groups: readonly CallerGroup[]): CallerPlan[] {
  const all: CallerPlan[] = []
  for (const group of groups) all.push(...drawCallers(dice, group, all.length + 1))
  return all
}

function draw(dice: Dice, catalogue: readonly Fault[]): Strike {
  const fault = dice.weighed(catalogue)
  const times = { afterMs: dice.within(...PAUSE_MS), forMs: dice.within(...fault.lasts) }
  return { fault, ...times, seed: dice.within(1, 1e9) }
}

const inLanes = (strikes: Strike[]): Strike[][] =>
  [0, 1].map(lane => strikes.filter((_, i) => i % 2 === lane)).filter(lane => lane.length > 0)

/** The first strike waits until there is something to strike at. */
const afterQuietStart = ([first, ...rest]: Strike[]): Strike[] => [
  { ...first!, afterMs: first!.afterMs + QUIET_START_MS },
  ...rest,
]

const splitInto = <T>(list: T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))
