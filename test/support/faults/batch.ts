import { setTimeout as pause } from 'node:timers/promises'
import { epochMs } from '../../../lab/time.js'
import type { Account } from './callers/account.js'
import { call } from './callers/caller.js'
import type { CallerPlan } from './callers/plan.js'
import type { Fault } from './catalogue/fault.js'
import { Dice } from './dice.js'
import type { Ground } from './fault-site.js'
import type { Span } from './readiness.js'
import type { Batch, Strike } from './schedule.js'

/** A fault that was struck: from just before it was in effect until all worked again. */
export interface Struck extends Span {
  fault: Fault
  /** From its end until all worked again, ms. */
  workedAfterMs: number
}

/** What became of a batch, by those who took part. */
export interface Played {
  batch: Batch
  accounts: Account[]
  struck: Struck[]
}

/** Every caller has a number of its own, in all batches. */
let callersSoFar = 0

/** Lets the callers come, strikes the faults, heals them all, and waits until all calls are over. */
export async function play(ground: Ground, batch: Batch): Promise<Played> {
  const struck: Struck[] = []
  const calls = Promise.all(batch.callers.map(plan => come(ground, plan)))
  const lanes = Promise.all(batch.lanes.map(lane => strikeAll(ground, lane, struck)))
  const [accounts] = await Promise.all([calls, lanes])
  await ground.works()
  return { batch, accounts, struck }
}

async function come({ lab }: Ground, plan: CallerPlan): Promise<Account> {
  const from = `7${String(1_000_000_000 + ++callersSoFar)}`
  await pause(plan.startMs)
  return call(lab.pbx.sip, from, plan)
}

async function strikeAll(ground: Ground, lane: Strike[], struck: Struck[]): Promise<void> {
  for (const strike of lane) struck.push(await strikeOne(ground, strike))
}

async function strikeOne(ground: Ground, { fault, afterMs, forMs, seed }: Strike): Promise<Struck> {
  await pause(afterMs)
  const release = await ground.hold(fault.target)
  const from = epochMs()
  let healing = from
  try {
    const heal = await fault.strike(ground, new Dice(seed))
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
