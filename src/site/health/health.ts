// This room watches the service: checks raise alarms, a gate sheds new calls under load, and metrics count events. It also
// provides the clock that ignores jumps of the machine's clock.

import { availableParallelism } from 'node:os'
import type { Config } from '../../config/config.js'
import type { Clock } from '../../core/clock.js'
import { type CallEvent, event } from '../../core/events.js'
import type { EventSink, Gate, StorageAway } from '../../core/ports.js'
import type { StorageGate } from '../../core/storage-gate.js'
import { ClockAnchor } from '../../lib/clock/clock-anchor.js'
import { SteadyClock } from '../../lib/clock/steady-clock.js'
import type { Log } from '../../lib/log.js'
import type { WorkTimer } from '../../lib/work.js'
import { messageOf } from '../facts/fact.js'
import { withoutKey } from '../facts/keys.js'
import { fewThreads, recordingsWithin } from '../facts/machine.js'
import { createAdmission } from './admission.js'
import { Alarms, runChecks } from './alarms.js'
import { CallsTaken } from './checks/calls-taken.js'
import { healthChecks } from './checks/health-checks.js'
import { ShortRecordings } from './checks/short-recordings.js'
import { type Descriptors, mostOpen, readDescriptors } from './descriptors.js'
import { measureLateness } from './lateness.js'
import { createMetrics, type Metrics } from './metrics.js'
import type { MonitoredParts } from './monitored-parts.js'
import { UnwritableStorage } from './unwritable-storage.js'

/** First rate: new callers per second and processor. A machine half as fast as usual can handle it. */
const FIRST_RATE = 5
/** Average delay of timers above which a process gets too little processor time, ms. Usually it is some ms. */
const LATE_MS = 50
/** Least time between two counts of the open files, ms. */
const RECOUNT_MS = 500

/** The health of the service, for calls (clock, gate) and for operators (parts, metrics, alarms). */
export interface Health {
  /** The machine's clock without its jumps. */
  readonly clock: SteadyClock
  readonly gate: Gate & StorageGate
  /** Measures the work that callers wait for, for the gate. */
  readonly work: WorkTimer
  readonly metrics: Metrics
  /** True for each working part that calls and recordings need. */
  parts(): Record<string, boolean>
  /** Sets the callback for jumps of the machine's clock, and for their ends. */
  onClockSet(callback: () => void): void
  /** Starts the checks. Resolves when each has run once. */
  watch(parts: MonitoredParts): Promise<void>
  stop(): void
}

interface HealthDeps {
  config: Pick<Config, 'data' | 'tapDir' | 'limits'>
  machineClock: Clock
  /** Metrics and alarms observe its events. */
  journal: EventSink & { onEvent(callback: (event: CallEvent) => void): void }
  log: Log
}

