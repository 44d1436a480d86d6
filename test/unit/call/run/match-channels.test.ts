// Real: the calls. Fake: the PBX, the journal, the recorder, the prompts and the clock.
import t from 'tap'
import type { Whereabouts } from '../../../../src/call/ports.js'
import { Calls } from '../../../../src/call/run/calls.js'
import { keepMatching, matchChannels } from '../../../../src/call/run/match-channels.js'
import { Trials } from '../../../../src/call/run/trials.js'
import type { ChannelId } from '../../../../src/core/ids.js'
import { newDraftId, newNodeId, newTrialId } from '../../../../src/core/ids.js'
import { trialChannelId } from '../../../../src/core/trial.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { keyLine } from '../../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { openGate } from '../../../support/fakes/gate.js'
import { recoveredCall } from '../../../support/fakes/recovered-call.js'

const waiting: Whereabouts = { in: 'app', number: '100', caller: '7999' }

/** A PBX with these channels, and a service that has just started. */
function setUp(...channels: [string, Whereabouts][]) {
  const clock = new FakeClock(0)
  const fakes = fakeCallDeps(clock)
  const lines = { find: (number: string) => (number === '100' ? keyLine : undefined) }
  const unknownLine = (number: string) => ({ ...keyLine, number, mode: 'none' as const, purposes: [] })
  const calls = new Calls({
    ...fakes.deps,
    lines,
    gate: openGate,
    unknownLine,
    owner: { node: 'here', service: newNodeId() },
  })
  const trials = new Trials({ ...fakes.deps, gate: openGate })
  const fakeChannels = new Map<string, ReturnType<typeof fakeChannel>>()
  const channelOf = (channel: string) => {
    const known = fakeChannels.get(channel) ?? fakeChannel(channel)
    fakeChannels.set(channel, known)
    return known
  }
  const pbx = {
    connected: true,
    connections: 1,
    /** How often all channels were listed, and how often the own channels alone. */
    ...{ lists: 0, looks: 0 },
    places: new Map(channels as [ChannelId, Whereabouts][]),
    async whereabouts() {
      pbx.lists += 1
      return new Map(pbx.places)
    },
    async ownChannels() {
      pbx.looks += 1
      return [...pbx.places.keys()]
    },
    ...{ reportBridges: async () => {}, dialplanUses: async () => ({ spies: [], inMailbox: [] }) },
    channel: channelOf,
  }
  const run = async (ms = 1_500) => {
    const done = matchChannels({ calls, trials, pbx, clock, log: fakes.deps.log })
    await clock.advanceAndWait(ms)
    await done
    await flushPromises()
  }
  /** Matches from now on. */
  const match = () => {
    const passed = { passedCalls: async () => [] }
    const looks = { pbx: Object.assign(pbx, passed), journalled: async () => new Set<ChannelId>() }
    const matching = keepMatching({ calls, trials, clock, log: fakes.deps.log, ...looks }, () => {})
    t.teardown(() => matching.stop())
  }
  const orders = (channel: string) =>
    channelOf(channel).orders.map(order => order.split(' ').slice(0, 2).join(' '))
  return { ...fakes, calls, trials, clock, pbx, run, match, orders, channelOf }
}

t.test('a waiting caller whose arrival was not reported becomes a new call', async t => {
  const { run, orders, events } = setUp(['1.1', waiting])
  await run()
  t.strictSame(orders('1.1'), ['answer', 'play disclosure-key'])
  t.match(events[0], {
    type: 'call.started',
    data: { line: '100', channel: '1.1' },
    personal: { caller: '7999' },
  })
})

t.test('an arrival that is reported late, but within a second, starts the call', async t => {
  const { run, calls, clock, events, channelOf } = setUp(['1.1', waiting])
  clock.after(500, () => calls.arrived({ number: '100', caller: '7999', at: 500, channel: channelOf('1.1') }))
  await run()
  matchEach(
    t,
    events.filter(({ type }) => type === 'call.started'),
    [{ at: 500 }],
  )
})

t.test('an arrival that is reported more than a second late changes nothing', async t => {
  const { run, calls, orders, events, channelOf } = setUp(['1.1', waiting])
  await run()
  calls.arrived({ number: '100', caller: '7999', at: 500, channel: channelOf('1.1') })
  await flushPromises()
  t.equal(events.filter(({ type }) => type === 'call.started').length, 1)
  t.strictSame(orders('1.1'), ['answer', 'play disclosure-key'])
})

