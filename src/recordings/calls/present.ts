import { maskNumber } from '../../core/mask-number.js'
import type { Db } from '../../db/database.js'
import {
  type CallCount,
  countCalls,
  countPresent,
  type PresentCall,
  presentCalls,
  type StandingAlarm,
  standingAlarms,
} from '../../journal/read/present.js'

export type { CallCount, PresentCall, StandingAlarm } from '../../journal/read/present.js'

/** Most calls that are shown one by one. */
const MAX_CALLS = 50

/** The calls and alarms of this moment, by the journal. */
export interface Snapshot {
  /** Calls in progress, and how many of them are being recorded. */
  goingOn: { calls: number; recorded: number }
  /** The latest calls in progress, at most 50. Callers' numbers are masked, here and in the alarms. */
  calls: PresentCall[]
  alarms: StandingAlarm[]
}

/** A snapshot, and the calls of the day, by the journal. */
export interface Present extends Snapshot {
  /** Calls since a given moment, by part of the day. */
  counts: CallCount[]
}

/**
 * Reads a snapshot and the counts of the day.
 *
 * @param since start of the counted period
 * @param stepMs length of a part of the day, ms
 */
export async function readPresent(
  { db }: { db: Db },
  { since, stepMs }: { since: Date; stepMs: number },
): Promise<Present> {
  const counts = await countCalls(db, since, stepMs)
  return { counts, ...(await readSnapshot({ db })) }
}

/** Reads the snapshot. Queries run one after another, because all users share the few connections of the pool. */
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
 * True if the standing alarms need an operator. One silent leg is usual while a caller is on hold. If more than one
 * call lacks a leg, and they are most of the recorded calls, the sound itself may be lost.
 */
export function needsSomebody({ alarms, goingOn }: Pick<Snapshot, 'alarms' | 'goingOn'>): boolean {
  const silent = alarms.filter(({ alarm }) => alarm === 'leg-silent')
  const calls = new Set(silent.map(({ call }) => call?.id)).size
  return alarms.length > silent.length || (calls > 1 && calls * 2 > goingOn.recorded)
}
