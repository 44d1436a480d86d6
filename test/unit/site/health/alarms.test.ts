// Real: the alarms. Fake: the clock, the journal (a list) and the events.
import t from 'tap'
import { type CallEvent, event } from '../../../../src/core/events.js'
import { newCallId, newNodeId, newRecordingId } from '../../../../src/core/ids.js'
import { Alarms } from '../../../../src/site/health/alarms.js'
import { raiseAlarmFromEvent } from '../../../../src/site/health/health.js'
import { UnwritableStorage } from '../../../../src/site/health/unwritable-storage.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { silent } from '../../../support/processes/database.js'

function setUp() {
  const clock = new FakeClock()
  const journalled: CallEvent[] = []
  const note = (...events: CallEvent[]) => void journalled.push(...events)
  const journal = { append: async () => {}, note, noteDurably: async (one: CallEvent) => note(one) }
  const alarms = new Alarms({ journal, clock, log: silent })
  /** Type and alarm of the events since the last call of this function. */
  const newEvents = () =>
    journalled.splice(0).map(({ type, data }) => `${type} ${(data as { alarm: string }).alarm}`)
  return { clock, journalled, journal, alarms, newEvents }
}

t.test('an alarm is journalled once when it begins and once when it is over', async t => {
  const { alarms, clock, journalled, newEvents } = setUp()
  const trouble = { alarm: 'disk-low', detail: 'nearly full' } as const
  alarms.raise(trouble)
  alarms.raise({ ...trouble, detail: 'nearly full, still' })
  t.equal(alarms.count('disk-low'), 1)
  t.strictSame(newEvents(), ['alarm.raised disk-low'])
  clock.advance(1_500)
  alarms.clear('disk-low')
  alarms.clear('disk-low')
  matchEach(t, journalled, [{ type: 'alarm.cleared', data: { alarm: 'disk-low', stoodMs: 1_500 } }])
  t.equal(alarms.count('disk-low'), 0)
})

t.test('a check raises and clears alarms of its own kinds only, each subject separately', async t => {
  const { alarms, newEvents } = setUp()
  const call = newCallId()
  const [one, two] = [newRecordingId(), newRecordingId()].map(recording => ({
    alarm: 'leg-silent' as const,
    leg: 'agent' as const,
    ...{ recording, call, detail: 'nothing is heard' },
  }))
  alarms.raise({ alarm: 'disk-low', detail: 'nearly full' })
  alarms.setStanding(['leg-silent'], [one!, two!])
  alarms.setStanding(['leg-silent'], [one!, two!])
  t.equal(alarms.count('leg-silent'), 2)
  t.strictSame(newEvents(), ['alarm.raised disk-low', 'alarm.raised leg-silent', 'alarm.raised leg-silent'])
  alarms.setStanding(['leg-silent'], [two!])
  t.equal(alarms.count('leg-silent'), 1)
  alarms.setStanding(['leg-silent'], [])
  t.strictSame(newEvents(), ['alarm.cleared leg-silent', 'alarm.cleared leg-silent'])
  t.equal(alarms.count('disk-low'), 1)
})

t.test('events of recordings raise and clear alarms', async t => {
  const { alarms, clock } = setUp()
  const away = new UnwritableStorage()
  const happened = (one: CallEvent) => raiseAlarmFromEvent(alarms, away, one)
  const failed = (reason: string, purpose = 'service') =>
    happened(event('recording.failed', null, clock.now(), { recording: null, purpose, reason }))
  failed('key.missing')
  failed('key.missing')
  failed('key.missing', 'marketing')
  t.equal(alarms.count('key-missing'), 2)
  const recording = newRecordingId()
  const basis = event('call.answered', null, 0, { line: '100', policy: 1 }).id
  const prepared = { recording, purpose: 'service', basis, due: '2026-03-02', tap: 't', service: newNodeId() }
  happened(event('recording.prepared', null, clock.now(), prepared))
  t.equal(alarms.count('key-missing'), 1, 'a recording for the purpose shows that there is a key')
  failed('store.unwritable', 'marketing')
  t.equal(away.reason(['marketing']), 'store-unwritable')
  t.equal(away.reason(['service']), undefined, 'another purpose may have another store')
  alarms.clear('store-unwritable')
  failed('keys.unwritable')
  t.equal(away.reason(['service']), 'keys-unwritable')
  t.equal(alarms.count('keys-unwritable'), 1)
  t.equal(alarms.count('store-unwritable'), 0, 'a failure of the keys says nothing of the store')
  failed('tap-lost')
  t.equal(alarms.count('tap-unavailable'), 1)
  const truncated = { recording, state: 'truncated', seconds: 1 } as const
  happened(event('recording.finished', null, clock.now(), truncated))
  t.equal(
    alarms.count('store-unwritable'),
    0,
    'a recording that was cut short for another reason raises no alarm',
  )
  happened(event('recording.finished', null, clock.now(), { ...truncated, reason: 'store.unwritable' }))
  t.equal(alarms.count('store-unwritable'), 1)
  alarms.clear('keys-unwritable')
  happened(event('recording.finished', null, clock.now(), { ...truncated, reason: 'keys.unwritable' }))
  t.equal(alarms.count('keys-unwritable'), 1, 'a recording that got no key for a new part raises an alarm')
})