/** Starts clock, gate and metrics. The checks start with `watch`. */
export function startHealth({ config, machineClock, journal, log }: HealthDeps): Health {
  const { maxRecordings, maxLagMs, silentLegMs } = config.limits
  let monitored: MonitoredParts | undefined
  let checked = false
  let clockSet = () => {}
  let stop = () => {}
  const lateness = measureLateness(machineClock)
  const files = countOpenFiles(machineClock)
  const mostRecordings = () => Math.min(maxRecordings, recordingsWithin(files().limit))
  const recordingsWanted = () => (monitored ? monitored.recorder.taps + monitored.calls.inQuestion : 0)
  const unwritable = new UnwritableStorage()
  const admission = createAdmission({
    ...{ clock: machineClock, lateness, maxLagMs, firstRate: FIRST_RATE * availableParallelism() },
    bounds: [
      {
        reason: 'file-limit',
        value: () => files().open,
        limit: () => mostOpen(files().limit),
        reopenAt: 0.95,
      },
      { reason: 'too-many-recordings', value: recordingsWanted, limit: mostRecordings, reopenAt: 0.95 },
    ],
  })
  const gate: Gate & StorageGate = {
    closed: purposes => admission.closed() ?? unwritable.reason(purposes),
    asked: admission.asked,
    storageAway: purposes => unwritable.reasonOnceTried(purposes, machineClock),
  }
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
  journal.onEvent(one => {
    metrics.observe(one)
    callsTaken.observe(one)
    shortRecordings.observe(one)
    raiseAlarmFromEvent(alarms, unwritable, one)
  })
  const callsTaken = new CallsTaken(machineClock)
  const shortRecordings = new ShortRecordings(machineClock)
  const alarms = new Alarms({ journal, clock, log })
  const parts = () => ({
    pbx: monitored?.telephony.connected ?? false,
    database: monitored ? monitored.journal.available && !monitored.journal.refusing : false,
    keeper: monitored?.recorder.keeperPid !== undefined,
    store: checked && alarms.count('store-unwritable') === 0,
    keys: checked && alarms.count('keys-unwritable') === 0,
    prompts: checked && alarms.count('prompts-unreadable') === 0,
    tap: checked && alarms.count('tap-unavailable') === 0 && alarms.count('tap-unreached') === 0,
  })
  const metrics = createMetrics({
    ...{ monitored: () => monitored, mostRecordings, files, parts },
    gateOpen: () => (admission.wouldRefuse() ?? unwritable.reason(monitored?.purposes ?? [])) === undefined,
    alarms: kind => alarms.count(kind),
    lagMs: () => lateness.lagMs,
    clockOffMs: () => clock.offMs,
  })
  return {
    clock,
    gate,
    work: lateness,
    metrics,
    parts,
    onClockSet(callback) {
      clockSet = callback
    },
    async watch(toMonitor) {
      monitored = toMonitor
      const threads = fewThreads()
      if (threads) log.warn(messageOf(threads))
      const checks = healthChecks({
        clock,
        parts: monitored,
        unwritable,
        callsTaken,
        shortRecordings,
        tapDir: config.tapDir,
        silentLegMs,
        isLate: () => lateness.lagMs >= LATE_MS,
        loads: admission.loads,
      })
      const running = runChecks(checks, alarms, log)
      stop = running.stop
      await running.first
      checked = true
    },
    stop() {
      stop()
      lateness.stop()
    },
  }
}

/** Counts open files, at most once in `RECOUNT_MS`. */
function countOpenFiles(clock: Clock): () => Descriptors {
  let last = readDescriptors()
  let at = clock.elapsed()
  return () => {
    if (clock.elapsed() - at > RECOUNT_MS) {
      last = readDescriptors()
      at = clock.elapsed()
    }
    return last
  }
}

/** The alarm of a store or key store, by the reason in the recorder's events. */
const STORAGE_REASONS = [
  { reason: 'store.unwritable', alarm: 'store-unwritable', name: 'a store' },
  { reason: 'keys.unwritable', alarm: 'keys-unwritable', name: 'a key store' },
] as const

/**
 * Raises the alarm that belongs to a recording's event. It also notes a store or key store that cannot be written, so
 * that the gate sheds new calls. The checks clear both.
 */
export function raiseAlarmFromEvent(
  alarms: Alarms,
  storage: UnwritableStorage,
  { type, data }: CallEvent,
): void {
  if (type === 'recording.prepared') alarms.clear('key-missing', { purpose: data.purpose })
  if (type === 'recording.finished')
    raiseStorageAlarm(alarms, data.reason, 'did not take a recording to its end')
  if (type !== 'recording.failed') return
  const { reason, purpose, late } = data
  if (reason === 'key.missing' && purpose)
    alarms.raise({ alarm: 'key-missing', purpose, detail: messageOf(withoutKey(purpose)) })
  // The checks find whether the storage hangs or the machine is too busy.
  if (late) return
  const failed = raiseStorageAlarm(alarms, reason, 'did not take what a recording needs')
  if (failed && purpose) storage.noteAttempt(failed, purpose, false)
  if (reason === 'tap.unavailable' || reason === 'tap-lost')
    alarms.raise({ alarm: 'tap-unavailable', detail: `a recording had no pipes: ${reason}` })
}

/** Raises the alarm of the store or key store that failed. @returns that alarm; undefined for other reasons */
function raiseStorageAlarm(
  alarms: Alarms,
  reason: string | undefined,
  failure: string,
): StorageAway | undefined {
  const found = STORAGE_REASONS.find(place => place.reason === reason)
  if (found) alarms.raise({ alarm: found.alarm, detail: `${found.name} ${failure}` })
  return found?.alarm
}
