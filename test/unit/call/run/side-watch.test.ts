// Real: the watch over sides. Fake: the calls, the recorder and the clock.
import t from 'tap'
import type { Neighbour } from '../../../../src/call/ports.js'
import type { RunningCall } from '../../../../src/call/run/running-call.js'
import { SideWatch } from '../../../../src/call/run/side-watch.js'
import type { Leg } from '../../../../src/core/audio.js'
import type { CallId, ChannelId } from '../../../../src/core/ids.js'
import type { Silenced } from '../../../../src/core/ports.js'
import { createLog } from '../../../../src/lib/log.js'
import { flushPromises, noLosses } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

const CALLER = '1.1' as ChannelId
const peer = (channel: string): Neighbour => ({
  channel: channel as ChannelId,
  name: 'PJSIP/a-1',
  near: true,
})

/** @param rate packets of the caller between two counts */
function setUp({ music = false, restarted = true, calls = new Set([CALLER]), rate = 10 } = {}) {
  const clock = new FakeClock()
  const restarts: [CallId, Silenced][] = []
  const sends = { rate, count: 0 }
  const packetsFrom = async (channel: ChannelId) => {
    if (channel === CALLER) sends.count += sends.rate
    // The others send without pause.
    return channel === CALLER ? sends.count : clock.now()
  }
  const sources = new Map<ChannelId, number>()
  const rtpOf = (channel: ChannelId) => ({ source: sources.get(channel) ?? 1, lost: 0 })
  const pbx = { heardMusic: async () => music, packetsFrom }
  const call = { id: 'call', channel: CALLER, pbx } as unknown as RunningCall
  const watched: Leg[] = []
  const silent = { ms: 'heard' as number | 'heard' }
  const watch = new SideWatch({
    callOn: channel => (calls.has(channel) ? call : undefined),
    channelOf: () => ({ rtpOf: async channels => new Map(channels.map(one => [one, rtpOf(one)])) }),
    recorder: {
      losses: {
        ...noLosses,
        watch: (_, leg) => void watched.push(leg),
        silentMs: () => silent.ms,
      },
      recordedPurposes: () => ['service'],
      async restartTaps(id, silenced, isRead) {
        restarts.push([id, silenced])
        for (let asked = 0; asked < 3 && !(await isRead()); asked++);
        return restarted
      },
    },
    clock,
    log: createLog('silent'),
  })
  const meet = async (...peers: string[]) => {
    watch.met(CALLER, peers.map(peer))
    clock.advance(2_000)
    await flushPromises()
  }
  return { clock, watch, restarts, watched, meet, sends, silent, sources }
}

/** A caller and a phone talk for ten seconds. */
async function talk(options?: Parameters<typeof setUp>[0]) {
  const site = setUp(options)
  const pass = (seconds: number) => site.clock.advanceAndWait(seconds * 1_000, flushPromises)
  site.watch.met(CALLER, [peer('2.1')], 'PJSIP/caller-1')
  await pass(10)
  return { ...site, pass }
}

t.test(
  'the tap is restarted when the caller hears somebody else, and not when a look says the same',
  async t => {
    const { restarts, meet } = setUp()
    await meet('2.1')
    t.equal(restarts.length, 0, 'a Dial without music played nothing before the first')
    await meet('2.1')
    t.equal(restarts.length, 0)
    await meet('2.2')
    t.strictSame(restarts, [['call', { agent: 20 }]])
    await meet()
    t.equal(restarts.length, 1, 'alone, the caller hears nobody')
    await meet('2.2')
    t.equal(restarts.length, 2)
  },
)

t.test('after music the first phone is a change too', async t => {
  const { restarts, meet } = setUp({ music: true })
  await meet('2.1')
  t.equal(restarts.length, 1)
})

t.test('changes of one moment lead to one restart, and none once the channel has ended', async t => {
  const { clock, watch, restarts, meet } = setUp()
  await meet('2.1')
  watch.met(CALLER, [peer('2.1'), peer('2.2')])
  clock.advance(10)
  watch.met(CALLER, [peer('2.2')])
  clock.advance(200)
  await flushPromises()
  t.equal(restarts.length, 1)
  watch.held(CALLER, false)
  watch.gone(CALLER)
  clock.advance(2_000)
  await flushPromises()
  t.equal(restarts.length, 1)
})

t.test('a hold that begins while the PBX is asked for what it has played puts the restart off', async t => {
  const { clock, watch, restarts } = setUp({ music: true })
  watch.met(CALLER, [peer('2.1')])
  clock.advance(200)
  watch.held(CALLER, true)
  await flushPromises()
  t.strictSame(restarts, [])
  watch.held(CALLER, false)
  clock.advance(200)
  await flushPromises()
  t.equal(restarts.length, 1)
})

t.test('the tap of a Local channel is left alone: without it Asterisk removes the channel', async t => {
  const { clock, watch, restarts } = setUp({ music: true })
  for (const other of ['2.1', '2.2']) {
    watch.met(CALLER, [peer(other)], 'Local/856@customers-00000001;1')
    clock.advance(2_000)
    await flushPromises()
  }
  watch.held(CALLER, false)
  clock.advance(2_000)
  await flushPromises()
  t.strictSame(restarts, [])
})

t.test('a PBX without the fault restarts nothing, nor does a channel without a call', async t => {
  const { watch, restarts, meet } = setUp()
  watch.fault = 'none'
  await meet('2.1')
  await meet('2.2')
  watch.held(CALLER, false)
  watch.fault = 'present'
  watch.held('9.9' as ChannelId, false)
  await meet('2.2')
  t.strictSame(restarts, [])
})

