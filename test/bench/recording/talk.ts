import type { Lab } from '../../../lab/lab.js'
import { startLoad } from '../../../lab/load/start-load.js'
import { pollUntil } from '../../../lab/process/start-process.js'

export interface TalkOptions {
  lab: Lab
  /** The number that callers dial. */
  number: string
  /** The key that callers press; none by default. */
  key?: string
  calls: number
  /** First and last UDP port of the callers' media. */
  ports: [number, number]
}

/** Callers who are all with the agent. */
export interface Talk {
  /** @throws Error if a call has ended */
  check(): Promise<void>
  /** Hangs up all calls and waits until they have ended. */
  end(): Promise<void>
}

/** New calls a second. Call set-up is not measured, but must not overload the machine. */
const RATE = 10
/** From the call's answer to the key, ms: early in the disclosure. */
const KEY_AFTER_MS = 500
/** Duration of a call that is not hung up, ms: longer than any benchmark. */
const STAY_MS = 3_600_000
/** Longest time until all callers have reached the agent, or have ended, ms. It takes 5 s on a quiet machine. */
const LIMIT_MS = 60_000
/** Channels of one talk: the caller's, and two of the local channel to the agent. */
const CHANNELS = 3

/**
 * Places calls, and waits until all are with the agent.
 *
 * @throws Error if some do not reach the agent
 */
export async function beginTalk({ lab, number, key, calls, ports }: TalkOptions): Promise<Talk> {
  const script = { holdMs: STAY_MS, ...(key ? { key, keyAfterMs: KEY_AFTER_MS } : {}) }
  const load = await startLoad({ sip: lab.pbx.sip, number, calls, rate: RATE, ports, ...script })
  const wanted = calls * CHANNELS
  const end = async () => {
    await lab.pbx.cli('channel request hangup all')
    await pollUntil(async () => (await channelsOf(lab)) === 0, LIMIT_MS)
    await load.stop()
  }
  if (!(await pollUntil(async () => (await channelsOf(lab)) === wanted, LIMIT_MS))) {
    await end()
    throw new Error(`not all of ${calls} callers of ${number} reached the agent`)
  }
  return {
    end,
    async check() {
      if ((await channelsOf(lab)) !== wanted)
        throw new Error(`not all callers of ${number} stayed to the end`)
    },
  }
}

async function channelsOf({ pbx }: Lab): Promise<number> {
  const answer = await pbx.cli('core show channels count')
  return Number(/(\d+) active channel/.exec(answer)?.[1])
}
