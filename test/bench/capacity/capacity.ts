import { writeFile } from 'node:fs/promises'
import { type Lab, startLab } from '../../../lab/lab.js'
import { mayUseRealTime } from '../../../lab/process/start-process.js'
import { type Benchmark, figure, figureAtLeast, type Result } from '../support/benchmark.js'
import { drawFlames } from '../support/flame/draw.js'
import { type Recorded, recordStacks } from '../support/flame/record.js'
import { ASKED_NUMBER, type HeldCalls, type HoldOptions, holdCalls } from './hold-calls.js'

/** Calls that must be held at once. */
const REACH = 400
/** Further calls in each step of `--full`, until one is not recorded completely. */
const CALLS_STEP = 50
/** How long calls are held, ms. */
const HOLD_MS = 60_000
/** How long stacks are recorded for the flame graph, s. */
const FLAME_SECONDS = 10

/**
 * At half speed half as many callers come: 400 keep Asterisk and the callers themselves so busy, recorded or not, that nothing is left. Without
 * real-time priority single packets are lost, so this share of a recording makes it whole.
 */
const [HALF_CALLS, HALF_SHARE] = [REACH / 2, 0.995]

/** The PBX itself is the agent and echoes the caller. So the content of both legs is known, and it costs least. */
const EXTENSIONS = `
exten => ${ASKED_NUMBER},1,Gosub(consentry,s,1)
 same => n,Answer()
 same => n,Echo()
 same => n,Hangup()
`

/**
 * How many recorded calls two processors carry at once, callers included, without losing a packet of either leg. `--full` adds
 * calls until packets are lost.
 */
export const benchmark: Benchmark = async ({ full, half, flame, tell }) => {
  const realTime = mayUseRealTime()
  if (!realTime) tell('only root may give Asterisk and the callers real-time priority: expect losses')
  const holdSome = (calls: number) =>
    inLab(realTime, tell, lab =>
      holdCalls({ lab, calls, holdMs: HOLD_MS, first: realTime, leastShare: half ? HALF_SHARE : 1, tell }),
    )
  let calls = half ? HALF_CALLS : REACH
  let held = await holdSome(calls)
  const results = toResults(calls, half, held)
  let most = held.whole
  while (full && held.whole === calls) {
    most = calls
    calls += CALLS_STEP
    held = await holdSome(calls)
    tell(`${held.whole} of ${calls} whole`)
  }
  // Recording stacks is a load of its own, so it has calls of its own.
  if (flame)
    await inLab(realTime, tell, lab => drawFlameGraph({ lab, calls: REACH, first: realTime, tell }, flame))
  return full
    ? [...results, figure({ measure: 'most held at once, all whole', value: most, unit: '' })]
    : results
}

async function inLab<T>(
  realTime: boolean,
  progress: (line: string) => void,
  work: (lab: Lab) => Promise<T>,
): Promise<T> {
  const lab = await startLab({ extensions: EXTENSIONS, realTime, progress })
  try {
    return await work(lab)
  } finally {
    await lab.stop()
  }
}

/** Holds calls and draws a flame graph of the processor time. */
async function drawFlameGraph(options: Omit<HoldOptions, 'holdMs'>, path: string): Promise<void> {
  let recorded: Recorded | undefined
  try {
    const meanwhile = async (names: ReadonlyMap<number, string>) => {
      recorded = await recordStacks(FLAME_SECONDS, names)
    }
    await holdCalls({ ...options, holdMs: 2_000 * FLAME_SECONDS, meanwhile })
    const title = `${options.calls} recorded calls at once: where the processor time of all parts goes`
    await writeFile(path, drawFlames(await recorded!.stacks(), title))
  } finally {
    await recorded?.remove()
  }
}

function toResults(calls: number, half: boolean, held: HeldCalls): Result[] {
  const { whole, granted, passed, others, stayed, storeAlarms, lost, foreign, spent, ms } = held
  const packets = (measure: string, value: number) =>
    figure({ measure, value, unit: '' }, half ? undefined : 0)
  const share = (measure: string, value: number) =>
    figure({ measure, value: (100 * value) / ms, unit: '% of one processor' })
  return [
    figureAtLeast({ measure: 'calls recorded whole', value: whole, unit: `of ${calls}` }, half ? 1 : REACH),
    figure({ measure: 'granted and not recorded whole', value: granted - whole, unit: '' }, 0),
    figure({ measure: 'passed unasked', value: passed, unit: '' }),
    figure({ measure: 'neither granted nor passed', value: others, unit: '' }, 0),
    figure({ measure: 'callers gone before the end', value: calls - stayed, unit: '' }, 0),
    figure({ measure: 'alarms of stores', value: storeAlarms, unit: '' }, 0),
    packets('packets lost of callers', lost.caller),
    packets('packets lost of agents', lost.agent),
    packets('packets that nobody sent', foreign.caller + foreign.agent),
    share('Asterisk', spent.asterisk),
    share('service', spent.service),
    share('keeper', spent.keeper),
    share('PostgreSQL', spent.postgres),
    share('callers', spent.callers),
  ]
}
