import type { Config } from '../config/config.js'
import { type ProbeResult, probeLine } from '../operations/probe-line.js'
import type { Actor } from '../shared/actor.js'
import { AppError } from '../shared/errors.js'
import { PROBE_ANSWERS, type ProbeAnswer } from '../shared/probe-call.js'
import { sleep } from '../shared/retry.js'
import type { Job } from './schedule.js'

/** Time from the start of the service to its first probe calls, ms: an upgrade that broke calls is noticed a minute later. */
const DELAY_MS = 60_000
/** Time between two rounds of probe calls while one of them fails, ms. So the alarm ends soon after the fault is mended. */
const AGAIN_MS = 20_000

/** Who made the call, as the journal names the service. */
const SERVICE: Actor = { name: 'consentry', way: 'command', roles: ['superuser'] }

export type LineProbeDeps = Parameters<typeof probeLine>[0]

/** The probe calls that the service makes on its schedule. */
export interface LineProbes {
  /** Empty if no line is to be probed. */
  readonly jobs: readonly Job[]
  /** The latest probe calls that showed a fault, as text for people. */
  readonly failed: readonly string[]
}

/**
 * Makes the job that probes lines: each with a yes, a no and silence. While a probe call fails, the round is repeated.
 *
 * @param probe makes one call; by default a real one
 */
export function lineProbes(
  deps: LineProbeDeps,
  { lines, cron }: Config['probes'],
  probe: typeof probeLine = probeLine,
): LineProbes {
  const failed = new Map<string, string>()
  async function probeOnce(line: string, answer: ProbeAnswer, stopping: AbortSignal): Promise<void> {
    const name = `${line} (${answer})`
    try {
      const result = await probe(deps, SERVICE, { line, answer, stopping })
      if (result.ok) failed.delete(name)
      else failed.set(name, `${name}: ${faultsOf(result)}`)
    } catch (error) {
      if (stopping.aborted) throw error
      failed.set(name, `${name}: ${error instanceof AppError ? error.message : 'the probe call failed'}`)
    }
  }
  const job: Job = {
    ...{ name: 'probe', cron, setting: 'CONSENTRY_PROBE_CRON', firstRunMs: DELAY_MS },
    async run(stopping) {
      do {
        for (const line of lines)
          for (const answer of PROBE_ANSWERS) if (!stopping.aborted) await probeOnce(line, answer, stopping)
        if (failed.size > 0) await sleep(deps.clock, AGAIN_MS, stopping)
      } while (failed.size > 0 && !stopping.aborted)
    },
  }
  return {
    jobs: lines.length === 0 ? [] : [job],
    get failed() {
      return [...failed.values()]
    },
  }
}

const faultsOf = ({ faults }: ProbeResult): string =>
  faults.map(({ kind, what }) => `${kind}: ${what.en}`).join(' ')
