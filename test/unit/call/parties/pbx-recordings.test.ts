// Real: the search for recordings of the PBX. Fake: the calls, the PBX, the journal and the clock.
import t from 'tap'
import { PbxRecordings } from '../../../../src/call/parties/pbx-recordings.js'
import type { Neighbour } from '../../../../src/call/ports.js'
import type { RunningCall } from '../../../../src/call/run/running-call.js'
import type { CallEvent } from '../../../../src/core/events.js'
import { type ChannelId, newCallId } from '../../../../src/core/ids.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

const channel = 'c' as ChannelId
const [agent, far] = ['a', 'f'] as ChannelId[] as [ChannelId, ChannelId]
const near = (id: ChannelId): Neighbour => ({ channel: id, name: `PJSIP/${id}`, near: true })
const peers = [near(agent)]

function setUp({ answered = true, stops = false, recorded = 0, inside = false, mode = 'key' } = {}) {
  const clock = new FakeClock()
  const noted: CallEvent[] = []
  const pbx = { records: true, asked: 0, stopped: 0, followed: 0, takesOrders: true }
  const orders = (of: typeof pbx) => ({
    async recordedByPbx() {
      of.asked += 1
      return of.records
    },
    async stopPbxRecordings() {
      of.stopped += 1
      return of.takesOrders
    },
    async follow() {
      of.followed += 1
      throw new Error('away')
    },
  })
  /** The channels of those who are with the caller. */
  const there = { ...pbx, records: false }
  const call = {
    id: newCallId(),
    standing: { answered, recorded: Array(recorded) },
    pbx: orders(pbx),
    line: { mode },
  } as unknown as RunningCall
  const calls = new Map([[channel, call]])
  const found = new PbxRecordings({
    callOn: of => calls.get(of),
    channelOf: () => orders(there),
    cameFromInside: () => inside,
    journal: { note: (...events) => void noted.push(...events) },
    ...{ stopsPbxRecordings: stops, clock },
  })
  return { clock, noted, pbx, there, calls, found }
}

t.test('a recording of the PBX is noted once, and remembered for ten minutes after the call', async t => {
  const { clock, noted, pbx, found } = setUp()
  pbx.records = false
  found.begun(channel)
  await flushPromises()
  t.strictSame([found.found, noted], [false, []])
  pbx.records = true
  found.connected(channel, peers)
  found.connected(channel, peers)
  await flushPromises()
  found.connected(channel, peers)
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
  first.found.connected(channel, peers)
  await flushPromises()
  t.equal(first.noted[1]!.id, event!.id)
  const ended = setUp()
  ended.found.begun(channel)
  ended.calls.clear()
  await flushPromises()
  t.strictSame([ended.found.found, ended.noted], [false, []])
  const unanswered = setUp({ answered: false })
  unanswered.found.connected(channel, peers)
  await flushPromises()
  t.equal(unanswered.pbx.asked, 0)
})

t.test('where the settings want it, the PBX is told to stop, as often as it restarts', async t => {
  const { noted, pbx, found } = setUp({ stops: true })
  found.begun(channel)
  await flushPromises()
  found.connected(channel, peers)
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
        found.connected(channel, peers)
        await flushPromises()
      }
      t.equal(pbx.followed, times)
      t.ok(pbx.asked > 0, 'and looked at, although it does not answer')
    }
  },
)

t.test('a recording on the channel of somebody who is with the caller is one of the call', async t => {
  for (const stops of [false, true]) {
    const { noted, pbx, there, found } = setUp({ stops, recorded: 1 })
    pbx.records = false
    found.connected(channel, peers)
    await flushPromises()
    t.strictSame([there.asked, there.followed, noted], [1, 0, []], 'it is looked at, and heard anyway')
    there.records = true
    found.began(agent)
    found.began('other' as ChannelId)
    await flushPromises()
    matchEach(t, noted, [{ type: 'call.recorded-by-pbx', data: { when: 'after', stopped: stops } }])
    t.strictSame([there.stopped, pbx.stopped], [stops ? 1 : 0, 0], 'on that channel')
    found.connected(channel, [])
    found.began(agent)
    await flushPromises()
    t.equal(there.asked, 2, 'who has left is not looked at')
    t.ok(found.found)
    found.gone(channel)
    t.equal(found.size, 0)
  }
})

t.test('a far channel is looked at again and again, a near one once', async t => {
  const { pbx, there, found } = setUp()
  pbx.records = false
  for (let i = 0; i < 3; i++) {
    found.connected(channel, [near(agent), { ...near(far), near: false }])
    await flushPromises()
  }
  t.equal(there.asked, 4)
})

t.test('where recordings are stopped, near channels beside unrecorded callers are followed', async t => {
  const { pbx, there, found } = setUp({ stops: true })
  pbx.records = false
  for (let i = 0; i < 2; i++) {
    found.connected(channel, [near(agent), { ...near(far), near: false }])
    await flushPromises()
  }
  t.equal(there.followed, 1)
})

t.test('a mailbox records a caller who has refused, or was not asked on a line that asks', async t => {
  for (const answered of [true, false]) {
    const { noted, found } = setUp({ answered })
    for (let i = 0; i < 2; i++) found.inMailbox(channel)
    found.inMailbox(agent)
    const data = { when: answered ? 'after' : 'before', stopped: false }
    matchEach(t, noted, [{ type: 'call.recorded-by-pbx', data }])
    t.ok(found.found)
  }
  for (const how of [{ recorded: 1 }, { mode: 'none' }, { inside: true }]) {
    const { noted, found } = setUp(how)
    found.inMailbox(channel)
    t.strictSame([noted, found.found], [[], false])
  }
})
