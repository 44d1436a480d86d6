import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../../src/lab/lab.js'
import { startLoad } from '../../../src/lab/load/callers.js'
import { keepersOf } from '../../../src/lab/process/end-keeper.js'
import { until } from '../../../src/lab/process/own-process.js'
import { familyProcessorTime, processorTime } from '../support/processor-time.js'

/** Processor time of each part during one window, ms. */
export interface Spent {
  asterisk: number
  service: number
  keeper: number
  postgres: number
}

export interface TalkOptions {
  lab: Lab
  /** Process id of PostgreSQL. */
  postgres: number
  /** What the callers dial. */
  number: string
  /** A key to press, if they are asked. */
  key?: string
  calls: number
  windowMs: number
}

/** New calls a second: setting calls up is not what is measured, but must not choke the machine. */
const RATE = 20
/** From the answer to the key, ms: early in the disclosure. */
const KEY_AFTER_MS = 500
/** Callers stay until they are sent away, ms: longer than any window. */
const STAY_MS = 3_600_000
/** For all callers to reach the agent, or to be gone, ms; 5 s on a quiet machine. */
const SETUP_LIMIT_MS = 60_000
/** From the last caller's arrival at the agent until the clock starts, ms: call set-up must have died down. */
const SETTLE_MS = 1_000
/** Channels of a call that talks: the caller's, and two of the local channel to the agent. */
const CHANNELS = 3

/**
 * Lets callers talk with the agent, measures for a while once all of them do, and sends them away.
 *
 * @throws Error if not all came through to the agent, or not all stayed
 */
export async function measureTalk(options: TalkOptions): Promise<Spent> {
  const { lab, number, key, calls, windowMs } = options
  const script = { holdMs: STAY_MS, ...(key ? { key, keyAfterMs: KEY_AFTER_MS } : {}) }
  const load = await startLoad({ sip: lab.pbx.sip, number, calls, rate: RATE, ...script })
  try {
    const channels = calls * CHANNELS
    if (!(await until(async () => (await channelsOf(lab)) === channels, SETUP_LIMIT_MS)))
      throw new Error(`of ${calls} callers, not all reached the agent: ${await channelsOf(lab)} channels`)
    await sleep(SETTLE_MS)
    const spent = await spentDuring(options, () => sleep(windowMs))
    if ((await channelsOf(lab)) !== channels) throw new Error('not all callers stayed to the end')
    return spent
  } finally {
    await lab.pbx.cli('channel request hangup all')
    await until(async () => (await channelsOf(lab)) === 0, SETUP_LIMIT_MS)
    await load.stop()
  }
}

async function channelsOf({ pbx }: Lab): Promise<number> {
  const answer = await pbx.cli('core show channels count')
  return Number(/(\d+) active channel/.exec(answer)?.[1] ?? Number.NaN)
}

async function spentDuring({ lab, postgres }: TalkOptions, work: () => Promise<unknown>): Promise<Spent> {
  const [keeper] = await keepersOf(lab.ready.tap)
  const { asteriskPid, servicePid } = lab.ready
  if (!keeper || !servicePid) throw new Error('the service or its keeper does not run')
  const read = async () => {
    const [asterisk, service, kept, database] = await Promise.all([
      processorTime(asteriskPid),
      processorTime(servicePid),
      processorTime(keeper),
      familyProcessorTime(postgres),
    ])
    return { asterisk, service, keeper: kept, postgres: database }
  }
  const before = await read()
  await work()
  const after = await read()
  return {
    asterisk: after.asterisk - before.asterisk,
    service: after.service - before.service,
    keeper: after.keeper - before.keeper,
    postgres: after.postgres - before.postgres,
  }
}
