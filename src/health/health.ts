import type { Config } from '../config/config.js'
import type { Clock } from '../shared/clock.js'
import { event } from '../shared/events.js'
import type { Log } from '../shared/log.js'
import type { DurableEventSink, Gate } from '../shared/ports.js'
import { raiseAlarmFromEvent } from './alarm-from-event.js'
import { Alarms } from './alarms.js'
import { CallsTaken } from './checks/calls-taken.js'
import { checksOf } from './checks/checks.js'
import { type Descriptors, openAtMost, readDescriptors, recordingsWithin } from './checks/descriptors.js'
import { fewThreads, inMemory, memoryExposed } from './checks/machine.js'
import { ClockAnchor } from './clock-anchor.js'
import { openGate } from './gate.js'
import { measureLag } from './lag.js'
import { keepMetrics, type Metrics } from './metrics.js'
import { observedJournal } from './observed-journal.js'
import { SteadyClock } from './steady-clock.js'
import { UnwritableStorage } from './storage-away.js'
import { watch } from './watch.js'
import type { Watched } from './watched.js'

/** A limit of files that is not enough for so many recordings is told, where none are set. */
const USUAL_RECORDINGS = 400
/** Open files are counted no more often than this, ms. */
const COUNT_FILES_MS = 500

/** How the service is, for whoever has to know: calls, operators, their tools. */
export interface Health {
  /** The machine's clock without its jumps. */
  readonly clock: SteadyClock
  /** The journal; what goes through here is counted, and heeded. */
  readonly journal: DurableEventSink
  readonly gate: Gate
  readonly metrics: Metrics
  /** Each part that must work for calls to be taken and recorded. */
  parts(): Record<string, boolean>
  /** Hears whenever the machine's clock was set. */
  onClockSet(callback: () => void): void
  /** Looks from now on; resolves once everything was looked at for the first time. */
  watch(what: Watched): Promise<void>
  stop(): void
}

interface HealthDeps {
  config: Pick<Config, 'data' | 'tapDir' | 'limits'>
  machineClock: Clock
  journal: DurableEventSink
  log: Log
}

export function startHealth({ config, machineClock, journal, log }: HealthDeps): Health {
  const { maxRecordings, maxLagMs, silentLegMs } = config.limits
  let watched: Watched | undefined
  let looked = false
  let clockSet = () => {}
  let stop = () => {}
  const lag = measureLag(machineClock)
  const files = fileCount(machineClock)
  const mostRecordings = () => Math.min(maxRecordings, recordingsWithin(files().limit))
  const wanted = () => (watched ? watched.recorder.taps + watched.calls.inQuestion : 0)
  const away = new UnwritableStorage()
  const load = openGate([
    { reason: 'overloaded', now: () => lag.ms, most: () => maxLagMs, again: 0.5 },
    { reason: 'file-limit', now: () => files().open, most: () => openAtMost(files().limit), again: 0.95 },
    { reason: 'too-many-recordings', now: wanted, most: mostRecordings, again: 0.95 },
  ])
  const gate: Gate = { closed: purposes => load.closed() ?? away.reason(purposes) }
  const clock = new SteadyClock(machineClock, new ClockAnchor(config.data, machineClock.elapsed()), {
    jumped(byMs, at) {
      journal.note(event('clock.jumped', null, at, { byMs }))
      clockSet()
    },
    settled(byMs, how, at) {
      journal.note(event('clock.settled', null, at, { byMs, how }))
      clockSet()
    },
  })
  const counted = observedJournal(journal, one => {
    metrics.saw(one)
    taken.saw(one)
    raiseAlarmFromEvent(alarms, away, one)
  })
  const taken = new CallsTaken(machineClock)
  const alarms = new Alarms({ journal: counted, clock, log })
  const parts = () => ({
    pbx: watched?.telephony.connected ?? false,
    database: watched ? watched.journal.available && !watched.journal.refusing : false,
    keeper: watched?.recorder.keeperPid !== undefined,
    store: looked && alarms.count('store-unwritable') === 0,
    keys: looked && alarms.count('keys-unwritable') === 0,
    prompts: looked && alarms.count('prompts-unreadable') === 0,
    tap: looked && alarms.count('tap-unavailable') === 0 && alarms.count('tap-unreached') === 0,
  })
  const metrics = keepMetrics({
    ...{ watched: () => watched, mostRecordings, files, parts },
    gateOpen: () => gate.closed(watched?.purposes ?? []) === undefined,
    alarms: kind => alarms.count(kind),
    lagMs: () => lag.ms,
    clockOffMs: () => clock.offMs,
  })
  return {
    clock,
    journal: counted,
    gate,
    metrics,
    parts,
    onClockSet(callback) {
      clockSet = callback
    },
    async watch(what) {
      watched = what
      await warnOf(config, files().limit, log)
      const checks = checksOf({
        clock,
        watched,
        away,
        taken,
        tapDir: config.tapDir,
        silentLegMs,
        shut: load.reasons,
      })
      const looks = watch(checks, alarms, log)
      stop = looks.stop
      await looks.first
      looked = true
    },
    stop() {
      stop()
      lag.stop()
    },
  }
}

/** What does no harm now, and will if it stays so; each says what to do. */
async function warnOf({ tapDir, limits }: HealthDeps['config'], fileLimit: number, log: Log): Promise<void> {
  const enough = recordingsWithin(fileLimit)
  const wants = Number.isFinite(limits.maxRecordings) ? limits.maxRecordings : USUAL_RECORDINGS
  if (enough < wants)
    log.warn(
      { fileLimit, enough },
      'the limit of open files is enough for so many recordings: raise LimitNOFILE',
    )
  if (!(await inMemory(tapDir)))
    log.warn('the tap folder is not in memory: give it a tmpfs, such as /run or /dev/shm')
  if (fewThreads())
    log.warn("a disk that hangs may keep all threads: set UV_THREADPOOL_SIZE=64 in the service's environment")
  for (const warning of memoryExposed()) log.warn(warning)
}

/** Counts open files, not too often. */
function fileCount(clock: Clock): () => Descriptors {
  let last = readDescriptors()
  let at = clock.elapsed()
  return () => {
    if (clock.elapsed() - at > COUNT_FILES_MS) {
      last = readDescriptors()
      at = clock.elapsed()
    }
    return last
  }
}
