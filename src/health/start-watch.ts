import { endProcess } from '../process/end-process.js'
import type { Log } from '../shared/log.js'

/** Heard of each second, the database is late after so long, ms. */
const LATE_MS = 1_500
const LOOK_MS = 500
/** So many looks in a row find it late: counted, so that a process that stood still itself blames nobody. */
const LOOKS = 5

/**
 * Ends the process should its database fall silent before it is ready for calls. A query that is never answered would hold up
 * the start for ever, and the keeper, which sees a service that lives, would not send on whom the one before had left in question.
 *
 * @returns to be called once calls are taken up: from then on each of them has its own patience
 */
export function watchRecovery(
  journal: { readonly databaseSilentMs: number },
  log: Log,
  end: () => void = () => endProcess(1),
): () => void {
  let late = 0
  const looking = setInterval(() => {
    late = journal.databaseSilentMs < LATE_MS ? 0 : late + 1
    if (late < LOOKS) return
    clearInterval(looking)
    log.error('the database fell silent while calls were taken up; the next start waits for it')
    end()
  }, LOOK_MS)
  return () => clearInterval(looking)
}
