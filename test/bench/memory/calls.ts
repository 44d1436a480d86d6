import { setTimeout as sleep } from 'node:timers/promises'
import { type Database, sql } from '../../../src/db/database.js'
import type { Lab } from '../../../src/lab/lab.js'
import { startLoad } from '../../../src/lab/load/callers.js'
import { until } from '../../../src/lab/process/own-process.js'

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
/** For the last recordings to be finished, ms: longer where the machine cannot take the calls as fast as they come. */
const FINISH_LIMIT_MS = 240_000
/** Between two looks into the journal, ms. */
const LOOK_MS = 250

const script = (lab: Lab, calls: number) => ({
  ...{ sip: lab.pbx.sip, number: NUMBER, key: '1', keyAfterMs: KEY_AFTER_MS, calls, rate: RATE },
})

/**
 * Lets calls come and go. Each says yes and is recorded.
 *
 * @param passed is told each time how many of these calls are over; the next look waits for it
 * @throws Error if not all were recorded to their end
 */
export async function comeAndGo(
  lab: Lab,
  db: Database,
  calls: number,
  passed: (over: number) => Promise<void> = async () => {},
): Promise<void> {
  const before = await finished(db)
  const over = async () => (await finished(db)) - before
  const load = await startLoad({ ...script(lab, calls), holdMs: SHORT_MS })
  const done = async () => {
    await sleep(LOOK_MS)
    const count = await over()
    await passed(count)
    return count >= calls
  }
  try {
    if (!(await until(done, (calls / RATE) * 1_000 + FINISH_LIMIT_MS)))
      throw new Error(`${await over()} of ${calls} calls were recorded to their end`)
    await load.done()
  } finally {
    await load.stop()
  }
}

/**
 * Holds recorded calls, and lets `look` look at them.
 *
 * @throws Error if not all are recorded meanwhile
 */
export async function holdCalls<T>(
  lab: Lab,
  db: Database,
  calls: number,
  look: () => Promise<T>,
): Promise<T> {
  const before = await finished(db)
  const stayMs = (calls / RATE) * 1_000 + HOLD_MS
  const load = await startLoad({ ...script(lab, calls), holdMs: 2 * stayMs })
  try {
    await sleep(stayMs)
    const seen = await look()
    const { rows } = await sql<{ n: string }>`
      select count(*) as n from recording where state = 'recording'`.execute(db)
    if (Number(rows[0]!.n) !== calls) throw new Error(`${rows[0]!.n} of ${calls} calls are recorded`)
    await lab.pbx.cli('channel request hangup all')
    await until(async () => (await finished(db)) - before === calls, FINISH_LIMIT_MS)
    return seen
  } finally {
    await load.stop()
  }
}

async function finished(db: Database): Promise<number> {
  const { rows } = await sql<{ n: string }>`
    select count(*) as n from recording where state = 'finished'`.execute(db)
  return Number(rows[0]!.n)
}
