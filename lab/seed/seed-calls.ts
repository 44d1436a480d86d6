import { setTimeout as sleep } from 'node:timers/promises'
import { openDatabase } from '../../src/db/database.js'
import { AppError } from '../../src/shared/errors.js'
import { Caller } from '../caller.js'
import { readVoices } from '../demo/read-voices.js'
import { pollUntil } from '../process/start-process.js'
import type { ToolOptions } from '../tools/prepare-tools.js'
import { SEEDED_LINE } from './seed-data.js'

/** A call of a lab that nobody has called yet. `key`: the answer. Without one the caller hangs up in the disclosure. */
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
/** From the key until the agent speaks, ms: the confirmation takes at most 2.5 s. */
const CONFIRMATION_MS = 4_000
/** Longest time until the journal has the ends of all calls, ms. */
const ENDING_LIMIT_MS = 60_000

/**
 * Places real calls at once: two callers say yes and talk to the agent, one says no, one hangs up in the disclosure, and one dials a
 * number that is no line.
 *
 * @param url of the database's owner
 * @returns once the journal says that all of them have ended
 * @throws AppError `tool.failed`
 */
export async function seedCalls(sip: string, url: string, options: ToolOptions): Promise<void> {
  const voices = await readVoices(options)
  await Promise.all(
    CALLS.map(async ({ key, ...dialled }) => {
      const caller = await Caller.call({ sip, ...dialled })
      await caller.waitForAnswer()
      await caller.heard.waitForAudio(AUDIBLE_LIMIT_MS)
      await sleep(LISTENING_MS)
      if (key !== undefined) {
        await caller.press(key)
        await sleep(CONFIRMATION_MS)
        await caller.say(voices.caller)
      }
      await caller.hangup()
    }),
  )
  const db = openDatabase(url)
  try {
    const open = () => db.selectFrom('call').select('id').where('ended_at', 'is', null).executeTakeFirst()
    if (!(await pollUntil(async () => (await open()) === undefined, ENDING_LIMIT_MS)))
      throw new AppError('tool.failed', 'the first calls of the lab do not end: see the log of the service')
  } finally {
    await db.close()
  }
}
