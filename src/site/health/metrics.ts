import { Counter, Gauge, Registry } from 'prom-client'
import { ALARMS, type AlarmKind } from '../../core/alarms.js'
import { ANSWERS, type CallEvent } from '../../core/events.js'
import { type CallMeter, SHED_REASONS } from '../../core/ports.js'
import { createCallMetrics } from './call-metrics.js'
import type { Descriptors } from './checks/descriptors.js'
import type { MonitoredParts } from './monitored-parts.js'
import { RecentProbes } from './recent-probes.js'

const END_STATES = ['finished', 'truncated', 'empty']
/** The usual reasons why recordings do not begin. */
const FAILURE_REASONS = [
  ...['key.missing', 'store.unwritable', 'keys.unwritable', 'tap.unavailable', 'tap-lost', 'tap-gone'],
  ...['journal.timeout', 'journal.unwritten', 'journal.refused', 'db.unavailable', 'left', 'hung-up'],
]

/** The values that each request for the metrics reads. */
export interface MetricSources {
  monitored(): MonitoredParts | undefined
  mostRecordings(): number
  /** True if the gate is open for a line with all purposes. */
  gateOpen(): boolean
  /** True for each working part, by name. */
  parts(): Record<string, boolean>
  alarms(kind: AlarmKind): number
  lagMs(): number
  clockOffMs(): number
  files(): Descriptors
}

export interface Metrics {
  /** Counts an event that has entered the journal. */
  observe(event: CallEvent): void
  /** Makes the meter of a call. @param trunk of the call, if the PBX shows it */
  meterFor(trunk: string | undefined): CallMeter
  /** In Prometheus' text format. */
  text(): Promise<string>
  readonly contentType: string
}

/** Creates the metrics for operators. No label names a call, a line or a person. */
export function createMetrics(sources: MetricSources): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number | undefined) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        const value = read()
        // An infinite limit is not shown.
        if (value !== undefined && Number.isFinite(value)) this.set(value)
      },
    })
  const gauges = (name: string, help: string, label: string, read: () => Record<string, number>) =>
    new Gauge({
      ...{ name, help, registers, labelNames: [label] },
      collect() {
        for (const [key, value] of Object.entries(read())) this.set({ [label]: key }, value)
      },
    })
  const counter = (name: string, help: string) => new Counter({ name, help, registers })
  /** @param expected labels that start at 0. A rate misses the first count of a label that starts later. */
  const counters = (name: string, help: string, label: string, expected: readonly string[]) => {
    const counts = new Counter({ name, help, registers, labelNames: [label] })
    const add = (key: string, n = 1) => counts.inc({ [label]: key }, n)
    for (const key of expected) add(key, 0)
    return add
  }
  const { monitored, files } = sources

  gauge('consentry_calls', 'Calls whose channel has not ended', () => monitored()?.calls.size)
  gauge('consentry_recordings_running', 'Recordings under way', () => monitored()?.recorder.signs().length)
  gauge('consentry_recordings_limit', 'With so many, no more calls are asked', sources.mostRecordings)
  gauge('consentry_gate_open', 'Whether new calls are asked', () => Number(sources.gateOpen()))
  gauge('consentry_keeper_held_bytes', 'Audio not durable yet', () => monitored()?.recorder.keeperHeldBytes)
  gauge('consentry_journal_waiting', 'Events that wait for the database', () => monitored()?.journal.waiting)
  gauges('consentry_journal_events', 'What became of events since the start', 'outcome', () => {
    const { committed = 0, refused = 0, dropped = 0 } = monitored()?.journal.counts ?? {}
    return { committed, refused, dropped }
  })
  gauges('consentry_part_up', 'Parts that must work', 'part', () =>
    Object.fromEntries(Object.entries(sources.parts()).map(([part, up]) => [part, Number(up)])),
  )
  gauges('consentry_alarm', 'Alarms that stand', 'alarm', () =>
    Object.fromEntries(ALARMS.map(alarm => [alarm, sources.alarms(alarm)])),
  )
  gauge('consentry_event_loop_lag_seconds', 'How late the service is', () => sources.lagMs() / 1000)
  gauge('consentry_clock_off_seconds', 'How far the clock has jumped', () => sources.clockOffMs() / 1000)
  gauge('process_open_fds', 'Open files', () => files().open)
  gauge('process_max_fds', 'Most files that may be open', () => files().limit)
  gauge('process_resident_memory_bytes', 'Memory of the service', () => process.memoryUsage.rss())
  const startedAt = Date.now() / 1000 - process.uptime()
  gauge('process_start_time_seconds', 'When the service was started, since the epoch', () => startedAt)

  const calls = counter('consentry_calls_total', 'Calls that came in')
  const decided = counters('consentry_decisions_total', 'Calls by what was decided', 'decision', ANSWERS)
  const shed = counters(
    'consentry_calls_shed_total',
    'Calls not asked because of load or of a store that takes nothing',
    'reason',
    SHED_REASONS,
  )
  const started = counter('consentry_recordings_started_total', 'Recordings that began')
  const ended = counters(
    'consentry_recordings_ended_total',
    'Recordings by how they ended',
    'state',
    END_STATES,
  )
  const failed = counters(
    'consentry_recordings_failed_total',
    'Recordings that did not begin',
    'reason',
    FAILURE_REASONS,
  )
  const probes = new RecentProbes()
  const raised = counters('consentry_alarms_raised_total', 'Alarms raised', 'alarm', ALARMS)
  return {
    meterFor: createCallMetrics(registry),
    observe(observed) {
      const { type, data } = observed
      if (probes.has(observed)) return
      if (type === 'call.started') calls.inc()
      else if (type === 'call.decided') {
        decided(data.decision)
        const reason = SHED_REASONS.find(one => one === data.reason)
        if (reason) shed(reason)
      } else if (type === 'recording.part-started' && data.number === 1) started.inc()
      else if (type === 'recording.finished') ended(data.state)
      else if (type === 'recording.empty') ended('empty')
      else if (type === 'recording.failed') failed(data.reason)
      else if (type === 'alarm.raised') raised(data.alarm)
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  }
}
