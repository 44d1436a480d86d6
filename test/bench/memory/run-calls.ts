import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../../lab/lab.js'
import { startLoad } from '../../../lab/load/start-load.js'
import { pollUntil } from '../../../lab/process/start-process.js'
import { type Database, sql } from '../../../src/db/database.js'

/** What the callers dial. */
export const NUMBER = '501'
/** The PBX itself is the agent: it costs least, and thousands of calls have to come. */
export const EXTENSIONS = `
exten => ${NUMBER},1,Gosub(consentry,s,1)
 same => n,Echo()
 same => n,Hangup()
`

/** New calls a second. */
const RATE = 30
/** From the answer to the key, and from there to the hang-up of a short call, ms: prompts, and a moment of talk. */
const KEY_AFTER_MS = 300
const SHORT_MS = 3_500
/** Held calls stay so long after the last came in, ms: each leg has come twice. */
const HOLD_MS = 9_000
/** For the last calls to be over, ms: longer where the machine cannot take them as fast as they come. */
const OVER_LIMIT_MS = 240_000
/** Between two looks into the journal, ms. */
const POLL_MS = 250

const script = (lab: Lab, calls: number) => ({
  ...{ sip: lab.pbx.sip, number: NUMBER, key: '1', keyAfterMs: KEY_AFTER_MS, calls, rate: RATE },
})

/**
 * Lets calls come and go. Each says yes.
 *
 * @param passed is told each time how many of these calls are over; the next look waits for it
 * @throws Error if not all come to their end
 */
export async function runShortCalls(
  lab: Lab,
  db: Database,
  calls: number,
  passed: (over: number) => Promise<void> = async () => {},
): Promise<void> {
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
    if (!(await pollUntil(done, (calls / RATE) * 1_000 + OVER_LIMIT_MS)))
      throw new Error(`${await over()} of ${calls} calls came to their end`)
    await load.waitUntilDone()
  } finally {
    await load.stop()
  }
}

/** Holds calls that say yes, lets `look` look at them, and tells how many were recorded meanwhile. */
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

/** Calls that are over, with all that was recorded of them finished. */
async function countEnded(db: Database): Promise<number> {
  const { rows } = await sql<{ n: string }>`
    select (select count(*) from event where type = 'call.ended')
      - (select count(*) from recording where state = 'recording') as n`.execute(db)
  return Math.max(0, Number(rows[0]!.n))
}

/** Calls of which nothing was kept: where the journal takes too long to commit a yes, it does not count. */
export async function countUnrecorded(db: Database): Promise<number> {
  const { rows } = await sql<{ n: string }>`
    select (select count(*) from event where type = 'call.ended')
      - (select count(*) from recording where state = 'finished') as n`.execute(db)
  return Number(rows[0]!.n)
}
