import type { AlarmKind, Trouble } from '../shared/alarms.js'
import type { Log } from '../shared/log.js'
import type { Alarms } from './alarms.js'

/** How often what costs nothing is looked at, ms. */
const LOOK_MS = 1_000
/** How many looks apart what writes to a disk is tried, while all is well; while it is not, at each look. */
const TRY_EVERY = 5

/** One thing that is looked at: the alarms that are its own, and those of them that stand now. */
export interface Check {
  alarms: readonly AlarmKind[]
  /** It costs something: it is done less often while nothing is wrong. */
  costly?: boolean
  troubles(): readonly Trouble[] | Promise<readonly Trouble[]>
}

/** Looks at everything again and again, and has each trouble raised and cleared. */
export function watch(checks: readonly Check[], alarms: Alarms, log: Log) {
  const busy = new Set<Check>()
  let looks = 0
  let stopped = false
  const look = async (check: Check): Promise<void> => {
    if (busy.has(check)) return
    busy.add(check)
    try {
      const troubles = await check.troubles()
      if (!stopped) alarms.setStanding(check.alarms, troubles)
    } catch (error) {
      log.error({ alarms: check.alarms, reason: (error as Error).message }, 'could not look')
    } finally {
      busy.delete(check)
    }
  }
  const due = ({ costly, alarms: own }: Check): boolean =>
    !costly || looks % TRY_EVERY === 0 || own.some(kind => alarms.count(kind) > 0)
  const round = () => Promise.all(checks.filter(due).map(look))
  const timer = setInterval(() => {
    looks++
    void round()
  }, LOOK_MS)
  return {
    /** Resolves once everything was looked at for the first time. */
    first: round(),
    stop() {
      stopped = true
      clearInterval(timer)
    },
  }
}
