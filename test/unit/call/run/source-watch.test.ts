// Real: the watch over sources. Fake: the calls, what the PBX receives, and the clock.
import t from 'tap'
import type { RunningCall } from '../../../../src/call/run/running-call.js'
import { SourceWatch, type WatchedCall } from '../../../../src/call/run/side-watch.js'
import type { CallId, ChannelId } from '../../../../src/core/ids.js'
import { flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

const [CALLER, PHONE] = ['1.1', '2.1'] as ChannelId[] as [ChannelId, ChannelId]
const call = { id: 'call' as CallId, channel: CALLER } as RunningCall

function setUp() {
  const clock = new FakeClock()
  const one: WatchedCall = { call, on: { caller: [CALLER], agent: [PHONE] } }
  const state = { watched: [one], asked: 0 }
  const sends = new Map([
    [CALLER, { source: 1, lost: 0 }],
    [PHONE, { source: 2, lost: 0 }],
  ])
  const found: string[] = []
  const watch = new SourceWatch({
    watched: () => state.watched,
    async rtpOf(channels) {
      state.asked += 1
      return new Map(
        channels.flatMap(channel => (sends.has(channel) ? [[channel, { ...sends.get(channel)! }]] : [])),
      )
    },
    clock,
    changed: (_, leg, ms) => void found.push(`${leg} ${ms}`),
  })
  watch.begin()
  const pass = (seconds: number) => clock.advanceAndWait(seconds * 1_000, flushPromises)
  return { watch, state, sends, found, pass, one }
}

t.test('another source of a leg is found within a second', async t => {
  const { watch, sends, found, pass } = setUp()
  await pass(5)
  t.strictSame(found, [])
  sends.get(PHONE)!.source = 3
  await pass(1)
  t.strictSame(found, ['agent 1000'])
  await pass(5)
  t.equal(found.length, 1)
  watch.stop()
})

t.test('sequence numbers that jump are found by the packets that seem lost', async t => {
  const { watch, sends, found, pass } = setUp()
  await pass(5)
  sends.get(CALLER)!.lost = 500
  await pass(2)
  t.strictSame(found, [], 'these are really lost')
  sends.get(CALLER)!.lost = 46_000
  await pass(2)
  t.strictSame(found, ['caller 6500'])
  watch.stop()
})

t.test('what was found out by a restart is no change', async t => {
  const { watch, sends, found, pass, one } = setUp()
  await pass(2)
  sends.get(CALLER)!.source = 4
  await watch.renewed(one)
  await pass(3)
  t.strictSame(found, [])
  watch.stop()
})

t.test('a phone that sends nothing for a while is known again', async t => {
  const { watch, sends, found, pass } = setUp()
  await pass(2)
  sends.delete(PHONE)
  await pass(2)
  sends.set(PHONE, { source: 2, lost: 0 })
  await pass(2)
  t.strictSame(found, [])
  watch.stop()
})

t.test('without recorded calls nobody is asked, and nothing is remembered', async t => {
  const { watch, state, pass, one } = setUp()
  await pass(2)
  state.watched = []
  await pass(2)
  const { asked } = state
  await watch.renewed(one)
  await pass(5)
  t.equal(state.asked, asked + 1)
  t.equal(watch.size, 0)
})
