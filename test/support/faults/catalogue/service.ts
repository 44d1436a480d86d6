import { AGENT_LIMIT_MS } from '../../lab/fault-lab.js'
import { until } from '../../processes/database.js'
import type { FaultSite } from '../fault-site.js'
import type { Fault } from './fault.js'

/** Ends the service by a signal. The lab starts it again, as a supervisor does. */
const endWith = (signal: 'SIGKILL' | 'SIGTERM') => async (site: FaultSite) => {
  const { service } = site.lab
  const { pid } = service
  service.kill(signal)
  return async () => {
    await until(() => service.pid !== undefined && service.pid !== pid)
    await site.waitUntilWorking()
  }
}

async function freeze({ lab }: FaultSite) {
  const { pid } = lab.service
  if (pid !== undefined) process.kill(pid, 'SIGSTOP')
  return async () => {
    // Another fault may have killed it.
    if (pid !== undefined && lab.service.pid === pid) process.kill(pid, 'SIGCONT')
  }
}

/** Kills the service. No supervisor starts it again. */
async function killForGood(site: FaultSite) {
  const { service } = site.lab
  service.stopSupervising()
  service.kill('SIGKILL')
  return async () => {
    service.start()
    await site.waitUntilWorking()
  }
}

/** Faults of the service itself. */
export const serviceFaults: Fault[] = [
  { name: 'service killed', target: 'service', lasts: [0, 0], weight: 8, strike: endWith('SIGKILL') },
  { name: 'service told to stop', target: 'service', lasts: [0, 0], weight: 4, strike: endWith('SIGTERM') },
  { name: 'service stands still briefly', target: 'service', lasts: [100, 2_500], weight: 5, strike: freeze },
  {
    name: 'service lost',
    target: 'service',
    lasts: [9_000, 9_000],
    weight: 1,
    rescues: AGENT_LIMIT_MS,
    strike: killForGood,
  },
  { name: 'service stands still', target: 'service', lasts: [4_000, 10_000], weight: 1, strike: freeze },
]
