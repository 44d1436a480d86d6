import { AGENT_LIMIT_MS } from '../../lab/fault-lab.js'
import type { FaultSite } from '../fault-site.js'
import type { Fault } from './fault.js'

const signal = (pids: number[], name: NodeJS.Signals) => {
  for (const pid of pids) {
    try {
      process.kill(pid, name)
    } catch {
      // The process has ended.
    }
  }
}

async function kill(site: FaultSite) {
  signal(await site.keepers(), 'SIGKILL')
  return () => site.waitUntilWorking()
}

async function freeze(site: FaultSite) {
  const pids = await site.keepers()
  signal(pids, 'SIGSTOP')
  return async () => {
    signal(pids, 'SIGCONT')
    await site.waitUntilWorking()
  }
}

/** Faults of the process that reads the pipes. */
export const keeperFaults: Fault[] = [
  {
    name: 'keeper killed',
    target: 'keeper',
    lasts: [0, 0],
    weight: 3,
    gaps: true,
    cuts: true,
    silentMs: AGENT_LIMIT_MS,
    strike: kill,
  },
  {
    name: 'keeper stands still briefly',
    target: 'keeper',
    lasts: [200, 3_000],
    weight: 3,
    silentMs: AGENT_LIMIT_MS,
    strike: freeze,
  },
  {
    name: 'keeper stands still',
    target: 'keeper',
    lasts: [6_000, 9_000],
    weight: 1,
    gaps: true,
    cuts: true,
    strike: freeze,
  },
]
