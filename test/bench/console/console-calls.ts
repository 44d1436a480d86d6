import { type Lab, startLab } from '../../../lab/lab.js'
import { mayUseRealTime } from '../../../lab/process/start-process.js'
import { holdCalls } from '../capacity/hold-calls.js'
import { DISCLOSURE, extensionsWith, readReturnTimes } from '../consent/dialplan.js'
import { evaluate } from '../consent/evaluate.js'
import { placeCalls } from '../consent/place-many.js'
import { type Benchmark, figure, figureAtLeast, type Result } from '../support/benchmark.js'
import { readLabPrompts } from '../support/lab-prompts.js'
import { processorTime } from '../support/processor-time.js'
import { percentile } from '../support/statistics.js'
import { type ConsoleLoad, startConsoleLoad } from './console-load.js'
import { findConsole } from './find-console.js'

/** Recorded calls that are held while the console is in use. */
const HELD = 200
/** How long they are held, and how much of it the console is in use, ms. The rest is for calls that have begun. */
const TIMES = { quick: { holdMs: 85_000, useMs: 60_000 }, full: { holdMs: 325_000, useMs: 300_000 } }
/** Further callers at the same time, who hear prompts. */
const ASKED_AT_ONCE = 4

/**
 * What the console in use costs calls: packets of those that are recorded, and how late prompts are for those that are asked. 20 pages a
 * second are opened, and 50 people watch what goes on.
 */
export const benchmark: Benchmark = async ({ full, tell }) => {
  const realTime = mayUseRealTime()
  if (!realTime) tell('only root may give Asterisk and the callers real-time priority: expect losses')
  // The PBX itself is the agent and echoes the caller, so that the content of both legs is known.
  const extensions = extensionsWith('Echo()')
  const lab = await startLab({ console: true, seeded: true, extensions, realTime, progress: tell })
  try {
    return await measure(lab, { ...(full ? TIMES.full : TIMES.quick), realTime, tell })
  } finally {
    await lab.stop()
  }
}

interface Measuring {
  holdMs: number
  useMs: number
  realTime: boolean
  tell(line: string): void
}

async function measure(lab: Lab, { holdMs, useMs, realTime, tell }: Measuring): Promise<Result[]> {
  const prompts = await readLabPrompts(lab)
  await lab.pbx.setGlobal(DISCLOSURE, prompts.disclosure.media)
  const pid = await findConsole(lab)
  const results: Result[] = []
  let load: ConsoleLoad | undefined
  const useConsole = async () => {
    load = await startConsoleLoad(lab)
    tell(`the console is in use for ${useMs / 1_000} s`)
    const end = performance.now() + useMs
    const before = await processorTime(pid)
    const [{ times, failed }, placed] = await Promise.all([
      load.run(useMs),
      placeCalls(lab, prompts, { atOnce: ASKED_AT_ONCE, goOn: () => performance.now() < end, tell }),
    ])
    for (const line of new Set(failed)) tell(`failed: ${line}`)
    const share = (100 * ((await processorTime(pid)) - before)) / useMs
    results.push(
      ...(await evaluate(placed, await readReturnTimes(lab.pbx), prompts)),
      figureAtLeast({ measure: 'pages opened', value: times.length / (useMs / 1_000), unit: '/s' }, 18),
      figure({ measure: 'pages and viewers that failed', value: failed.length, unit: '' }, 0),
      figure({ measure: 'a page beside the calls', value: percentile(times, 0.95), unit: 'ms, p95' }),
      figure({ measure: 'console', value: share, unit: '% of one processor' }),
    )
  }
  try {
    const options = { lab, calls: HELD, holdMs, first: realTime, tell }
    const { whole, lost, foreign } = await holdCalls({ ...options, meanwhile: useConsole })
    return [
      figureAtLeast({ measure: 'calls recorded whole', value: whole, unit: `of ${HELD}` }, HELD),
      figure({ measure: 'packets lost of callers', value: lost.caller, unit: '' }, 0),
      figure({ measure: 'packets lost of agents', value: lost.agent, unit: '' }, 0),
      figure({ measure: 'packets that nobody sent', value: foreign.caller + foreign.agent, unit: '' }, 0),
      ...results,
    ]
  } finally {
    load?.close()
  }
}
