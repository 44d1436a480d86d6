import type { AlarmKind, Trouble } from '../shared/alarms.js'
import type { Clock } from '../shared/clock.js'
import type { Log } from '../shared/log.js'
import type { CheckName, CheckResult, Fault } from './check.js'
import { checkSite } from './check-site.js'
import type { Site } from './site.js'

/**
 * The checks that concern a service that runs. What its own health looks at each second is not among them, nor are the files of Asterisk: a
 * service may seldom read them, and callers would wait while it reads a large dialplan.
 */
const WATCHED: readonly CheckName[] = [
  'settings',
  'database',
  'pbx',
  'modules',
  'dialplan',
  'pbx-options',
  'asterisk',
  'tap-folder',
  'tap',
  'sides',
  'keepers',
  'memory',
  'limits',
]

/** Alarms that a check shares with the health of the service. All others are `misconfigured`. */
const SHARED: Partial<Record<CheckName, AlarmKind>> = { tap: 'tap-unreached', memory: 'memory-exposed' }

/** From the connection to the PBX to the look at it, ms. Callers who wait after a restart come first. */
const SETTLE_MS = 5_000
/** Time between two looks of a check that found something, ms. So an alarm ends soon after the fault is mended. */
const AGAIN_MS = 20_000

/** What the watch needs of the service. */
export interface WatchDeps {
  /** Makes a site of what the service knows now. */
  openSite(): Site
  /** Whether PBX and database can be reached: if not, they have alarms of their own. */
  reachable(): boolean
  clock: Pick<Clock, 'after'>
  log: Log
}

/** What was found last. */
export interface SetupWatch {
  troubles(alarm: AlarmKind): readonly Trouble[]
  /** Looks at the installation soon. To be called whenever the PBX was reached. */
  lookSoon(): void
  stop(): void
}

/** Checks the installation while the service runs: after each connection to the PBX, and again what is wrong until it is mended. */
export function watchSetup({ openSite, reachable, clock, log }: WatchDeps): SetupWatch {
  const found = new Map<CheckName, Trouble>()
  let cancel = () => {}
  let stopped = false
  const lookIn = (ms: number, checks: readonly CheckName[]) => {
    cancel()
    if (!stopped) cancel = clock.after(ms, () => void look(checks))
  }
  async function look(checks: readonly CheckName[]): Promise<void> {
    if (reachable()) await lookAt(checks)
    if (found.size > 0) lookIn(AGAIN_MS, [...found.keys()])
  }
  async function lookAt(checks: readonly CheckName[]): Promise<void> {
    const site = openSite()
    try {
      for (const result of await checkSite(site, checks)) {
        const trouble = troubleOf(result)
        if (trouble) found.set(result.name, trouble)
        else found.delete(result.name)
      }
    } catch (error) {
      log.error({ reason: (error as Error).message }, 'the installation could not be checked')
    } finally {
      await site.close()
    }
  }
  return {
    troubles: alarm => [...found.values()].filter(trouble => trouble.alarm === alarm),
    lookSoon: () => lookIn(SETTLE_MS, WATCHED),
    stop() {
      stopped = true
      cancel()
    },
  }
}

/** The trouble of a check: one for all its faults, because an alarm is told apart by its check. */
function troubleOf({ name, outcome }: CheckResult): Trouble | undefined {
  const faults = outcome.state === 'fault' ? outcome.faults.filter(({ weak }) => !weak) : []
  if (faults.length === 0) return undefined
  const alarm = SHARED[name]
  const detail = faults.map(told).join(' ')
  return alarm ? { alarm, detail } : { alarm: 'misconfigured', check: name, detail }
}

const told = ({ found, setting, remedy }: Fault): string => `${found.en} ${setting}: ${remedy.en}`
