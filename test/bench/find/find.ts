import { systemClock } from '../../../src/core/clock.js'
import { openDatabase } from '../../../src/db/database.js'
import { startJournal } from '../../../src/journal/journal.js'
import { findPerson } from '../../../src/rights/collect-person.js'
import type { ObjectStore } from '../../../src/vault/store/store.js'
import { person } from '../../support/data/actors.js'
import { log, superuserUrl, withBenchDatabase } from '../support/bench-database.js'
import { type Benchmark, figure, type Result } from '../support/benchmark.js'
import { median, percentile } from '../support/statistics.js'
import { fillCalls } from './fill-calls.js'

/** Number of calls, and calls of each caller. */
const CALLS = { quick: 200_000, full: 1_000_000 }
const CALLS_A_CALLER = 5
/** When the first call began, how many days the calls took, and how long recordings are kept. */
const PERIOD = { from: new Date('2025-12-01T00:00:00Z'), days: 330, keepDays: 30 }
/** Number of searches, after some that warm up. */
const SEARCHES = 500
const WARM_UP = 20

/** How long it takes to find everything about one number among all calls, including the journalling of the search. */
export const benchmark: Benchmark = ({ full, tell }) =>
  withBenchDatabase(async ({ server, databaseDir }) => {
    const calls = full ? CALLS.full : CALLS.quick
    tell(`making ${calls} calls`)
    const url = await superuserUrl(databaseDir, server.adminUrl)
    await fillCalls(url, { calls, callers: calls / CALLS_A_CALLER, ...PERIOD })
    return await measureSearches(server.url, calls, calls / CALLS_A_CALLER, tell)
  })

async function measureSearches(
  url: string,
  calls: number,
  callers: number,
  tell: (line: string) => void,
): Promise<Result[]> {
  const db = openDatabase(url)
  const journal = startJournal(url, log)
  const deps = {
    db,
    journal,
    clock: systemClock,
    store: { locate: (object: string) => object } as ObjectStore,
  }
  const search = async (caller: number) => {
    const started = performance.now()
    const found = await findPerson(deps, person('bench'), `+7916${String(caller).padStart(7, '0')}`)
    return { ms: performance.now() - started, calls: found.calls.length }
  }
  try {
    for (let i = 0; i < WARM_UP; i++) await search(i)
    const found: Awaited<ReturnType<typeof search>>[] = []
    for (let i = 0; i < SEARCHES; i++) found.push(await search((i * 7_919) % callers))
    tell(`${SEARCHES} numbers had ${found.reduce((sum, one) => sum + one.calls, 0)} calls`)
    const most = [await search(callers), await search(callers), await search(callers)]
    const times = found.map(({ ms }) => ms)
    return [
      figure(
        {
          measure: `all of one number among ${calls} calls, p95`,
          value: percentile(times, 0.95),
          unit: 'ms',
        },
        100,
      ),
      figure({ measure: 'the same, median', value: median(times), unit: 'ms' }),
      figure({
        measure: `the same of a number with ${most[0]!.calls} calls`,
        value: median(most.map(({ ms }) => ms)),
        unit: 'ms',
      }),
      figure({
        measure: 'numbers searched that have calls',
        value: found.filter(one => one.calls > 0).length,
        unit: '',
      }),
    ]
  } finally {
    await journal.stop()
    await db.close()
  }
}
