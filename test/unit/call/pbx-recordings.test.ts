// Real: the search for recordings of the PBX. Fake: the calls, the PBX, the journal and the clock.
import t from 'tap'
import { PbxRecordings } from '../../../src/call/pbx-recordings.js'
import type { RunningCall } from '../../../src/call/running-call.js'
import type { CallEvent } from '../../../src/shared/events.js'
import { type ChannelId, newCallId } from '../../../src/shared/ids.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { flushPromises } from '../../support/fakes/fake-call.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

const channel = 'c' as ChannelId

function setUp({ answered = true, stops = false, recorded = 0 } = {}) {
  const clock = new FakeClock()
  const noted: CallEvent[] = []
  const pbx = { records: true, asked: 0, stopped: 0, followed: 0, takesOrders: true }
  const call = {
    id: newCallId(),
    standing: { answered, recorded: Array(recorded) },
    pbx: {
      async recordedByPbx() {
        pbx.asked += 1
        return pbx.records
      },
      async stopPbxRecordings() {
        pbx.stopped += 1
        return pbx.takesOrders
      },
      async follow() {
        pbx.followed += 1
        throw new Error('away')
      },
    },
  } as unknown as RunningCall
  const calls = new Map([[channel, call]])
  const found = new PbxRecordings({
    callOn: of => calls.get(of),
    journal: { note: (...events) => void noted.push(...events) },
    ...{ stopsPbxRecordings: stops, clock },
  })
  return { clock, noted, pbx, calls, found }
}

t.test('a recording of the PBX is noted once, and remembered for ten minutes after the call', async t => {
  const { clock, noted, pbx, found } = setUp()
  pbx.records = false
  found.begun(channel)
  await flushPromises()
  t.strictSame([found.found, noted], [false, []])
  pbx.records = true
  found.connected(channel)
  found.connected(channel)
  await flushPromises()
  found.connected(channel)
  await flushPromises()
  t.equal(pbx.asked, 3, 'the PBX is not asked again')
  matchEach(t, noted, [{ type: 'call.recorded-by-pbx', data: { when: 'after', stopped: false } }])
  t.equal(pbx.stopped, 0)
  clock.advance(3_600_000)
  t.ok(found.found, 'the call goes on')
  found.gone(channel)
  t.notOk(found.found)
})

t.test('a later service notes the same event, and a call that has ended is none', async t => {
  const first = setUp()
  first.found.begun(channel)
  await flushPromises()
  const [event] = first.noted
  t.match(event, { data: { when: 'before' } })
  first.found.gone(channel)
  t.ok(first.found.found, 'it is remembered')
  first.clock.advance(600_000)
  t.notOk(first.found.found)
  first.found.connected(channel)
  await flushPromises()
  t.equal(first.noted[1]!.id, event!.id)
  const ended = setUp()
  ended.found.begun(channel)
  ended.calls.clear()
  await flushPromises()
  t.strictSame([ended.found.found, ended.noted], [false, []])
  const unanswered = setUp({ answered: false })
  unanswered.found.connected(channel)
  await flushPromises()
  t.equal(unanswered.pbx.asked, 0)
})

t.test('where the settings want it, the PBX is told to stop, as often as it begins anew', async t => {
  const { noted, pbx, found } = setUp({ stops: true })
  found.begun(channel)
  await flushPromises()
  found.connected(channel)
  await flushPromises()
  t.equal(pbx.stopped, 2)
  matchEach(t, noted, [{ data: { when: 'before', stopped: true } }])
  const deaf = setUp({ stops: true })
  deaf.pbx.takesOrders = false
  deaf.found.begun(channel)
  await flushPromises()
  matchEach(t, deaf.noted, [{ data: { when: 'before', stopped: false } }])
})

t.test(
  'a recording that the PBX begins in the middle of a call is found, if the caller is asked',
  async t => {
    const { noted, pbx, found } = setUp({ stops: true })
    found.began(channel)
    await flushPromises()
    t.equal(pbx.stopped, 1)
    matchEach(t, noted, [{ data: { when: 'after', stopped: true } }])
    const early = setUp({ answered: false })
    early.found.began(channel)
    await flushPromises()
    t.equal(early.pbx.asked, 0, 'nobody is asked on this line')
    early.pbx.records = false
    early.found.begun(channel)
    await flushPromises()
    early.pbx.records = true
    early.found.began(channel)
    await flushPromises()
    matchEach(t, early.noted, [{ data: { when: 'before' } }])
  },
)

t.test(
  'where recordings are stopped, the PBX is asked to report on callers who are not recorded',
  async t => {
    const cases = [
      [{ stops: true }, 1],
      [{ stops: true, recorded: 1 }, 0],
      [{}, 0],
    ] as const
    for (const [how, times] of cases) {
      const { pbx, found } = setUp(how)
      for (let i = 0; i < 2; i++) {
        found.connected(channel)
        await flushPromises()
      }
      t.equal(pbx.followed, times)
      t.ok(pbx.asked > 0, 'and looked at, although it does not answer')
    }
  },
)
