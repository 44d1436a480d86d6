import { startLab } from '../../../lab/lab.js'
import { setLabLines } from '../../../lab/lab-lines.js'
import { openDatabase } from '../../../src/db/database.js'
import { countLeft, leftBehind } from '../../support/mixed/left-behind.js'
import { playMixed } from '../../support/mixed/play-mixed.js'
import { MIXED_EXTENSIONS, MIXED_LINES } from '../../support/mixed/scenes.js'
import { COLLECT_ON_SIGNAL, type Memory, watchMemory } from '../memory/watch-memory.js'
import { type Benchmark, figure } from '../support/benchmark.js'
import { slope } from '../support/statistics.js'

/** Mixed calls. `quick` ends within two minutes. */
const CALLS = { quick: 150, full: 1_000 }
/** Calls before the first measurement: each kind loads and compiles code. So few of `quick` are not enough for the memory. */
const WARM_UP = { quick: 50, full: 800 }
/** Calls at the same time. */
const AT_ONCE = 12
/** Measurements of the memory. */
const SAMPLES = 12
/** Longest time until everything is at rest, ms: the service compares its calls with the channels of the PBX every 30 s. */
const REST_MS = 120_000
/** Growth of memory over all calls that counts as none, KB: two Node processes vary by as much without a cause. */
const NOISE_KB = 10_000

/**
 * What 1,000 mixed calls leave behind: straight, refused, hung up in the question, transferred, parked, held, conferenced, withdrawn. The service
 * collects garbage before each measurement of its memory.
 */
export const benchmark: Benchmark = async ({ full, tell }) => {
  const lab = await startLab({
    extensions: MIXED_EXTENSIONS,
    env: COLLECT_ON_SIGNAL,
    service: false,
    progress: tell,
  })
  const db = openDatabase(lab.database.adminUrl)
  try {
    await setLabLines(db, lab.database.adminUrl, ...MIXED_LINES)
    lab.service.start()
    await lab.service.waitUntilReady()
    const { sampleKeeper, measure } = await watchMemory(lab)
    const warmUp = full ? WARM_UP.full : WARM_UP.quick
    tell(`${warmUp} calls to warm up`)
    const atStart = await countLeft(lab, db)
    await playMixed(lab, { calls: warmUp, atOnce: AT_ONCE })
    await leftBehind(lab, db, atStart, REST_MS)
    const before = await countLeft(lab, db)

    const calls = full ? CALLS.full : CALLS.quick
    const looks: { x: number; memory: Memory }[] = []
    const { placed, failed } = await playMixed(lab, {
      calls,
      atOnce: AT_ONCE,
      async onScene(x) {
        await sampleKeeper()
        if (x < (calls / SAMPLES) * (looks.length + 1)) return
        const look = { x, memory: { service: 0, keeper: 0 } }
        looks.push(look)
        look.memory = await measure()
        tell(`${x} calls: service ${inMb(look.memory.service)}, keeper ${inMb(look.memory.keeper)} MB`)
      },
    })
    for (const one of failed) tell(one)
    tell('waiting until nothing is left')
    const left = await leftBehind(lab, db, before, REST_MS)
    const now = await countLeft(lab, db)
    const grown = slope(looks.map(({ x, memory }) => ({ x, y: memory.service + memory.keeper }))) / 1_000
    return [
      figure({ measure: 'scenes that failed', value: failed.length, unit: `in ${placed} calls` }, 0),
      ...LEFT.map(([name, measure]) => figure({ measure, value: left[name] ?? 0, unit: 'left' }, 0)),
      ...GROWN.map(([name, measure]) =>
        figure({ measure, value: now[name] - before[name], unit: `more than ${before[name]}` }, 0),
      ),
      figure(
        { measure: 'memory of service and keeper', value: grown, unit: 'KB a call' },
        full ? NOISE_KB / calls : null,
      ),
    ]
  } finally {
    await db.close()
    await lab.stop()
  }
}

/** Of which there is nothing without a call. */
const LEFT = [
  ['channels', 'channels'],
  ['pipes', 'pipes of calls in the tap folder'],
  ['calls', 'calls in the memory of the service'],
  ['remembered', 'entries about channels there'],
  ['recordings', 'recordings that go on'],
] as const
/** Of which there is something at any time. */
const GROWN = [
  ['bridges', 'bridges'],
  ['globals', 'global variables of the PBX'],
  ['filesOfAsterisk', 'descriptors of Asterisk'],
  ['filesOfService', 'descriptors of the service'],
  ['filesOfKeeper', 'descriptors of the keeper'],
] as const

const inMb = (bytes: number) => Math.round(bytes / 1e5) / 10
