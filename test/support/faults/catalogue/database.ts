import { readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { AGENT_LIMIT_MS } from '../../lab/fault-lab.js'
import { until } from '../../processes/database.js'
import type { FaultSite } from '../fault-site.js'
import type { Fault } from './fault.js'
import { cut, stall } from './network.js'

async function delay({ databaseNet }: FaultSite) {
  databaseNet.delay(60)
  return async () => databaseNet.restore()
}

const pidOf = async (cluster: string): Promise<number> =>
  Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')[0])

/** Moves the files away first, so that nobody can start PostgreSQL again. The running server still works in its open folder. */
async function stop({ lab, waitUntilWorking }: FaultSite) {
  const cluster = join(lab.ready.data, 'postgres', 'cluster')
  const pid = await pidOf(cluster)
  await rename(cluster, `${cluster}.aside`)
  // It may end at once, because its files have moved.
  process.kill(pid, 'SIGINT')
  return async () => {
    await rename(`${cluster}.aside`, cluster)
    await until(async () => (await pidOf(cluster)) !== pid)
    await waitUntilWorking()
  }
}

async function crash({ lab, waitUntilWorking }: FaultSite) {
  const cluster = join(lab.ready.data, 'postgres', 'cluster')
  const pid = await pidOf(cluster)
  process.kill(pid, 'SIGQUIT')
  return async () => {
    await until(async () => (await pidOf(cluster)) !== pid)
    await waitUntilWorking()
  }
}

/** Faults of PostgreSQL and of the connections to it. */
export const databaseFaults: Fault[] = (
  [
    {
      name: 'database cut off',
      target: 'database',
      lasts: [50, 4_000],
      weight: 4,
      strike: cut('databaseNet'),
    },
    {
      name: 'database stalls',
      target: 'database',
      lasts: [200, 4_000],
      weight: 3,
      strike: stall('databaseNet'),
    },
    { name: 'database slow', target: 'database', lasts: [500, 4_000], weight: 2, strike: delay },
    { name: 'database stopped', target: 'database', lasts: [1_000, 8_000], weight: 2, strike: stop },
    {
      name: 'database stopped for a minute',
      target: 'database',
      lasts: [60_000, 60_000],
      weight: 0,
      strike: stop,
    },
    { name: 'database crashes', target: 'database', lasts: [0, 0], weight: 1, strike: crash },
  ] satisfies Fault[]
).map(fault => ({ ...fault, silentMs: AGENT_LIMIT_MS }))
