// The calls held against the channels. Fake: the PBX, the journal, the recorder, the prompts, the clock.
import t from 'tap'
import { Calls } from '../../../src/call/calls.js'
import { matchChannels } from '../../../src/call/match-channels.js'
import type { Whereabouts } from '../../../src/call/ports.js'
import type { ChannelId } from '../../../src/shared/ids.js'
import { newCallId, newServiceId } from '../../../src/shared/ids.js'
import { fakeChannel, fakeHouse, settle } from '../../support/fake-call.js'
import { FakeClock } from '../../support/fake-clock.js'
import { keyLine } from '../../support/policies.js'

const waiting: Whereabouts = { in: 'app', number: '100', caller: '7999' }

/** A PBX with these channels, and a service that has just come up. */
function setUp(...channels: [string, Whereabouts][]) {
  const clock = new FakeClock(0)
  const house = fakeHouse(clock)
  const lines = { find: (number: string) => (number === '100' ? keyLine : undefined) }
  const unknownLine = (number: string) => ({ ...keyLine, number, mode: 'none' as const, purposes: [] })
  const gate = { closed: () => undefined }
  const calls = new Calls({
    ...house.deps,
    lines,
    gate,
    unknownLine,
    owner: { node: 'here', keeper: '/keeper', service: newServiceId() },
  })
  const legs = new Map<string, ReturnType<typeof fakeChannel>>()
  const leg = (channel: string) => {
    const known = legs.get(channel) ?? fakeChannel(channel)
    legs.set(channel, known)
    return known
  }
  const pbx = {
    connected: true,
    places: new Map(channels as [ChannelId, Whereabouts][]),
    whereabouts: async () => new Map(pbx.places),
    lookAtBridges: async () => {},
    channel: leg,
  }
  const run = async (ms = 2_000) => {
    const done = matchChannels({ calls, pbx, clock, log: house.deps.log })
    await clock.run(ms)
    await done
    await settle()
  }
  const orders = (channel: string) => leg(channel).orders.map(order => order.split(' ').slice(0, 2).join(' '))
  return { ...house, calls, clock, pbx, run, orders, leg }
}

t.test('who waits without our knowing is taken in as a new call', async t => {
  const { run, orders, events } = setUp(['1.1', waiting])
  await run()
  t.strictSame(orders('1.1'), ['answer', 'play disclosure-key'])
  t.match(events[0], {
    type: 'call.started',
    data: { line: '100', channel: '1.1' },
    personal: { caller: '7999' },
  })
})

t.test('news of an arrival that was on its way comes first', async t => {
  const { run, calls, clock, events, leg } = setUp(['1.1', waiting])
  clock.after(500, () => calls.arrived({ number: '100', caller: '7999', at: 500, channel: leg('1.1') }))
  await run()
  t.equal(events.filter(({ type }) => type === 'call.started').length, 1)
})

t.test('news that comes after that changes nothing', async t => {
  const { run, calls, orders, events, leg } = setUp(['1.1', waiting])
  await run()
  calls.arrived({ number: '100', caller: '7999', at: 500, channel: leg('1.1') })
  await settle()
  t.equal(events.filter(({ type }) => type === 'call.started').length, 1)
  t.strictSame(orders('1.1'), ['answer', 'play disclosure-key'])
})

t.test('whoever has been sent on meanwhile is left alone', async t => {
  const { run, pbx, clock, orders } = setUp(['1.1', waiting])
  clock.after(500, () => pbx.places.set('1.1' as ChannelId, { in: 'dialplan' }))
  await run()
  t.strictSame(orders('1.1'), [])
})

t.test('a service that closes its door meanwhile takes nobody in', async t => {
  const { run, pbx, clock, orders, events } = setUp(['1.1', waiting])
  clock.after(500, () => {
    pbx.connected = false
  })
  await run()
  t.strictSame([orders('1.1'), events], [[], []])
})

t.test('a voice without a call is silenced, and what cannot be read is sent on', async t => {
  const { run, orders } = setUp(
    ['1.1-whisper', { in: 'ear' }],
    ['1.2', { in: 'unknown' }],
    ['1.3', { in: 'dialplan' }],
  )
  await run()
  t.strictSame(orders('1.1-whisper'), ['hang-up'])
  t.strictSame(orders('1.2'), ['send-on'])
  t.strictSame(orders('1.3'), [], "a neighbour's")
})

/** A call of an earlier service; in question unless it was given back. */
const earlier = (channel: string, released = false) => ({
  id: newCallId(),
  channel: channel as ChannelId,
  line: '100',
  policy: 1,
  startedAt: 0,
  answers: [],
  answered: true,
  disclosed: true,
  decided: released,
  returned: released,
})

t.test('calls of an earlier service are ended, or asked again, by where their channels are', async t => {
  const { run, calls, orders, events, leg } = setUp(['1.1', waiting], ['1.2', { in: 'dialplan' }])
  const [asked, left, gone] = ['1.1', '1.2', '1.3'].map(channel => earlier(channel))
  calls.recover([asked!, left!, gone!], leg)
  await run()
  t.strictSame(orders('1.1'), ['play interrupted'])
  t.strictSame(
    events.filter(({ call }) => call === left!.id).map(({ type }) => type),
    ['consent.answered', 'call.decided', 'call.released'],
  )
  t.match(
    events.filter(({ call }) => call === gone!.id),
    [
      { data: { answer: 'abandoned' } },
      { type: 'call.decided' },
      { type: 'call.ended', data: { cause: null } },
    ],
  )
})

t.test('a call that came back into our hands unheard is asked what it has not answered', async t => {
  const { run, calls, orders, leg } = setUp(['1.1', waiting])
  calls.recover([earlier('1.1', true)], leg)
  await run()
  t.strictSame(orders('1.1'), ['answer', 'play disclosure-key'])
})

t.test('a PBX that does not tell lets callers go on; one that is not there is waited for', async t => {
  const { run, calls, pbx, orders, leg } = setUp()
  calls.recover([earlier('1.1')], leg)
  pbx.whereabouts = async () => {
    throw new Error('no answer')
  }
  pbx.connected = false
  await run()
  t.strictSame(orders('1.1'), [])
  pbx.connected = true
  await run()
  t.strictSame(orders('1.1'), ['give-back failed'])
})
