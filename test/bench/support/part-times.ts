import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lab } from '../../../lab/lab.js'
import { keepersOf } from '../../../lab/process/end-keeper.js'
import { familyProcessorTime, processorTime } from './processor-time.js'

/** Processor time of each part of a lab, ms. */
export interface PartTimes {
  asterisk: number
  service: number
  keeper: number
  postgres: number
}

/** @returns reads the processor times of a lab's parts up to now. @throws Error if a part does not run */
export async function partTimesReader({ ready }: Lab): Promise<() => Promise<PartTimes>> {
  const [keeperPid] = await keepersOf(ready.tap)
  const { asteriskPid, servicePid } = ready
  if (!keeperPid || !servicePid) throw new Error('the service or its keeper does not run')
  const lock = await readFile(join(ready.data, 'postgres', 'cluster', 'postmaster.pid'), 'utf8')
  const postgresPid = Number(lock.split('\n')[0])
  return async () => {
    const [asterisk, service, keeper, postgres] = await Promise.all([
      processorTime(asteriskPid),
      processorTime(servicePid),
      processorTime(keeperPid),
      familyProcessorTime(postgresPid),
    ])
    return { asterisk, service, keeper, postgres }
  }
}

/** @returns the processor time between two readings */
export const timesBetween = (before: PartTimes, after: PartTimes): PartTimes => ({
  asterisk: after.asterisk - before.asterisk,
  service: after.service - before.service,
  keeper: after.keeper - before.keeper,
  postgres: after.postgres - before.postgres,
})
