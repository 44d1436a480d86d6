import { startLab } from '../../../lab/lab.js'
import { setLabLines } from '../../../lab/lab-lines.js'
import { openDatabase } from '../../../src/db/database.js'
import { quickLine } from '../../support/data/quick-lines.js'
import { type Benchmark, figure, figureAtLeast } from '../support/benchmark.js'
import { slope } from '../support/statistics.js'
import { countUnrecorded, EXTENSIONS, holdCalls, NUMBER, runShortCalls } from './run-calls.js'
import { COLLECT_ON_SIGNAL, type Memory, watchMemory } from './watch-memory.js'

/** Calls while memory is measured, after a number of calls in which it may still grow. */
const CALLS = { quick: 2_000, full: 10_000 }
const WARM_UP = 500
/** Measurements during those calls. */
const SAMPLES = 16
/** Of the first calls: those that load and compile code, and those that are held at once. */
const FIRST = 20
const HELD = 200

/** Memory that a recorded call may take, KB. */
const REACH = 150
/** Share of the calls that may be unrecorded on a slow machine. They take less memory. */
const MAX_UNRECORDED = 0.01
/** Growth of memory over all calls that counts as none, KB: two Node processes vary by as much without a cause. */
const NOISE_KB = 10_000

/**
 * Memory of service and keeper for one recorded call, and what remains of calls that are over. The service collects garbage
 * before each measurement.
 */
export const benchmark: Benchmark = async ({ full, tell }) => {
  const lab = await startLab({
    extensions: EXTENSIONS,
    env: COLLECT_ON_SIGNAL,
    service: false,
    progress: tell,
  })
  const db = openDatabase(lab.database.adminUrl)
  try {
    await setLabLines(db, lab.database.adminUrl, quickLine(NUMBER))
    lab.service.start()
    await lab.service.waitUntilReady()
    const { sampleKeeper, measure } = await watchMemory(lab)
    await runShortCalls(lab, db, FIRST)
    const none = await measure()
    tell(`${HELD} calls are held at once`)
    const { seen: many, recorded } = await holdCalls(lab, db, HELD, measure)

    const calls = full ? CALLS.full : CALLS.quick
    tell(`${calls} short calls, after ${WARM_UP} to warm up`)
    const looks: { x: number; memory: Memory }[] = []
    const wanted = WARM_UP - FIRST - HELD + calls
    const ended = await runShortCalls(lab, db, wanted, async over => {
      const x = over - (WARM_UP - FIRST - HELD)
      if (x < 0) return
      await sampleKeeper()
      if (x < (calls / SAMPLES) * (looks.length + 1)) return
      const memory = await measure()
      looks.push({ x, memory })
      tell(`${x} calls: service ${inMb(memory.service)}, keeper ${inMb(memory.keeper)} MB`)
    })

    const held = (of: (memory: Memory) => number) => (of(many) - of(none)) / recorded / 1_000
    const left = slope(looks.map(({ x, memory }) => ({ x, y: both(memory) }))) / 1_000
    const unit = 'KB a call'
    return [
      figure({ measure: 'held for a recorded call', value: held(both), unit }, REACH),
      figure({ measure: 'of which service', value: held(({ service }) => service), unit }),
      figure({ measure: 'of which keeper', value: held(({ keeper }) => keeper), unit }),
      figure({ measure: 'left behind by a call that is over', value: left, unit }, NOISE_KB / calls),
      figure(
        { measure: 'calls not recorded', value: await countUnrecorded(db), unit: `of ${WARM_UP + calls}` },
        MAX_UNRECORDED * (WARM_UP + calls),
      ),
      figureAtLeast({ measure: 'calls that ended in time', value: ended, unit: `of ${wanted}` }, wanted),
      figure({
        measure: 'service and keeper at the end',
        value: inMb(both(looks.at(-1)?.memory ?? many)),
        unit: 'MB',
      }),
    ]
  } finally {
    await db.close()
    await lab.stop()
  }
}

const both = ({ service, keeper }: Memory) => service + keeper

const inMb = (bytes: number) => Math.round(bytes / 1e5) / 10
