import { type CallerGroup, type CallerPlan, drawCallers } from './callers/plan.js'
import type { Fault } from './catalogue/fault.js'
import { Dice } from './dice.js'

/** One fault of a batch. */
export interface Strike {
  fault: Fault
  /** From the end of the fault before it, or from the batch's beginning, ms. */
  afterMs: number
  /** How long it lasts, ms. */
  forMs: number
  /** Seed of everything else that is random in it. */
  seed: number
}

/** Calls, and the faults that strike during them. */
export interface Batch {
  number: number
  callers: CallerPlan[]
  /** The faults of one lane strike one after another. Two lanes run at once, so that two faults meet. */
  lanes: Strike[][]
}

export interface ScheduleOptions {
  seed: number
  faults: number
  /** Groups of callers in each batch. */
  callers: readonly CallerGroup[]
  /** Faults in one batch. */
  perBatch: number
  catalogue: readonly Fault[]
}

/** Pause between the faults of a lane, ms: sometimes too short to recover from one, sometimes long enough. */
const PAUSE_MS: [number, number] = [100, 2_600]
/** Time before the first fault, ms: long enough for the first callers to agree, so that faults meet recordings. */
const QUIET_START_MS = 9_000
/** Faults in a batch of faults that end calls. They leave few calls for the next one. */
const ENDING_PER_BATCH = 3

/** Draws all batches of a run. The same options give the same batches. */
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

/** Draws the groups of callers. Each caller has its own index in the batch. */
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

/** Delays the first fault until there are calls. */
const afterQuietStart = ([first, ...rest]: Strike[]): Strike[] => [
  { ...first!, afterMs: first!.afterMs + QUIET_START_MS },
  ...rest,
]

const splitInto = <T>(list: T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size))
