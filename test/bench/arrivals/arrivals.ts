import { startLab } from '../../../lab/lab.js'
import { openDatabase } from '../../../src/db/database.js'
import { type Benchmark, figure, figureAtLeast, type Result } from '../support/benchmark.js'
import { type Burst, EXTENSIONS, placeBurst } from './place-burst.js'

/** New calls a second that are tried, one after the other, until some are not taken whole. */
const RATES = [5, 10, 15, 20, 25, 30, 40]
/** New calls a second that two processors should take whole, callers included. */
const REACH = 15
/** Within what time a caller who is not asked passes, ms. */
const PASS_MS = 1_000

/** How many new calls a second are taken whole, and what happens at twice that. */
export const benchmark: Benchmark = async ({ tell }) => {
  const lab = await startLab({ extensions: EXTENSIONS, progress: tell })
  const db = openDatabase(lab.database.adminUrl)
  const place = async (rate: number) => {
    const burst = await placeBurst(lab, db, rate)
    tell(asLine(burst))
    for (const course of burst.courses) tell(course)
    return burst
  }
  try {
    // The first calls load and compile code.
    await place(RATES[0]!)
    let taken = 0
    for (const rate of RATES) {
      const { whole, calls } = await place(rate)
      if (whole < calls) break
      taken = rate
    }
    return toResults(taken, await place(2 * Math.max(taken, RATES[0]!)))
  } finally {
    await db.close()
    await lab.stop()
  }
}

const asLine = ({ rate, calls, asked, whole, passed, longestPassMs, dropped }: Burst) =>
  `${rate} a second: ${whole} whole of ${asked} asked of ${calls}, passed ${JSON.stringify(passed)} within ${Math.round(longestPassMs)} ms, ${dropped} dropped`

const toResults = (taken: number, over: Burst): Result[] => {
  const { rate, calls, asked, whole, longestPassMs, dropped } = over
  const at = `at ${rate} a second:`
  return [
    figureAtLeast({ measure: 'calls taken whole', value: taken, unit: 'a second' }, REACH),
    figure({ measure: `${at} callers asked`, value: asked, unit: `of ${calls}` }),
    figure({ measure: `${at} asked and not recorded whole`, value: asked - whole, unit: '' }, 0),
    figure({ measure: `${at} dropped`, value: dropped, unit: '' }, 0),
    figure({ measure: `${at} longest pass`, value: longestPassMs, unit: 'ms' }, PASS_MS),
  ]
}