t.test('a channel that has left meanwhile gets no orders', async t => {
  const { run, pbx, clock, orders } = setUp(['1.1', waiting])
  clock.after(500, () => pbx.places.set('1.1' as ChannelId, { in: 'dialplan' }))
  await run()
  t.equal(pbx.lists, 2, 'the channels were listed again')
  t.strictSame(orders('1.1'), [])
})

t.test('a service that stops taking calls meanwhile takes nobody in', async t => {
  const { run, pbx, clock, orders, events } = setUp(['1.1', waiting])
  clock.after(500, () => {
    pbx.connected = false
  })
  await run()
  t.equal(pbx.lists, 2, 'the channels were listed again')
  t.strictSame([orders('1.1'), events], [[], []])
})

t.test(
  'a whisper channel without a call is hung up, and an unknown channel returns to the dialplan',
  async t => {
    const { run, orders } = setUp(
      ['1.1-whisper', { in: 'whisper' }],
      ['1.2', { in: 'unknown' }],
      ['1.3', { in: 'dialplan' }],
    )
    await run()
    t.strictSame(orders('1.1-whisper'), ['hang-up'])
    t.strictSame(orders('1.2'), ['return-untouched'])
    t.strictSame(orders('1.3'), [], 'a channel of another application')
  },
)

t.test('an ear is hung up if its caller is not being asked', async t => {
  const of = (channel: string) => ({ in: 'ear', of: channel as ChannelId }) as const
  const { run, orders, calls, channelOf } = setUp(
    ['1.1', waiting],
    ['1.1-ear-spy', of('1.1')],
    ['1.1-ear-rtp', of('1.1')],
    ['1.2-ear-spy', of('1.2')],
    ['1.2-ear-rtp', of('1.2')],
  )
  calls.arrived({ number: '100', caller: '7', at: 0, channel: channelOf('1.1') })
  await run()
  t.strictSame([orders('1.1-ear-spy'), orders('1.1-ear-rtp')], [[], []], 'the caller is being asked')
  t.strictSame([orders('1.2-ear-spy'), orders('1.2-ear-rtp')], [['hang-up'], ['hang-up']])
  t.equal(calls.size, 1)
})

t.test('recovered calls end, or are asked again, depending on where their channels are', async t => {
  const { run, calls, orders, events, channelOf } = setUp(['1.1', waiting], ['1.2', { in: 'dialplan' }])
  const [waits, left, gone] = ['1.1', '1.2', '1.3'].map(channel =>
    recoveredCall({ channel: channel as ChannelId }),
  )
  calls.recover([waits!, left!, gone!], channelOf)
  await run()
  t.strictSame(orders('1.1'), ['play interrupted'])
  t.strictSame(
    events.filter(({ call }) => call === left!.id).map(({ type }) => type),
    ['consent.answered', 'call.decided', 'call.released'],
  )
  matchEach(
    t,
    events.filter(({ call }) => call === gone!.id),
    [
      { data: { answer: 'abandoned' } },
      { type: 'call.decided' },
      { type: 'call.ended', data: { cause: null } },
    ],
  )
})

t.test('a recovered call whose re-entry was not reported is asked what it has not answered', async t => {
  const { run, calls, orders, channelOf } = setUp(['1.1', waiting])
  calls.recover([recoveredCall({ decided: 0, returned: true })], channelOf)
  await run()
  t.strictSame(orders('1.1'), ['answer', 'play disclosure-key'])
})

t.test('callers continue if the PBX does not list its channels, and wait if it is not connected', async t => {
  const { run, calls, pbx, orders, channelOf } = setUp()
  calls.recover([recoveredCall()], channelOf)
  pbx.whereabouts = async () => {
    throw new Error('no answer')
  }
  pbx.connected = false
  await run()
  t.strictSame(orders('1.1'), [])
  pbx.connected = true
  await run()
  t.strictSame(orders('1.1'), ['return-to-dialplan failed'])
})

t.test('recovered callers wait until the PBX is heard', async t => {
  const { calls, clock, channelOf } = setUp(['1.1', waiting])
  t.notOk(calls.leftWaiting)
  const recovered = recoveredCall({ visitStartedAt: clock.now(), disclosed: false })
  calls.recover([recovered], channelOf)
  t.ok(calls.leftWaiting, 'the keeper returns them to the dialplan if that takes too long')
  calls.resumeRecovered(new Map([['1.1' as ChannelId, waiting]]))
  t.notOk(calls.leftWaiting, 'they are served')
})

