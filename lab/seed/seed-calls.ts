import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '../../src/core/errors.js'
import type { EventType } from '../../src/core/events.js'
import { type Db, openDatabase } from '../../src/db/database.js'
import { callRows } from '../../src/journal/read/call-rows.js'
import { Caller } from '../caller.js'
import { readVoices } from '../demo/read-voices.js'
import { pollUntil } from '../process/start-process.js'
import type { ToolOptions } from '../tools/prepare-tools.js'
import { SEEDED_LINE } from './seed-data.js'

/** A call of a new lab. `key`: the answer. Without a key the caller hangs up in the disclosure. */
interface SeededCall {
  number: string
  from: string
  key?: string
}

const CALLS: readonly SeededCall[] = [
  { number: SEEDED_LINE, from: '79990000201', key: '1' },
  { number: SEEDED_LINE, from: '79990000202', key: '1' },
  { number: SEEDED_LINE, from: '79990000203', key: '2' },
  { number: SEEDED_LINE, from: '79990000204' },
  { number: '555', from: '79990000205' },
]

/** Longest time until a caller hears something, ms. */
const AUDIBLE_LIMIT_MS = 60_000
/** How long a caller listens to the disclosure, ms. */
const LISTENING_MS = 2_000
/** Longest time until the journal has the awaited events, ms. */
const JOURNAL_LIMIT_MS = 60_000

/**
 * Places real calls at the same time: two callers say yes and talk to the agent, one says no, one hangs up in the
 * disclosure, and one dials a number that is not a line.
 *
 * @param url of the database's owner
 * @returns once the journal has the end of each call
 * @throws AppError `tool.failed`
 */
export async function seedCalls(sip: string, url: string, options: ToolOptions): Promise<void> {
  const voices = await readVoices(options)
  const db = openDatabase(url, JOURNAL_LIMIT_MS)
  try {
    await Promise.all(
      CALLS.map(async ({ key, ...dialled }) => {
        const caller = await Caller.call({ sip, ...dialled })
        await caller.waitForAnswer(AUDIBLE_LIMIT_MS)
        await caller.heard.waitForAudio(AUDIBLE_LIMIT_MS)
        await sleep(LISTENING_MS)
        if (key !== undefined) {
          await caller.press(key)
          await waitForEvent(db, dialled.from, key === '1' ? 'recording.part-started' : 'call.released')
          await caller.say(voices.caller)
        }
        await caller.hangup()
      }),
    )
    await waitUntil('the first calls of the lab end', async () => {
      const open = await db.selectFrom('call').select('id').where('ended_at', 'is', null).executeTakeFirst()
      return open === undefined
    })
  } finally {
    await db.close()
  }
}

const waitForEvent = (db: Db, caller: string, type: EventType) =>
  waitUntil(`the call of ${caller} has ${type}`, async () => {
    const [call] = await callRows(db, { caller })
    if (!call) return false
    const found = db.selectFrom('event').select('id').where('call_id', '=', call.id).where('type', '=', type)
    return (await found.executeTakeFirst()) !== undefined
  })

/** @throws AppError `tool.failed` */
async function waitUntil(what: string, isSo: () => Promise<boolean>): Promise<void> {
  if (await pollUntil(isSo, JOURNAL_LIMIT_MS)) return
  throw new AppError('tool.failed', `timed out before ${what}: see the log of the service`)
}
