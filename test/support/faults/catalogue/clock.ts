import { AGENT_LIMIT_MS } from '../../lab/fault-lab.js'
import type { FaultSite } from '../fault-site.js'
import type { Fault } from './fault.js'

const jump = (days: string) => async (site: FaultSite) => {
  await site.moveClock(days)
  return () => site.moveClock('+0')
}

/** The wall clock is set wrong, and later right. */
export const clockFaults: Fault[] = (
  [
    { name: 'clock jumps ahead', strike: jump('+1d') },
    { name: 'clock jumps back', strike: jump('-1d') },
  ] as const
).map(fault => ({
  ...{ ...fault, target: 'clock', weight: 2, misdates: true },
  ...{ lasts: [2_500, 4_000], silentMs: AGENT_LIMIT_MS },
}))
