import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../../lab/lab.js'
import { countCompleteRecordings, removeAndCountLegs } from '../support/complete-recordings.js'
import { type PartTimes, partTimesReader, timesBetween } from '../support/part-times.js'
import { beginTalk, type Talk } from './talk.js'

/** Length of a window, ms. Asterisk writes 32 KB of a leg at once, 4.096 s of a-law, so each leg is written once a window. */
export const WINDOW_MS = 4_096

/** A line that records after a yes. Its callers press the key during the disclosure. */
export const ASKED = { number: '101', key: '1' }

/** The same talk, recorded as people do today: both legs as plain WAV. */
const PLAIN = { number: 'plain' }
export const PLAIN_EXTENSIONS = `
exten => ${PLAIN.number},1,Answer()
 same => n,MixMonitor(,r(\${UNIQUEID}.rx.wav)t(\${UNIQUEID}.tx.wav))
 same => n,Dial(\${LAB_AGENT},30,\${LAB_DIAL})
 same => n,Hangup()
`

/** Media ports of the callers of each kind. */
export const PORTS: { ours: [number, number]; plain: [number, number] } = {
  ours: [33_000, 44_999],
  plain: [45_000, 59_999],
}

/** From the last caller's arrival at the agent to the start of the measurement, ms: call set-up must be over. */
const SETTLE_MS = 2_000

/** Cost of both kinds of calls in the same few seconds. */
export interface Window {
  ours: PartTimes
  plain: PartTimes
}

export interface Round {
  windows: Window[]
  /** Calls of either kind that were not recorded completely. */
  incomplete: number
}

export interface RoundOptions {
  /** The lab where Consentry records. */
  ours: Lab
  /** The lab where Asterisk records. */
  plain: Lab
  /** Callers of each kind. */
  calls: number
  windows: number
  tell(line: string): void
}

/** Measures talks of both kinds in the same windows. */
export async function measureRound({ ours, plain, calls, windows, tell }: RoundOptions): Promise<Round> {
  const talks: Talk[] = []
  const measured: Window[] = []
  const since = new Date()
  try {
    tell(`${calls} callers of each kind come in`)
    talks.push(await beginTalk({ lab: ours, calls, ports: PORTS.ours, ...ASKED }))
    talks.push(await beginTalk({ lab: plain, calls, ports: PORTS.plain, ...PLAIN }))
    await sleep(SETTLE_MS)
    const read = await readBoth(ours, plain)
    let before = await read()
    for (let i = 0; i < windows; i++) {
      await sleep(WINDOW_MS)
      const after = await read()
      const window = {
        ours: timesBetween(before.ours, after.ours),
        plain: timesBetween(before.plain, after.plain),
      }
      measured.push(window)
      tell(describeWindow(window))
      before = after
    }
    for (const talk of talks) await talk.check()
  } finally {
    for (const talk of talks) await talk.end()
  }
  const talkMs = windows * WINDOW_MS
  const legs = await removeAndCountLegs(join(plain.pbx.dir, 'spool', 'monitor'), talkMs)
  if (legs < 2 * calls) tell(`plain WAV: ${legs} of ${2 * calls} legs are whole`)
  const whole = (await countCompleteRecordings(ours, since, calls, talkMs, tell)) + Math.floor(legs / 2)
  return { windows: measured, incomplete: 2 * calls - whole }
}

async function readBoth(ours: Lab, plain: Lab): Promise<() => Promise<Window>> {
  const readers = [await partTimesReader(ours), await partTimesReader(plain)] as const
  return async () => {
    const [one, other] = await Promise.all(readers.map(read => read()))
    return { ours: one!, plain: other! }
  }
}

const describeWindow = ({ ours, plain }: Window): string => {
  const { asterisk, service, keeper } = ours
  return `Asterisk ${asterisk} + service ${service} + keeper ${keeper} ms, plain WAV ${plain.asterisk} ms`
}