t.test(
  'the channel of a trial that nobody has is hung up; one that is rung is left, until it is gone',
  async t => {
    const [stray, rung] = [newTrialId(), trialChannelId(newTrialId())]
    const { run, orders, events, trials, pbx } = setUp([trialChannelId(stray), { in: 'trial' }])
    const own = await trials.ring(
      {
        ...{ by: 'anna', way: 'console', endpoint: 'PJSIP/anna', draft: newDraftId(), revision: 1 },
        policy: keyLine,
      },
      {
        ...{ ring: async () => {}, channel: pbx.channel },
        recorder: () => {
          throw new Error('nothing is recorded')
        },
      },
    )
    pbx.places.set(trialChannelId(own), { in: 'trial' })
    pbx.places.set(rung, { in: 'dialplan' })
    await run()
    t.strictSame(orders(trialChannelId(stray)), ['hang-up'])
    t.strictSame(orders(trialChannelId(own)), [], 'it rings')
    t.strictSame(orders(rung), [], 'it belongs to another installation')
    pbx.places.clear()
    await run()
    matchEach(
      t,
      events.filter(({ type }) => type === 'trial.ended').map(({ data }) => data),
      [
        { trial: stray, reason: 'service-restarted' },
        { trial: own, answered: false },
      ],
    )
  },
)

t.test('what is held is stored once all bridges were looked at, and not before', async t => {
  const { deps, pbx, run } = setUp()
  let releases = 0
  deps.recorder.releaseHeld = () => void releases++
  pbx.reportBridges = async () => {
    throw new Error('the PBX does not answer')
  }
  await run()
  t.equal(releases, 0, 'the look failed')
  pbx.reportBridges = async () => {
    pbx.connected = false
  }
  await run()
  t.equal(releases, 0, 'the PBX was lost again during the look')
  pbx.connected = true
  pbx.reportBridges = async () => void pbx.connections++
  await run()
  t.equal(releases, 0, 'it was lost, and is connected again: who joined meanwhile is in no list')
  pbx.reportBridges = async () => {}
  await run()
  t.equal(releases, 1)
})

t.test('a caller whose arrival is lost on a living connection is found within seconds', async t => {
  const { pbx, clock, orders, match } = setUp()
  match()
  pbx.places.set('1.1' as ChannelId, waiting)
  await clock.advanceAndWait(4_500)
  t.strictSame(orders('1.1'), ['answer', 'play disclosure-key'])
})

t.test('while everybody is served or in a conversation, only the own channels are listed', async t => {
  const { pbx, clock, calls, channelOf, match } = setUp(['1.1', waiting], ['1.2', { in: 'dialplan' }])
  calls.arrived({ number: '100', caller: '7', at: 0, channel: channelOf('1.1') })
  const peers = [{ channel: '1.3' as ChannelId, name: 'PJSIP/anna-1', near: true }]
  calls.handleChannelFact('1.2' as ChannelId, { fact: 'with', peers, at: 0 })
  await flushPromises()
  match()
  calls.handleChannelFact('1.1' as ChannelId, { fact: 'playing', playback: '1.1-prompt-1', at: 0 })
  await clock.advanceAndWait(3_500)
  t.strictSame([pbx.looks, pbx.lists], [1, 0])
})

t.test('whoever was returned and re-enters unreported is asked; whoever only leaves late is not', async t => {
  const { pbx, clock, calls, channelOf, orders, match } = setUp(['1.1', waiting])
  calls.arrived({ number: '200', caller: '7', at: 0, channel: channelOf('1.1') })
  await flushPromises()
  t.equal(calls.isServing('1.1' as ChannelId), false, 'it is returned to the dialplan')
  match()
  await clock.advanceAndWait(5_000)
  pbx.places.set('1.1' as ChannelId, { in: 'dialplan' })
  await clock.advanceAndWait(5_000)
  t.strictSame(orders('1.1'), ['return-to-dialplan failed'], 'the PBX let it go late')
  pbx.places.set('1.1' as ChannelId, waiting)
  await clock.advanceAndWait(6_000)
  t.strictSame(orders('1.1').slice(1), ['answer', 'play disclosure-key'])
})
