import { setTimeout as pause } from 'node:timers/promises'
import { epochMs } from '../../../lab/time.js'
import { runCaller } from './callers/caller.js'
import type { CallerRecord } from './callers/caller-record.js'
import type { CallerPlan } from './callers/plan.js'
import type { Fault } from './catalogue/fault.js'
import { Dice } from './dice.js'
import type { FaultSite } from './fault-site.js'
import type { Span } from './readiness.js'
import type { Batch, Strike } from './schedule.js'

/** A fault that was struck, from just before its effect until everything worked again. */
export interface StruckFault extends Span {
  fault: Fault
  /** From the fault's end until everything worked again, ms. */
  workedAfterMs: number
}

/** A batch that was played: the callers' records, and the faults. */
export interface PlayedBatch {
  batch: Batch
  records: CallerRecord[]
  struck: StruckFault[]
}

/** Gives every caller of all batches a number of its own. */
let callersSoFar = 0

/** Places the calls, strikes and heals the faults, and waits until all calls are over. */
export async function playBatch(site: FaultSite, batch: Batch): Promise<PlayedBatch> {
  const struck: StruckFault[] = []
  const calls = Promise.all(batch.callers.map(plan => placeCall(site, plan)))
  const lanes = Promise.all(batch.lanes.map(lane => strikeLane(site, lane, struck)))
  const [records] = await Promise.all([calls, lanes])
  await site.waitUntilWorking()
  return { batch, records, struck }
}

async function placeCall({ lab }: FaultSite, plan: CallerPlan): Promise<CallerRecord> {
  const from = `7${String(1_000_000_000 + ++callersSoFar)}`
  await pause(plan.startMs)
  return runCaller(lab.pbx.sip, from, plan)
}

async function strikeLane(site: FaultSite, lane: Strike[], struck: StruckFault[]): Promise<void> {
  for (const strike of lane) struck.push(await strikeFault(site, strike))
}

async function strikeFault(site: FaultSite, { fault, afterMs, forMs, seed }: Strike): Promise<StruckFault> {
  await pause(afterMs)
  const release = await site.hold(fault.target)
  const from = epochMs()
  let healing = from
  try {
    const heal = await fault.strike(site, new Dice(seed))
    await pause(forMs)
    healing = epochMs()
    await heal()
  } catch (cause) {
    throw new Error(`“${fault.name}” could not be struck or healed`, { cause })
  } finally {
    release()
  }
  const to = epochMs()
  return { fault, from, to, workedAfterMs: to - healing }
}
