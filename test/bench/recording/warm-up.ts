import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../../lab/lab.js'
import { ASKED, PORTS } from './round.js'
import { beginTalk, type Talk } from './talk.js'

/** Calls that each service records before the measurement. */
const CALLS = 100
/** How long they last, ms: some 8,800 blocks of audio for each service. Its costs hardly fall after that. */
const TALK_MS = 180_000

/**
 * Lets both services record calls. V8 interprets what runs for the first time and compiles what runs often. So the first blocks
 * cost a service twice as much as those of the rest of its life.
 */
export async function warmUp(labs: readonly [Lab, Lab], tell: (line: string) => void): Promise<void> {
  const talks: Talk[] = []
  try {
    for (const [i, ports] of [PORTS.ours, PORTS.plain].entries()) {
      tell(`warm-up: ${CALLS} calls come in on PBX ${i + 1} of 2`)
      talks.push(await beginTalk({ lab: labs[i]!, calls: CALLS, ports, ...ASKED }))
    }
    tell(`warm-up: both services record for ${TALK_MS / 1_000} s`)
    await sleep(TALK_MS)
  } finally {
    for (const talk of talks) await talk.end()
  }
}
