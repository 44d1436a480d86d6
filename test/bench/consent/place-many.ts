import type { Lab } from '../../../lab/lab.js'
import { openDatabase } from '../../../src/db/database.js'
import type { LabPrompts } from '../support/lab-prompts.js'
import { ASKED, PLAYED } from './dialplan.js'
import { type AskedCall, placeAskedCall, placePlayedCall } from './place-calls.js'

/** Times of calls that were asked, and of calls that the dialplan answered with `Playback`: answer to first packet, ms. */
export interface PlacedCalls {
  asked: AskedCall[]
  played: number[]
  /** Calls that were not answered or not asked, such as those that the service passed on because of the load. */
  failed: number
}

interface Placing {
  /** Callers at the same time. */
  atOnce: number
  /** Whether another one calls. @param begun how many have called */
  goOn(begun: number): boolean
  tell(line: string): void
}

/** From the first sound to the key, ms. It varies from call to call, so that keys meet packets and timers at any phase. */
const LISTEN_MS = { from: 700, steps: 17, step: 53 }

/** Places calls of both kinds, several at a time, as long as `goOn` says. @returns their times */
export async function placeCalls(
  lab: Lab,
  prompts: LabPrompts,
  { atOnce, goOn, tell }: Placing,
): Promise<PlacedCalls> {
  const asked: AskedCall[] = []
  const played: number[] = []
  const db = openDatabase(lab.database.url)
  const { sip } = lab.pbx
  let begun = 0
  let failed = 0
  const worker = async () => {
    while (goOn(begun)) {
      const turn = begun++
      const from = `7999${String(turn).padStart(7, '0')}`
      const listenMs = LISTEN_MS.from + (turn % LISTEN_MS.steps) * LISTEN_MS.step
      const confirmationMs = prompts.confirmation.lengthMs
      try {
        asked.push(await placeAskedCall({ sip, number: ASKED, from, db, listenMs, confirmationMs }))
        played.push(await placePlayedCall({ sip, number: PLAYED, from }))
      } catch (error) {
        failed += 1
        tell(`a call failed: ${(error as Error).message}`)
      }
      if ((turn + 1) % 20 === 0) tell(`${turn + 1} calls`)
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, worker))
  } finally {
    await db.close()
  }
  return { asked, played, failed }
}
