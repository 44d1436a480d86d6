import type { AlarmKind, Trouble } from '../../core/alarms.js'
import type { Log } from '../../lib/log.js'
import type { Alarms } from './alarms.js'

/** Time between two rounds of checks, ms. */
const ROUND_MS = 1_000
/** Costly checks, which write to disks, run in every nth round. While one of their alarms stands, they run in each round. */
const COSTLY_EVERY = 5

/** A check with the alarms that it alone raises and clears. */
export interface Check {
  alarms: readonly AlarmKind[]
  /** Whether the check runs less often while it finds nothing. */
  costly?: boolean
  /** The troubles that stand now. */
  troubles(): readonly Trouble[] | Promise<readonly Trouble[]>
}

/** Runs the checks in rounds, and raises and clears their alarms. A check that is still running is not started again. */
export function runChecks(checks: readonly Check[], alarms: Alarms, log: Log) {
  const busy = new Set<Check>()
  let rounds = 0
  let stopped = false
  const runCheck = async (check: Check): Promise<void> => {
    if (busy.has(check)) return
    busy.add(check)
    try {
      const troubles = await check.troubles()
      if (!stopped) alarms.setStanding(check.alarms, troubles)
    } catch (error) {
      log.error(
        { alarms: check.alarms, reason: (error as Error).message },
        'a check failed; the next round runs it again',
      )
    } finally {
      busy.delete(check)
    }
  }
  const isDue = ({ costly, alarms: own }: Check): boolean =>
    !costly || rounds % COSTLY_EVERY === 0 || own.some(kind => alarms.count(kind) > 0)
  const runDueChecks = () => Promise.all(checks.filter(isDue).map(runCheck))
  const timer = setInterval(() => {
    rounds++
    void runDueChecks()
  }, ROUND_MS)
  return {
    /** Resolves when each check has run once. */
    first: runDueChecks(),
    stop() {
      stopped = true
      clearInterval(timer)
    },
  }
}
