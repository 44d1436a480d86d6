import type { Db } from '../db/database.js'
import {
  type CallCount,
  countCalls,
  countPresent,
  type PresentCall,
  presentCalls,
  type StandingAlarm,
  standingAlarms,
} from '../journal/read/present.js'
import { maskNumber } from '../shared/mask-number.js'

export type { CallCount, PresentCall, StandingAlarm } from '../journal/read/present.js'

/** Most calls that are shown one by one. */
const MAX_CALLS = 50

/** What goes on at this moment, by the journal. */
export interface Snapshot {
  /** How many calls go on, and how many of them are being recorded. */
  goingOn: { calls: number; recorded: number }
  /** The latest of them, at most 50. Callers' numbers are masked, here and in the alarms. */
  calls: PresentCall[]
  alarms: StandingAlarm[]
}

/** What goes on, by the journal, and what went on today. */
export interface Present extends Snapshot {
  /** Calls since a moment, by part of the day. */
  counts: CallCount[]
}

/** Reads what goes on. @param since from when on calls are counted @param stepMs length of a part of the day, ms */
export async function readPresent(
  { db }: { db: Db },
  { since, stepMs }: { since: Date; stepMs: number },
): Promise<Present> {
  const counts = await countCalls(db, since, stepMs)
  return { counts, ...(await readSnapshot({ db })) }
}

/** Reads what goes on at this moment. One after the other: the pool has few connections, for all who ask. */
export async function readSnapshot({ db }: { db: Db }): Promise<Snapshot> {
  const goingOn = await countPresent(db)
  const calls = await presentCalls(db, MAX_CALLS)
  const alarms = await standingAlarms(db)
  return {
    goingOn,
    calls: calls.map(masked),
    alarms: alarms.map(one => ({ ...one, call: one.call && masked(one.call) })),
  }
}

const masked = <T extends { caller: string | null }>(call: T): T => ({
  ...call,
  caller: call.caller && maskNumber(call.caller),
})

/**
 * Whether the standing alarms are a trouble of the service. A silent side is usual while a caller is on hold. Only if most recorded calls,
 * and more than one, lack a side, the sound itself may be lost.
 */
export function needsSomebody({ alarms, goingOn }: Pick<Snapshot, 'alarms' | 'goingOn'>): boolean {
  const silent = alarms.filter(({ alarm }) => alarm === 'leg-silent')
  const calls = new Set(silent.map(({ call }) => call?.id)).size
  return alarms.length > silent.length || (calls > 1 && calls * 2 > goingOn.recorded)
}
