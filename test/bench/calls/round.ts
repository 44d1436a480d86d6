import { join } from 'node:path'
import type { Lab } from '../../../lab/lab.js'
import { type Load, startLoad } from '../../../lab/load/start-load.js'
import { countCompleteRecordings, removeAndCountLegs } from '../support/complete-recordings.js'
import { readLabPrompts } from '../support/lab-prompts.js'
import { type PartTimes, partTimesReader, timesBetween } from '../support/part-times.js'
import { ASKED, CONFIRMATION, DISCLOSURE, PLAIN } from './menu.js'

/** Prompts that a caller hears, ms: the disclosure up to the key, and the confirmation. */
const PROMPTS_MS = 10_000
/** Talk with the agent, ms. */
const TALK_MS = 30_000
/** How much shorter than the talk a recording may be, ms: the last packets are on their way when callers hang up. */
const MISSING_AT_END_MS = 500
/** New calls a second of each kind. */
const RATE = 5

/** Media ports of the callers of each kind. */
const PORTS: { ours: [number, number]; plain: [number, number] } = {
  ours: [33_000, 44_999],
  plain: [45_000, 59_999],
}

export interface RoundOptions {
  /** The lab where Consentry asks and records. */
  ours: Lab
  /** The lab where the dialplan does both. */
  plain: Lab
  /** Callers of each kind. */
  calls: number
  tell(line: string): void
}

/** Cost of both kinds of calls, measured at the same time. */
export interface Round {
  ours: PartTimes
  plain: PartTimes
  /** Calls of either kind that were not recorded completely. */
  incomplete: number
}

/** Places calls of both kinds, and measures from before the first to after the last. */
export async function measureRound({ ours, plain, calls, tell }: RoundOptions): Promise<Round> {
  const { disclosure, confirmation } = await readLabPrompts(ours)
  await plain.pbx.setGlobal(DISCLOSURE, disclosure.media)
  await plain.pbx.setGlobal(CONFIRMATION, confirmation.media)
  const script = {
    key: '1',
    keyAfterMs: PROMPTS_MS - confirmation.lengthMs,
    holdMs: confirmation.lengthMs + TALK_MS,
  }
  const [readOurs, readPlain] = await Promise.all([partTimesReader(ours), partTimesReader(plain)])
  const since = new Date()
  const before = await Promise.all([readOurs(), readPlain()])
  tell(`${calls} callers of each kind come in`)
  const loads: Load[] = []
  try {
    const common = { calls, rate: RATE, ...script }
    loads.push(await startLoad({ sip: ours.pbx.sip, number: ASKED, ports: PORTS.ours, ...common }))
    loads.push(await startLoad({ sip: plain.pbx.sip, number: PLAIN, ports: PORTS.plain, ...common }))
    await Promise.all(loads.map(load => load.waitUntilDone()))
  } finally {
    for (const load of loads) await load.stop()
  }
  // A recording is finished after the call's end, and belongs to the call's cost.
  const atLeastMs = TALK_MS - MISSING_AT_END_MS
  const sealed = await countCompleteRecordings(ours, since, calls, atLeastMs)
  const after = await Promise.all([readOurs(), readPlain()])
  const legs = await removeAndCountLegs(join(plain.pbx.dir, 'spool', 'monitor'), atLeastMs)
  return {
    ours: timesBetween(before[0], after[0]),
    plain: timesBetween(before[1], after[1]),
    incomplete: 2 * calls - sealed - Math.floor(legs / 2),
  }
}
