// Real: what becomes of the PBX's reports. Fake: calls, recorder, journal, clock.
import t from 'tap'
import type { Arrival } from '../../../../src/call/ports.js'
import { hearPbx } from '../../../../src/call/run/calls.js'
import { type CallId, type ChannelId, newTrialId } from '../../../../src/core/ids.js'
import { trialChannelId } from '../../../../src/core/trial.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

const CHANNEL = 'PJSIP/1' as ChannelId

/** The PBX's clock is 5 s behind the service's. */
function setUp() {
  const seen: unknown[] = []
  const clock = new FakeClock(100_000)
  let call: CallId | undefined
  const neighbours = { followed: true }
  const pbx = hearPbx({
    calls: {
      arrived: ({ at }) => seen.push(['arrived', at]),
      handleChannelFact: (channel, { fact, at }) => seen.push([fact, channel, at]),
      pbxLost: () => seen.push(['failed', 'pbx-lost']),
      callIdOf: () => call,
      around: { neighbours },
    },
    trials: {
      arrived: ({ at }) => seen.push(['trial arrived', at]),
      handleChannelFact: (channel, { fact }) => seen.push(['trial', fact, channel]),
      failAll: reason => seen.push(['trials failed', reason]),
      rescued: (channel, at, reason) => seen.push(['trial rescued', channel, at, reason]),
    },
    recorder: {
      pbxLost: () => seen.push('recorder: lost'),
      pbxBack: started => seen.push(['recorder: back', started]),
    },
    journal: { note: (...events) => seen.push(...events.map(({ type, call, data }) => [type, call, data])) },
    clock: { now: clock.now, stamp: at => at + 5_000 },
    stalls: { check: () => seen.push('stall?'), clock },
  })
  pbx.onConnected(() => seen.push('connected'))
  const seenSince = () => seen.splice(0)
  const callAppears = () => {
    call = 'call' as CallId
  }
  return { pbx, seenSince, clock, callAppears, neighbours }
}

t.test('before anything is acted on, a stall is looked for; moments are the service’s', async t => {
  const { pbx, seenSince } = setUp()
  pbx.arrived({ number: '1', caller: '2', at: 1_000, channel: { id: CHANNEL } } as Arrival)
  t.strictSame(seenSince(), ['stall?', ['arrived', 6_000]])
  pbx.fact(CHANNEL, { fact: 'left', at: 2_000 })
  t.strictSame(seenSince(), ['stall?', ['left', CHANNEL, 7_000]])
})

t.test(
  'a time in which the PBX cannot be heard is journalled, and calls in question go on unrecorded',
  async t => {
    const { pbx, seenSince, clock } = setUp()
    pbx.connected(false, 'started once')
    t.strictSame(
      seenSince(),
      [['recorder: back', 'started once'], 'connected'],
      'the first time is no restoration',
    )
    pbx.lost('closed', 0)
    t.strictSame(seenSince(), [
      ['pbx.lost', null, { reason: 'closed' }],
      'recorder: lost',
      ['failed', 'pbx-lost'],
      ['trials failed', 'pbx-lost'],
    ])
    clock.advance(3_000)
    pbx.connected(true, 'started twice')
    t.strictSame(seenSince(), [
      ['pbx.restored', null, { blindMs: 3_000, restarted: true }],
      ['recorder: back', 'started twice'],
      'connected',
    ])
    pbx.connected(false, 'started twice')
    t.strictSame(
      seenSince(),
      [['recorder: back', 'started twice'], 'connected'],
      'a restoration is journalled once',
    )
  },
)

t.test('a rescue is journalled with its call, which may be known up to two seconds later', async t => {
  const rescue = { channel: CHANNEL, at: 1_000, reason: 'service-frozen' } as const
  const rescued = (call: string | null) => [
    'call.rescued',
    call,
    { by: 'keeper', reason: 'service-frozen', channel: CHANNEL },
  ]
  const unknown = setUp()
  unknown.pbx.rescued(rescue)
  unknown.clock.advance(1_999)
  t.strictSame(unknown.seenSince(), [])
  unknown.clock.advance(1)
  t.strictSame(unknown.seenSince(), [rescued(null)])

  const known = setUp()
  known.pbx.rescued(rescue)
  known.callAppears()
  known.clock.advance(2_000)
  known.pbx.rescued(rescue)
  t.strictSame(known.seenSince(), [rescued('call'), rescued('call')])
})

t.test('what concerns the channel of a trial never reaches the calls', async t => {
  const { pbx, seenSince } = setUp()
  const trial = trialChannelId(newTrialId())
  pbx.arrived({ number: 'trial', caller: '', at: 1_000, channel: { id: trial } } as Arrival)
  pbx.fact(trial, { fact: 'key', digit: '1', at: 2_000 })
  pbx.rescued({ channel: trial, at: 3_000, reason: 'service-gone' })
  t.strictSame(seenSince(), [
    ...['stall?', ['trial arrived', 6_000], 'stall?', ['trial', 'key', trial]],
    ['trial rescued', trial, 3_000, 'service-gone'],
  ])
})

t.test('whether the PBX reports who joins whom, those around the calls know', async t => {
  const { pbx, neighbours } = setUp()
  pbx.bridgesFollowed(false)
  t.notOk(neighbours.followed)
  pbx.bridgesFollowed(true)
  t.ok(neighbours.followed)
})