t.test('nothing is kept of a channel before it has a call', async t => {
  const calls = new Set<ChannelId>()
  const { restarts, meet } = setUp({ calls })
  await meet('2.1')
  calls.add(CALLER)
  await meet('2.2')
  t.equal(restarts.length, 0, 'this is the first that the caller hears in the call')
})

t.test(
  'on hold the tap is not restarted, because that would end the music, and afterwards it is',
  async t => {
    const { clock, watch, restarts, meet } = setUp()
    const wait = () => clock.advanceAndWait(2_000, flushPromises).then(() => restarts.length)
    await meet('2.1')
    watch.met(CALLER, [peer('2.2')])
    watch.held(CALLER, true)
    t.equal(await wait(), 0, 'nor is it for what came just before')
    watch.held(CALLER, false)
    t.equal(await wait(), 1)
    watch.held(CALLER, true)
    await meet('2.3')
    t.equal(restarts.length, 2, 'whoever held has gone')
    watch.held(CALLER, true)
    watch.forgetHolds()
    watch.gone(CALLER)
    await clock.advanceAndWait(1_000, flushPromises)
    t.equal(watch.size, 0)
  },
)

t.test(
  'a leg is watched where the tap is not restarted: after a first contact, and when that fails',
  async t => {
    const first = setUp()
    await first.meet('2.1')
    t.strictSame(first.watched, ['agent'])
    await first.meet('2.2')
    t.strictSame(first.watched, ['agent'], 'the tap was restarted')
    const failing = setUp({ restarted: false })
    await failing.meet('2.1')
    await failing.meet('2.2')
    t.strictSame(failing.watched, ['agent', 'agent'])
    const sound = setUp()
    sound.watch.fault = 'none'
    await sound.meet('2.1')
    t.strictSame(sound.watched, [])
  },
)

t.test('a restart while the caller’s phone sends nothing is done again once it sends', async t => {
  const { clock, watch, restarts, watched, meet, sends, silent } = setUp({ rate: 0 })
  silent.ms = 0
  await meet('2.1')
  await meet('2.2')
  t.strictSame(watched, ['agent', 'agent'], 'a side may be missing')
  silent.ms = 4_000
  restarts.length = 0
  await clock.advanceAndWait(2_000, flushPromises)
  t.strictSame(restarts, [['call', {}]], 'it is tried once more')
  await clock.advanceAndWait(5_000, flushPromises)
  t.equal(restarts.length, 1, 'and not while nothing comes')
  sends.rate = 10
  await clock.advanceAndWait(2_000, flushPromises)
  t.equal(restarts.length, 2)
  await clock.advanceAndWait(5_000, flushPromises)
  t.equal(restarts.length, 2, 'both sides are new')
  watch.gone(CALLER)
})

t.test('behind a Local channel the leg is watched on which somebody else is heard', async t => {
  const { clock, watch, watched } = setUp()
  const other = { channel: '1.0' as ChannelId, name: 'Local/1@lab-0000;1', near: false }
  const person = (channel: string) => ({ ...peer(channel), near: false })
  const meet = async (...peers: Neighbour[]) => {
    watch.met(CALLER, peers, 'Local/1@lab-0000;2')
    clock.advance(2_000)
    await flushPromises()
    return watched.splice(0)
  }
  t.strictSame(await meet(other), [])
  t.strictSame(await meet(other, person('0.1')), [], 'who answered the questions')
  t.strictSame(await meet(other, person('0.1'), peer('2.1')), ['agent'])
  t.strictSame(await meet(other, person('0.1')), [])
  t.strictSame(await meet(other, person('0.1'), peer('2.2')), ['agent'])
  t.strictSame(await meet(other, peer('2.2')), [])
  t.strictSame(await meet(other, person('0.2'), peer('2.2')), ['caller'])
  watch.held(CALLER, true)
  watch.held(CALLER, false)
  clock.advance(2_000)
  await flushPromises()
  t.strictSame(watched.splice(0), ['agent'], 'taken back from hold')
  watch.gone(CALLER)
  t.equal(watch.size, 0)
})

t.test('the taps are restarted once where the RTP of a side restarts', async t => {
  const { watch, watched, restarts, sources, pass } = await talk()
  watched.length = 0
  sources.set(CALLER, 2)
  await pass(3)
  t.strictSame(restarts, [['call', { caller: 1_000 }]])
  sources.set(CALLER, 3)
  await pass(3)
  t.equal(restarts.length, 1, 'where that happens all the time, the side is watched')
  t.strictSame(watched, ['caller'])
  await pass(10)
  sources.set('2.1' as ChannelId, 2)
  await pass(3)
  t.strictSame(restarts.slice(1), [['call', { agent: 1_000 }]])
  watch.held(CALLER, true)
  sources.set('2.1' as ChannelId, 3)
  await pass(20)
  t.equal(restarts.length, 2, 'on hold the music would end')
  watch.gone(CALLER)
  t.equal(watch.size, 0)
  const whole = await talk()
  whole.watch.fault = 'none'
  whole.sources.set(CALLER, 2)
  await whole.pass(20)
  t.strictSame(whole.restarts, [], 'a PBX without the fault')
  whole.watch.gone(CALLER)
})

t.test('behind a Local channel a side that restarts is watched', async t => {
  const { clock, watch, restarts, watched, sources } = setUp()
  const people = [{ ...peer('0.1'), near: false }, peer('2.1')].map(one => ({ ...one, name: 'PJSIP/a-1' }))
  watch.met(CALLER, people, 'Local/1@lab-0000;2')
  await clock.advanceAndWait(5_000, flushPromises)
  watched.length = 0
  sources.set('0.1' as ChannelId, 2)
  await clock.advanceAndWait(2_000, flushPromises)
  t.strictSame([watched, restarts], [['caller'], []])
})
