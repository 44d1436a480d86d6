import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../../lab/lab.js'
import { keepersOf } from '../../../lab/process/end-keeper.js'

/** Environment of the service with which {@link MemoryWatch} can make it collect garbage. */
export const COLLECT_ON_SIGNAL = {
  NODE_OPTIONS: `--import ${new URL('./collect-on-signal.js', import.meta.url)}`,
}

/** Time for the service to collect garbage and return memory, ms. */
const COLLECT_MS = 500

/** Resident memory, bytes. */
export interface Memory {
  service: number
  keeper: number
}

/** Measures the memory of a lab's service and keeper. */
export interface MemoryWatch {
  /** Notes the keeper's lowest memory. Call it often: the keeper cannot be made to collect garbage. */
  sampleKeeper(): Promise<void>
  /** @returns the service's memory after a garbage collection, and the keeper's lowest since the last measurement */
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
