import type { Lab } from '../../../lab/lab.js'
import { startLoad } from '../../../lab/load/start-load.js'
import { pollUntil } from '../../../lab/process/start-process.js'

export interface TalkOptions {
  lab: Lab
  /** What the callers dial. */
  number: string
  /** A key to press, if they are asked. */
  key?: string
  calls: number
  /** First and last UDP port of the callers' media. */
  ports: [number, number]
}

/** Callers who all talk with the agent. */
export interface Talk {
  /** @throws Error if one has gone */
  check(): Promise<void>
  /** Sends the callers away and waits until all have gone. */
  end(): Promise<void>
}

/** New calls a second: setting calls up is not what is measured, but must not choke the machine. */
const RATE = 20
/** From the answer to the key, ms: early in the disclosure. */
const KEY_AFTER_MS = 500
/** Callers stay until they are sent away, ms: longer than any benchmark. */
const STAY_MS = 3_600_000
/** For all callers to reach the agent, or to be gone, ms; 5 s on a quiet machine. */
const LIMIT_MS = 60_000
/** Channels of a call that talks: the caller's, and two of the local channel to the agent. */
const CHANNELS = 3

/**
 * Lets callers call, and waits until all of them talk with the agent.
 *
 * @throws Error if not all come through
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
