import type { Log } from '../../lib/log.js'
import { endProcess } from '../../lib/process/end-process.js'

/** Silence of the database that counts as late, ms. Normally it answers each second. */
const SILENT_MS = 1_500
const CHECK_MS = 500
/** Number of consecutive late checks that end the process. A stall of this process counts as one check. */
const SILENT_CHECKS = 5

/** A watch over the recovery of calls. */
export interface RecoveryWatch {
  /** Whether all calls are recovered. */
  readonly isOver: boolean
  /** All calls are recovered: stops the watch. */
  over(): void
  /** The service ends: stops the watch. */
  stop(): void
}

/**
 * Exits if the database hangs during recovery. Otherwise the start would wait for the database forever. The keeper then
 * rescues the waiting callers, because no ping is answered before they are recovered.
 */
export function watchRecovery(
  journal: { readonly databaseSilentMs: number },
  log: Log,
  end: () => void = () => endProcess(1),
): RecoveryWatch {
  let silentChecks = 0
  let isOver = false
  const timer = setInterval(() => {
    silentChecks = journal.databaseSilentMs < SILENT_MS ? 0 : silentChecks + 1
    if (silentChecks < SILENT_CHECKS) return
    clearInterval(timer)
    log.error(
      'the database stopped answering while calls were recovered; the service ends, and its next start waits for the database',
    )
    end()
  }, CHECK_MS)
  return {
    get isOver() {
      return isOver
    },
    over() {
      isOver = true
      clearInterval(timer)
    },
    stop: () => clearInterval(timer),
  }
}
