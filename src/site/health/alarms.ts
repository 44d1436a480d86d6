import type { AlarmKind, AlarmSubject, Trouble } from '../../core/alarms.js'
import type { Clock } from '../../core/clock.js'
import { event } from '../../core/events.js'
import type { CallId } from '../../core/ids.js'
import type { EventSink } from '../../core/ports.js'
import type { Log } from '../../lib/log.js'

interface StandingAlarm extends AlarmSubject {
  alarm: AlarmKind
  call: CallId | null
  since: number
}

interface AlarmsDeps {
  journal: Pick<EventSink, 'note'>
  clock: Clock
  log: Log
}

/** The standing alarms. Journal and log get each one once at its start and once at its end. */
export class Alarms {
  readonly #deps: AlarmsDeps
  readonly #standing = new Map<string, StandingAlarm>()

  constructor(deps: AlarmsDeps) {
    this.#deps = deps
  }

  /** Counts the standing alarms of a kind. */
  count(alarm: AlarmKind): number {
    return [...this.#standing.values()].filter(one => one.alarm === alarm).length
  }

  /** Raises an alarm, unless one with the same kind and subject stands. */
  raise({ detail, call, ...subject }: Trouble): void {
    const key = keyOf(subject)
    if (this.#standing.has(key)) return
    const { journal, clock, log } = this.#deps
    this.#standing.set(key, { ...subject, call: call ?? null, since: clock.elapsed() })
    journal.note(event('alarm.raised', call ?? null, clock.now(), { ...subject, detail }))
    log.error({ ...subject, detail }, 'alarm')
  }

  /** Clears a standing alarm. */
  clear(alarm: AlarmKind, subject: AlarmSubject = {}): void {
    this.#clear(keyOf({ alarm, ...subject }))
  }

  /** Raises these troubles, and clears all other alarms of these kinds. */
  setStanding(kinds: readonly AlarmKind[], troubles: readonly Trouble[]): void {
    const standing = new Set(troubles.map(({ detail: _, call: __, ...subject }) => keyOf(subject)))
    for (const [key, { alarm }] of this.#standing)
      if (kinds.includes(alarm) && !standing.has(key)) this.#clear(key)
    for (const trouble of troubles) this.raise(trouble)
  }

  #clear(key: string): void {
    const standing = this.#standing.get(key)
    if (!standing) return
    this.#standing.delete(key)
    const { journal, clock, log } = this.#deps
    const { call, since, ...subject } = standing
    const stoodMs = Math.round(clock.elapsed() - since)
    journal.note(event('alarm.cleared', call, clock.now(), { ...subject, stoodMs }))
    log.info({ ...subject, stoodMs }, 'alarm over')
  }
}

const keyOf = ({ alarm, recording, leg, purpose, check }: AlarmSubject & { alarm: AlarmKind }): string =>
  [alarm, recording, leg, purpose, check].join(' ')

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
