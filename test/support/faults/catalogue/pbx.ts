import { AGENT_LIMIT_MS } from '../../lab/fault-lab.js'
import type { FaultSite } from '../fault-site.js'
import type { Fault } from './fault.js'

/** Kills Asterisk, which ends all calls, and starts it again. */
async function kill({ lab, waitUntilWorking }: FaultSite) {
  lab.pbx.kill('SIGKILL')
  return async () => {
    await lab.pbx.restart()
    await waitUntilWorking()
  }
}

async function freeze({ lab, waitUntilWorking }: FaultSite) {
  lab.pbx.kill('SIGSTOP')
  return async () => {
    lab.pbx.kill('SIGCONT')
    await waitUntilWorking()
  }
}

/** Faults of the PBX itself. */
export const pbxFaults: Fault[] = [
  {
    name: 'PBX killed',
    target: 'pbx process',
    lasts: [200, 4_000],
    weight: 1,
    cuts: true,
    gaps: true,
    endsCalls: true,
    strike: kill,
  },
  {
    name: 'PBX stands still',
    target: 'pbx process',
    lasts: [100, 400],
    weight: 2,
    silentMs: AGENT_LIMIT_MS,
    strike: freeze,
  },
]
