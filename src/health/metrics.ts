import { Counter, Gauge, Registry } from 'prom-client'
import { ALARMS, type AlarmKind } from '../shared/alarms.js'
import { ANSWERS, type CallEvent } from '../shared/events.js'
import { SHED_REASONS } from '../shared/ports.js'
import type { Descriptors } from './checks/descriptors.js'
import type { Watched } from './watched.js'

const RECORDING_ENDS = ['finished', 'truncated', 'empty']
/** Why recordings do not begin, as far as it can be foreseen. */
const FAILURES = [
  ...['key.missing', 'store.unwritable', 'keys.unwritable', 'tap.unavailable', 'tap-lost', 'tap-gone'],
  ...['journal.timeout', 'journal.unwritten', 'journal.refused', 'db.unavailable', 'left', 'hung-up'],
]

/** What is read anew whenever somebody asks for the metrics. */
export interface Figures {
  watched(): Watched | undefined
  mostRecordings(): number
  /** Whether a call is asked on a line with all purposes. */
  gateOpen(): boolean
  /** Each part that must work, by name. */
  parts(): Record<string, boolean>
  alarms(kind: AlarmKind): number
  lagMs(): number
  clockOffMs(): number
  files(): Descriptors
}

export interface Metrics {
  /** Something has entered the journal. */
  saw(event: CallEvent): void
  /** In Prometheus' text format. */
  text(): Promise<string>
  readonly contentType: string
}

/** Everything an operator may want to draw. No label names a call, a line or a person. */
export function keepMetrics(figures: Figures): Metrics {
  const registry = new Registry()
  const registers = [registry]
  const gauge = (name: string, help: string, read: () => number | undefined) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        const value = read()
        // No limit is no number.
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
  /** @param foreseen are there from the start: of a count that appears with its first one, the rate misses that one */
  const counters = (name: string, help: string, label: string, foreseen: readonly string[]) => {
    const counts = new Counter({ name, help, registers, labelNames: [label] })
    const add = (key: string, n = 1) => counts.inc({ [label]: key }, n)
    for (const key of foreseen) add(key, 0)
    return add
  }
  const { watched, files } = figures

  gauge('consentry_calls', 'Calls whose channel has not ended', () => watched()?.calls.size)
  gauge('consentry_recordings_running', 'Recordings under way', () => watched()?.recorder.signs().length)
  gauge('consentry_recordings_limit', 'With so many, no more calls are asked', figures.mostRecordings)
  gauge('consentry_gate_open', 'Whether new calls are asked', () => Number(figures.gateOpen()))
  gauge('consentry_keeper_held_bytes', 'Audio not durable yet', () => watched()?.recorder.keeperHeldBytes)
  gauge('consentry_journal_waiting', 'Events that wait for the database', () => watched()?.journal.waiting)
  gauges('consentry_journal_events', 'What became of events since the start', 'outcome', () => {
    const { committed = 0, refused = 0, dropped = 0 } = watched()?.journal.counts ?? {}
    return { committed, refused, dropped }
  })
  gauges('consentry_part_up', 'Parts that must work', 'part', () =>
    Object.fromEntries(Object.entries(figures.parts()).map(([part, up]) => [part, Number(up)])),
  )
  gauges('consentry_alarm', 'Alarms that stand', 'alarm', () =>
    Object.fromEntries(ALARMS.map(alarm => [alarm, figures.alarms(alarm)])),
  )
  gauge('consentry_event_loop_lag_seconds', 'How late the service is', () => figures.lagMs() / 1000)
  gauge('consentry_clock_off_seconds', 'How far the clock has jumped', () => figures.clockOffMs() / 1000)
  gauge('process_open_fds', 'Open files', () => files().open)
  gauge('process_max_fds', 'Most files that may be open', () => files().limit)
  gauge('process_resident_memory_bytes', 'Memory of the service', () => process.memoryUsage.rss())

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
    RECORDING_ENDS,
  )
  const failed = counters(
    'consentry_recordings_failed_total',
    'Recordings that did not begin',
    'reason',
    FAILURES,
  )
  const raised = counters('consentry_alarms_raised_total', 'Alarms raised', 'alarm', ALARMS)
  return {
    saw({ type, data }) {
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
