import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../../lab/lab.js'
import { keepersOf } from '../../../lab/process/end-keeper.js'

/** What the service's environment needs, so that {@link MemoryWatch} can have it collect its garbage. */
export const COLLECT_ON_SIGNAL = {
  NODE_OPTIONS: `--import ${new URL('./collect-on-signal.js', import.meta.url)}`,
}

/** For the service to have collected its garbage and given it back, ms. */
const COLLECT_MS = 500

/** Resident memory, bytes. */
export interface Memory {
  service: number
  keeper: number
}

/** Looks at the memory of a lab's service and keeper. */
export interface MemoryWatch {
  /** To be called often: remembers the least that the keeper, which cannot be told to collect its garbage, has had. */
  sampleKeeper(): Promise<void>
  /** The service's memory after it has collected its garbage, and the least of the keeper's since the last look. */
  measure(): Promise<Memory>
}

/** @throws Error if one of them does not run */
export async function watchMemory({ ready }: Lab): Promise<MemoryWatch> {
  const { servicePid } = ready
  const [keeperPid] = await keepersOf(ready.tap)
  if (!servicePid || !keeperPid) throw new Error('the service or its keeper does not run')
  let least = Number.POSITIVE_INFINITY
  const glance = async () => {
    least = Math.min(least, await residentBytes(keeperPid))
  }
  return {
    sampleKeeper: glance,
    async measure() {
      process.kill(servicePid, 'SIGUSR2')
      await sleep(COLLECT_MS)
      await glance()
      const memory = { service: await residentBytes(servicePid), keeper: least }
      least = Number.POSITIVE_INFINITY
      return memory
    },
  }
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1_024
}
