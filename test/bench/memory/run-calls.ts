import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../../lab/lab.js'
import { startLoad } from '../../../lab/load/start-load.js'
import { pollUntil } from '../../../lab/process/start-process.js'
import { type Database, sql } from '../../../src/db/database.js'

/** The number that callers dial. */
export const NUMBER = '501'
/** The PBX itself is the agent, because that costs least for thousands of calls. */
export const EXTENSIONS = `
exten => ${NUMBER},1,Gosub(consentry,s,1)
 same => n,Answer()
 same => n,Echo()
 same => n,Hangup()
`

/** New calls a second. */
const RATE = 10
/** From the call's answer to the key, and from the key to the hang-up of a short call, ms. */
const KEY_AFTER_MS = 300
const SHORT_MS = 3_500
/** How long calls are held after the last has begun, ms: two blocks of each leg. */
const HOLD_MS = 9_000
/** Longest time until the last calls are over, ms. A slow machine needs longer than the calls' own duration. */
const OVER_LIMIT_MS = 240_000
/** Interval at which the journal is read, ms. */
const POLL_MS = 250

const script = (lab: Lab, calls: number) => ({
  ...{ sip: lab.pbx.sip, number: NUMBER, key: '1', keyAfterMs: KEY_AFTER_MS, calls, rate: RATE },
})

/**
 * Places short calls, each with a yes.
 *
 * @param passed called and awaited at each poll, with the number of these calls that are over
 * @returns how many of them ended in time; a slow machine may lose some
 */
export async function runShortCalls(
  lab: Lab,
  db: Database,
  calls: number,
  passed: (over: number) => Promise<void> = async () => {},
): Promise<number> {
  const before = await countEnded(db)
  const over = async () => (await countEnded(db)) - before
  const load = await startLoad({ ...script(lab, calls), holdMs: SHORT_MS })
  const done = async () => {
    await sleep(POLL_MS)
    const count = await over()
    await passed(count)
    return count >= calls
  }
  try {
    await pollUntil(done, (calls / RATE) * 1_000 + OVER_LIMIT_MS)
    return await over()
  } finally {
    await load.stop()
  }
}

/** Holds calls with a yes and runs `look`. @returns its result as `seen`, and how many calls were being recorded */
export async function holdCalls<T>(
  lab: Lab,
  db: Database,
  calls: number,
  look: () => Promise<T>,
): Promise<{ seen: T; recorded: number }> {
  const before = await countEnded(db)
  const stayMs = (calls / RATE) * 1_000 + HOLD_MS
  const load = await startLoad({ ...script(lab, calls), holdMs: 2 * stayMs })
  try {
    await sleep(stayMs)
    const seen = await look()
    const { rows } = await sql<{ n: string }>`
      select count(*) as n from recording where state = 'recording'`.execute(db)
    await lab.pbx.cli('channel request hangup all')
    await pollUntil(async () => (await countEnded(db)) - before === calls, OVER_LIMIT_MS)
    return { seen, recorded: Number(rows[0]!.n) }
  } finally {
    await load.stop()
  }
}

/** @returns number of calls that are over and whose recordings have ended */
async function countEnded(db: Database): Promise<number> {
  const { rows } = await sql<{ n: string }>`
    select (select count(*) from event where type = 'call.ended')
      - (select count(*) from recording where state = 'recording') as n`.execute(db)
  return Math.max(0, Number(rows[0]!.n))
}

/** @returns number of calls without a finished recording. A yes that is committed too late does not count. */
export async function countUnrecorded(db: Database): Promise<number> {
  const { rows } = await sql<{ n: string }>`
    select (select count(*) from event where type = 'call.ended')
      - (select count(*) from recording where state = 'finished') as n`.execute(db)
  return Number(rows[0]!.n)
}
