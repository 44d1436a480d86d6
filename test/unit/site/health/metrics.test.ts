// Real: the text that a scraper gets. Fake: the values and the events.
import t from 'tap'
import { ALARMS } from '../../../../src/core/alarms.js'
import { ANSWERS, event } from '../../../../src/core/events.js'
import { newCallId, newPartId, newRecordingId } from '../../../../src/core/ids.js'
import { SHED_REASONS } from '../../../../src/core/ports.js'
import { createMetrics } from '../../../../src/site/health/metrics.js'
import type { MonitoredParts } from '../../../../src/site/health/monitored-parts.js'
import { partBegun, started } from '../../../support/data/call-events.js'

const nothing = async () => {}
const monitored: MonitoredParts = {
  purposes: ['service'],
  store: { checkWritable: nothing, room: async () => undefined },
  keyStore: { checkWritable: nothing },
  prompts: { checkReadable: nothing },
  promptBook: { unusable: [] },
  journal: {
    available: true,
    refusing: false,
    databaseSilentMs: 20,
    waiting: 3,
    counts: { committed: 70, refused: 1, dropped: 0 },
  },
  serviceLock: { copied: false, namesakes: 0 },
  journalLog: { state: { stopped: undefined, behindMs: 0 } },
  recorder: { keeperPid: 1, keeperHeldBytes: 64_000, taps: 2, signs: () => [] },
  setup: { troubles: () => [] },
  probes: { failed: [] },
  calls: {
    size: 5,
    inQuestion: 1,
    tapRefused: false,
    recordedByPbx: false,
    around: { spies: { fromOutside: false } },
  },
  telephony: { connected: true },
  day: { refresh: () => undefined },
}

const setUp = () =>
  createMetrics({
    monitored: () => monitored,
    mostRecordings: () => Number.POSITIVE_INFINITY,
    gateOpen: () => true,
    parts: () => ({ pbx: true, store: false }),
    alarms: kind => Number(kind === 'disk-low'),
    lagMs: () => 20,
    clockOffMs: () => -86_400_000,
    files: () => ({ open: 40, limit: 1_024 }),
  })

const lines = async (metrics: ReturnType<typeof createMetrics>) =>
  (await metrics.text()).split('\n').filter(line => line !== '' && !line.startsWith('#'))

const reactions = (trunk: string, reaction: string, count: number) =>
  `consentry_trunk_reactions_total{trunk="${trunk}",reaction="${reaction}"} ${count}`

t.test('values are read at each request', async t => {
  const text = await lines(setUp())
  for (const line of [
    'consentry_calls 5',
    'consentry_gate_open 1',
    'consentry_journal_events{outcome="committed"} 70',
    'consentry_keeper_held_bytes 64000',
    'consentry_part_up{part="pbx"} 1',
    'consentry_part_up{part="store"} 0',
    'consentry_alarm{alarm="disk-low"} 1',
    'consentry_alarm{alarm="pbx-away"} 0',
    'consentry_alarm{alarm="log-stopped"} 0',
    'consentry_event_loop_lag_seconds 0.02',
    'consentry_clock_off_seconds -86400',
    'process_open_fds 40',
  ])
    t.ok(text.includes(line), line)
})

t.test('counts start at 0 for each expected label, so that the first event changes the rate', async t => {
  const text = await lines(setUp())
  for (const line of [
    'consentry_calls_total 0',
    'consentry_recordings_started_total 0',
    'consentry_recordings_ended_total{state="truncated"} 0',
    'consentry_recordings_failed_total{reason="store.unwritable"} 0',
    ...ANSWERS.map(answer => `consentry_decisions_total{decision="${answer}"} 0`),
    ...SHED_REASONS.map(reason => `consentry_calls_shed_total{reason="${reason}"} 0`),
    ...ALARMS.map(alarm => `consentry_alarms_raised_total{alarm="${alarm}"} 0`),
  ])
    t.ok(text.includes(line), line)
})

