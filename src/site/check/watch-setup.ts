import type { AlarmKind, Trouble } from '../../core/alarms.js'
import type { Clock } from '../../core/clock.js'
import type { Log } from '../../lib/log.js'
import { messageOf } from '../facts/fact.js'
import { FACT_IDS, FACTS, type FactRow } from '../facts/facts.js'
import type { Site } from '../facts/site.js'
import type { CheckName, CheckResult } from './check.js'
import { checkSite } from './check-site.js'

/**
 * The checks of a running service. They exclude what its health checks each second, and the files of Asterisk: a
 * service may seldom read them, and callers would wait while it reads a large dialplan.
 */
const watchedAs = (watch: FactRow['watch']): CheckName[] => FACT_IDS.filter(id => rowOf(id).watch === watch)
const rowOf = (id: CheckName): FactRow => FACTS[id]

/**
 * Checks that run together. `settleMs`: time from the connection to the PBX to the check, ms. Callers who wait after a
 * restart come first. `againMs`: interval of a check that found a fault, ms. The alarm thus ends soon after the repair.
 */
const GROUPS = [
  { checks: watchedAs('near'), settleMs: 5_000, againMs: 20_000 },
  { checks: watchedAs('apart'), settleMs: 30_000, againMs: 300_000 },
] as const

/** Most faults of one check in an alarm. An event of more than 65,535 bytes is not journalled. */
const LISTED = 10

/** The parts that the watch needs from the service. */
export interface WatchDeps {
  /** Makes a site from the service's present state. */
  openSite(): Site
  /** True if PBX and database can be reached: otherwise they have alarms of their own. */
  reachable(): boolean
  clock: Pick<Clock, 'after'>
  log: Log
}

/** The latest findings. */
export interface SetupWatch {
  troubles(alarm: AlarmKind): readonly Trouble[]
  /** Checks the installation soon. Must be called after each connection to the PBX. */
  checkSoon(): void
  stop(): void
}

/**
 * Checks the installation while the service runs: after each connection to the PBX, and repeatedly for each fault until
 * it is repaired.
 */
export function watchSetup(deps: WatchDeps): SetupWatch {
  const watches = GROUPS.map(group => watchGroup(deps, group))
  return {
    troubles: alarm => watches.flatMap(({ troubles }) => troubles().filter(one => one.alarm === alarm)),
    checkSoon() {
      for (const { checkSoon } of watches) checkSoon()
    },
    stop() {
      for (const { stop } of watches) stop()
    },
  }
}

function watchGroup(
  { openSite, reachable, clock, log }: WatchDeps,
  { checks: all, settleMs, againMs }: (typeof GROUPS)[number],
) {
  const found = new Map<CheckName, Trouble>()
  let cancel = () => {}
  let endCheck = () => {}
  let stopped = false
  /** Why the separate process could not check, so that it is logged once. */
  let blind: string | undefined
  const checkIn = (ms: number, checks: readonly CheckName[]) => {
    cancel()
    if (!stopped) cancel = clock.after(ms, () => void checkNow(checks))
  }
  async function checkNow(checks: readonly CheckName[]): Promise<void> {
    if (reachable()) await runChecks(checks)
    if (found.size > 0) checkIn(againMs, [...found.keys()])
  }
  async function runChecks(checks: readonly CheckName[]): Promise<void> {
    const site = openSite()
    endCheck = () => void site.close()
    try {
      for (const result of await checkSite(site, checks)) {
        const trouble = troubleOf(result)
        const blinded = noteBlind(result)
        if (trouble) found.set(result.name, trouble)
        else if (!blinded) found.delete(result.name)
      }
    } catch (error) {
      log.error({ reason: (error as Error).message }, 'the installation could not be checked')
    } finally {
      endCheck = () => {}
      await site.close()
    }
  }
  /** Returns true if the separate process could not check. Its former finding then stands. */
  function noteBlind({ name, outcome }: CheckResult): boolean {
    const reason = outcome.state === 'unknown' && rowOf(name).watch === 'apart' ? outcome.found.en : undefined
    if (reason !== undefined && reason !== blind && !stopped) log.info({ check: name, reason }, NOT_SEEN)
    blind = reason
    return reason !== undefined
  }
  return {
    troubles: () => [...found.values()],
    checkSoon: () => checkIn(settleMs, all),
    stop() {
      stopped = true
      cancel()
      endCheck()
    },
  }
}

const NOT_SEEN =
  'whether the PBX is set to record by itself is not known: consentry check, run as root, reads that'

/** Makes one trouble of all faults of a check, because alarms are distinguished by check. */
function troubleOf({ name, outcome }: CheckResult): Trouble | undefined {
  const faults = outcome.state === 'fault' ? outcome.faults.filter(({ weak }) => !weak) : []
  if (faults.length === 0) return undefined
  const alarm = rowOf(name).alarm
  const left = faults.length - LISTED
  const more = left > 0 ? [`And ${left} more: consentry check names them.`] : []
  const detail = [...faults.slice(0, LISTED).map(messageOf), ...more].join(' ')
  return alarm ? { alarm, detail } : { alarm: 'misconfigured', check: name, detail }
}
