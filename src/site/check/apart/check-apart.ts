import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { HostPaths } from '../../../lib/host/processes.js'
import { childEnv } from '../../../lib/process/child-env.js'
import { standBack } from '../../../lib/process/stand-back.js'
import { type Outcome, unknown } from '../../facts/fact.js'

/**
 * Longest time for the check, ms. It is shorter than the limit of a check. A dialplan of 300,000 lines takes a second.
 */
const LIMIT_MS = 25_000
/** Maximum memory for the check, MiB, and maximum length of the answer, bytes. */
const MEMORY_MIB = 256
const ANSWER_BYTES = 4_000_000
/** Lowest priority (`nice`), so that service and PBX come first. */
const NICENESS = 19

/** The subject of the check. */
export interface ApartSite {
  host: HostPaths
  /** Address of ARI. */
  url: string
}

const program = fileURLToPath(new URL('./main.js', import.meta.url))

/**
 * Checks in a separate process whether the PBX is set to record by itself. It reads as much of `/proc` and of
 * Asterisk's files as its user may. In this process, that would keep callers waiting.
 *
 * @param signal ends the check
 * @returns `unknown` without an answer in time
 */
export function checkApart(
  site: ApartSite,
  signal: AbortSignal,
  command: readonly string[] = [program],
): Promise<Outcome> {
  const args = [`--max-old-space-size=${MEMORY_MIB}`, ...command, JSON.stringify(site)]
  const bounds = { timeout: LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: ANSWER_BYTES } as const
  return new Promise(resolve => {
    const child = execFile(process.execPath, args, { env: childEnv(), signal, ...bounds }, (error, stdout) =>
      resolve(error ? UNANSWERED : outcomeIn(stdout)),
    )
    if (child.pid !== undefined) standBack(child.pid, NICENESS)
  })
}

const UNANSWERED = unknown(
  'The process that checks it gave no answer.',
  'Процесс, который это проверяет, не ответил.',
)

function outcomeIn(text: string): Outcome {
  try {
    return JSON.parse(text) as Outcome
  } catch {
    return UNANSWERED
  }
}