t.test('calls report how long callers wait, and how those of each trunk react', async t => {
  const metrics = setUp()
  const call = metrics.meterFor('PJSIP/carrier')
  t.ok((await lines(metrics)).includes(reactions('PJSIP/carrier', 'nothing', 0)), 'counts begin at 0')
  call.took('decision', 50)
  call.reacted('nothing')
  metrics.meterFor(undefined).reacted('key')
  const text = await lines(metrics)
  for (const line of [
    'consentry_call_stage_seconds_bucket{le="0.04",stage="decision"} 0',
    'consentry_call_stage_seconds_bucket{le="0.06",stage="decision"} 1',
    'consentry_call_stage_seconds_count{stage="prompt"} 0',
    reactions('PJSIP/carrier', 'nothing', 1),
    reactions('unknown', 'key', 1),
  ])
    t.ok(text.includes(line), line)
})

t.test('only so many trunks have counts of their own', async t => {
  const metrics = setUp()
  for (let i = 0; i < 500; i++) metrics.meterFor(`PJSIP/carrier-${i}`).reacted('key')
  const counted = (await lines(metrics)).filter(line => line.startsWith('consentry_trunk_reactions_total'))
  t.equal(counted.length, 3 * 51)
  t.ok(counted.includes(reactions('other', 'key', 450)))
})

t.test('events are counted, and no label names a person', async t => {
  const metrics = setUp()
  const [call, recording, part] = [newCallId(), newRecordingId(), newPartId()]
  const caller = '+79001234567'
  metrics.observe(started(call, caller))
  metrics.observe(event('call.decided', call, 0, { decision: 'failed', reason: 'overloaded' }))
  metrics.observe(event('call.decided', call, 0, { decision: 'granted' }))
  for (const number of [1, 2])
    metrics.observe(
      event('recording.part-started', call, 0, { ...partBegun, recording, part, number, object: 'o' }),
    )
  metrics.observe(event('recording.finished', call, 0, { recording, state: 'truncated', seconds: 2 }))
  metrics.observe(
    event('recording.failed', call, 0, { recording, purpose: 'service', reason: 'store.unwritable' }),
  )
  metrics.observe(event('alarm.raised', null, 0, { alarm: 'disk-low', detail: 'nearly full' }))
  const text = await lines(metrics)
  for (const line of [
    'consentry_calls_total 1',
    'consentry_decisions_total{decision="granted"} 1',
    'consentry_calls_shed_total{reason="overloaded"} 1',
    'consentry_recordings_started_total 1',
    'consentry_recordings_ended_total{state="truncated"} 1',
    'consentry_recordings_failed_total{reason="store.unwritable"} 1',
    'consentry_alarms_raised_total{alarm="disk-low"} 1',
  ])
    t.ok(text.includes(line), line)
  for (const secret of [caller, call, recording, part]) t.notOk(text.join().includes(secret))
})

t.test('a probe call counts as no call, and its alarms count', async t => {
  const metrics = setUp()
  const call = newCallId()
  const recording = newRecordingId()
  const first = started(call)
  metrics.observe({ ...first, data: { ...first.data, probe: true } } as typeof first)
  metrics.observe(event('call.decided', call, 0, { decision: 'granted' }))
  metrics.observe(event('recording.finished', call, 0, { recording, state: 'finished', seconds: 5 }))
  metrics.observe(
    event('alarm.raised', call, 0, { alarm: 'leg-silent', recording, leg: 'agent', detail: 'silent' }),
  )
  const text = await lines(metrics)
  t.ok(text.includes('consentry_calls_total 0'))
  t.ok(text.includes('consentry_decisions_total{decision="granted"} 0'))
  t.ok(text.includes('consentry_recordings_ended_total{state="finished"} 0'))
  t.ok(text.includes('consentry_alarms_raised_total{alarm="leg-silent"} 1'))
})
