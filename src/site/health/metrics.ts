import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { ALARMS, type AlarmKind } from '../../core/alarms.js'
import { ANSWERS, type CallEvent } from '../../core/events.js'
import type { CallId } from '../../core/ids.js'
import { CALL_STAGES, type CallMeter, REACTIONS, SHED_REASONS } from '../../core/ports.js'
import type { Descriptors } from './descriptors.js'
import type { MonitoredParts } from './monitored-parts.js'

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
  gauge('consentry_gate_open', '1 while new calls are asked', () => Number(sources.gateOpen()))
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

/** Most probe calls in memory, the latest. The last event of a call comes within a minute, and probe calls are rare. */
const MOST = 100

/** Distinguishes the events of probe calls from those of callers. */
class RecentProbes {
  readonly #calls = new Set<CallId>()

  /**
   * Returns whether an event belongs to a probe call. Takes every event that enters the journal, in order. An alarm
   * belongs to no call.
   */
  has({ type, call, data }: CallEvent): boolean {
    if (!call || type === 'alarm.raised') return false
    if (type === 'call.started' && data.probe) {
      this.#calls.add(call)
      const [oldest] = this.#calls
      if (this.#calls.size > MOST && oldest !== undefined) this.#calls.delete(oldest)
    }
    return this.#calls.has(call)
  }
}

/**
 * Upper bounds of the histogram's buckets, s. On a machine with room, answers take some 20 ms and returns some 10 ms. Callers notice a
 * second.
 */
const BUCKETS = [0.01, 0.02, 0.04, 0.06, 0.1, 0.2, 0.5, 1, 2, 5]
/** Most trunks with counts of their own. A PBX has a few, and each makes some ten rows in the monitoring's database. */
const MAX_TRUNKS = 50
/** The trunk of calls whose channel does not show one. */
const UNKNOWN_TRUNK = 'unknown'
/** The trunk of calls beyond `MAX_TRUNKS`. */
const OTHER_TRUNK = 'other'

/**
 * Creates the metrics that each call reports itself.
 *
 * @returns a function that makes the meter of a call
 */
function createCallMetrics(registry: Registry): (trunk: string | undefined) => CallMeter {
  const registers = [registry]
  const stages = new Histogram({
    name: 'consentry_call_stage_seconds',
    help: 'How long callers wait: prompt, for the first prompt; decision, from a key to the stored answer; return, for the dialplan',
    buckets: BUCKETS,
    registers,
    labelNames: ['stage'],
  })
  for (const stage of CALL_STAGES) stages.zero({ stage })
  const reactions = new Counter({
    name: 'consentry_trunk_reactions_total',
    help: 'Callers who were asked, by the trunk and by how they reacted',
    registers,
    labelNames: ['trunk', 'reaction'],
  })
  const trunks = new Set<string>()

  /** The label of a trunk. Its counts begin at 0, because a rate misses the first count of a label that starts later. */
  function labelOf(trunk = UNKNOWN_TRUNK): string {
    if (trunks.has(trunk)) return trunk
    const label = trunks.size < MAX_TRUNKS ? trunk : OTHER_TRUNK
    if (!trunks.has(label)) for (const reaction of REACTIONS) reactions.inc({ trunk: label, reaction }, 0)
    trunks.add(label)
    return label
  }

  return trunk => {
    const label = labelOf(trunk)
    return {
      took: (stage, ms) => stages.observe({ stage }, ms / 1000),
      reacted: reaction => reactions.inc({ trunk: label, reaction }),
    }
  }
}
