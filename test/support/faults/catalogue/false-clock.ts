import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { sql } from '../../../../src/db/database.js'
import { consentry } from '../../processes/command.js'
import type { FaultSite } from '../fault-site.js'
import type { Fault } from './fault.js'

/** Longest time until the purge of a new service refuses, ms. It does not if its database is away. */
const REFUSAL_LIMIT_MS = 25_000
const POLL_MS = 500
/** Another fault stops the database for a minute at most. It answers within this time, ms. */
const DATABASE_LIMIT_MS = 120_000

/** Starts the service with a clock so far ahead that every recording is due. Nothing may be destroyed. */
async function startAhead(site: FaultSite) {
  const { lab, db } = site
  // No other fault may move the clock before it is confirmed.
  const release = await site.hold('clock')
  const before = await countPurgeEvents(db)
  await startWithClock(site, '+400d')
  const end = performance.now() + REFUSAL_LIMIT_MS
  while (performance.now() < end && (await countPurgeEvents(db)).refused === before.refused)
    await pause(POLL_MS)
  return async () => {
    try {
      await startWithClock(site, '+0')
      await site.waitUntilWorking()
      const { destroyed } = await countPurgeEvents(db)
      if (destroyed > before.destroyed)
        throw new Error(`${destroyed - before.destroyed} recordings were destroyed`)
      const { code, err } = await consentry(lab.env, 'purge', '--clock-checked', '--by', 'faults')
      if (code !== 0) throw new Error(`the clock could not be confirmed: ${err}`)
    } finally {
      release()
    }
  }
}

/** Starts the service as after a start of the machine, without a clock anchor. */
async function startWithClock({ lab: { service, ready }, moveClock }: FaultSite, by: string): Promise<void> {
  await service.stop()
  await rm(join(ready.data, 'run', 'clock.json'), { force: true })
  await moveClock(by)
  service.start()
}

/** Asks again while another fault keeps the database away. @returns numbers of recordings destroyed by term, and of refused purges */
async function countPurgeEvents(db: FaultSite['db']): Promise<{ destroyed: number; refused: number }> {
  const end = performance.now() + DATABASE_LIMIT_MS
  const query = sql<{ destroyed: number; refused: number }>`select
    count(*) filter (where type = 'recording.destroyed' and data ->> 'cause' = 'term') as destroyed,
    count(*) filter (where type = 'purge.refused') as refused from event`
  for (;;)
    try {
      return (await query.execute(db)).rows[0]!
    } catch (error) {
      if (performance.now() > end) throw error
      await pause(POLL_MS)
    }
}

/** The clock is wrong when the service starts. */
export const falseClockFaults: Fault[] = [
  {
    name: 'false clock at boot',
    target: 'service',
    lasts: [0, 2_000],
    weight: 1,
    misdates: true,
    strike: startAhead,
  },
]
