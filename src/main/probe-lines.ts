import type { Config } from '../config/config.js'
import type { Actor } from '../core/actor.js'
import { AppError } from '../core/errors.js'
import { PROBE_ANSWERS, type ProbeAnswer } from '../core/probe-call.js'
import { sleep } from '../lib/retry.js'
import { type ProbeRequest, probeLine } from '../site/probe/probe-and-journal.js'
import type { Job } from './schedule.js'

/**
 * Time from the start of the service to its first probe calls, ms. A fault after an upgrade is thus noticed a minute
 * later.
 */
const DELAY_MS = 60_000
/**
 * Time between two rounds of probe calls while one of them fails, ms. The alarm thus ends soon after the fault is
 * repaired.
 */
const AGAIN_MS = 20_000
/** Interval of checks whether the PBX is connected, while a round is due, ms. */
const REACHED_MS = 1_000

/** The actor of the call in the journal: the service. */
const SERVICE: Actor = { name: 'consentry', way: 'command', roles: ['superuser'] }

/**
 * The kinds of faults are part of `check`, so that another fault of the same call raises another alarm. Texts are left
 * out, because they contain times.
 */
const foundOf = (name: string, faults: readonly ShownFault[]): LineProbes['failed'][number] => ({
  check: [name, ...faults.map(({ kind }) => kind)].join(' '),
  detail: `${name}: ${faults.map(({ detail }) => detail).join(' ')}`,
})

/** A fault of a probe call, with its text for people. */
interface ShownFault {
  kind: string
  detail: string
}

export type LineProbeDeps = Parameters<typeof probeLine>[0]

/** The probe calls that the service makes on its schedule. */
export interface LineProbes {
  /** Empty if no line is to be probed. */
  readonly jobs: readonly Job[]
  /** The latest probe calls that showed a fault. `check`: line, answer and kinds of faults. `detail`: text for people. */
  readonly failed: readonly { check: string; detail: string }[]
  /** Sets the PBX of the service. No call is made before this, nor while the PBX is disconnected. */
  usePbx(pbx: { readonly connected: boolean }): void
}

/**
 * Makes the job that probes lines, each with a yes, a no and silence. While a probe call fails, the round is repeated.
 * A round that is due while the PBX is disconnected waits for it, and the alarm `pbx-away` reports that. A call that
 * fails because the PBX is lost meanwhile does not count, and is repeated.
 *
 * @param probe makes one call; by default a real one
 */
export function lineProbes(
  deps: LineProbeDeps,
  { lines, cron }: Config['probes'],
  probe: typeof probeLine = probeLine,
): LineProbes {
  const failed = new Map<string, LineProbes['failed'][number]>()
  let pbx = { connected: false }
  /** Resolves when the PBX is connected, or the service stops. */
  async function untilReached(stopping: AbortSignal): Promise<void> {
    while (!pbx.connected && !stopping.aborted) await sleep(deps.clock, REACHED_MS, stopping)
  }
  async function probeOnce(line: string, answer: ProbeAnswer, stopping: AbortSignal): Promise<void> {
    await untilReached(stopping)
    if (stopping.aborted) return
    const faults = await faultsOf({ line, answer, stopping })
    const name = `${line} (${answer})`
    if (faults.length === 0) failed.delete(name)
    else if (pbx.connected) failed.set(name, foundOf(name, faults))
    else await probeOnce(line, answer, stopping)
  }
  /** The faults that a call shows. */
  async function faultsOf(request: ProbeRequest & { stopping: AbortSignal }): Promise<ShownFault[]> {
    try {
      const { ok, faults } = await probe(deps, SERVICE, request)
      return ok ? [] : faults.map(({ kind, what }) => ({ kind, detail: `${kind}: ${what.en}` }))
    } catch (error) {
      if (request.stopping.aborted) throw error
      if (error instanceof AppError) return [{ kind: error.code, detail: error.message }]
      return [{ kind: 'failed', detail: 'the probe call failed' }]
    }
  }
  const job: Job = {
    ...{ name: 'probe', cron, setting: 'CONSENTRY_PROBE_CRON', firstRunMs: DELAY_MS },
    async run(stopping) {
      do {
        for (const line of lines) for (const answer of PROBE_ANSWERS) await probeOnce(line, answer, stopping)
        if (failed.size > 0) await sleep(deps.clock, AGAIN_MS, stopping)
      } while (failed.size > 0 && !stopping.aborted)
    },
  }
  return {
    jobs: lines.length === 0 ? [] : [job],
    get failed() {
      return [...failed.values()]
    },
    usePbx(used) {
      pbx = used
    },
  }
}
