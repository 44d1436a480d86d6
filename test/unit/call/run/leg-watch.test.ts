// Real: the watch over legs. Fake: the call, what the PBX counts, what the recorder measures, and the clock.
import t from 'tap'
import type { Neighbour } from '../../../../src/call/ports.js'
import { heardOn, LegWatch } from '../../../../src/call/run/leg-watch.js'
import type { RunningCall } from '../../../../src/call/run/running-call.js'
import type { CallId, ChannelId } from '../../../../src/core/ids.js'
import type { SideLosses } from '../../../../src/core/ports.js'
import { createLog } from '../../../../src/lib/log.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

const CALLER = '1.1' as ChannelId
const PHONE = '2.1' as ChannelId

/** @param rate packets a second of the phone; undefined if the PBX does not count them */
function setUp(rate: number | undefined = 50) {
  const clock = new FakeClock()
  const begin = clock.now()
  const reports: string[] = []
  const state = {
    silentMs: 0 as number | 'heard',
    rate: rate as number | undefined,
    asked: 0,
    recorded: true,
  }
  const moment = (at: number) => Math.round((at - begin) / 1_000)
  const losses: SideLosses = {
    watch: (_, leg) => void reports.push(`watch ${leg}`),
    silentMs: () => state.silentMs,
    packets: (_, leg, from, to, came) =>
      void reports.push(`${leg} ${moment(from)}-${moment(to)} ${came ? 'came' : 'none'}`),
    left: (_, leg, at) => void reports.push(`left ${leg} ${moment(at)}`),
    note: () => void reports.push('note'),
  }
  const packetsFrom = async () => {
    state.asked += 1
    return state.rate === undefined ? undefined : ((clock.now() - begin) / 1_000) * state.rate
  }
  const call = { id: 'call' as CallId, channel: CALLER, pbx: { packetsFrom } } as unknown as RunningCall
  const watch = new LegWatch({
    recorder: { losses, recordedPurposes: () => (state.recorded ? ['service'] : []) },
    clock,
    log: createLog('silent'),
  })
  const pass = (seconds: number) => clock.advanceAndWait(seconds * 1_000)
  return { clock, watch, call, reports, state, pass }
}

t.test('a leg that is heard is watched no more, after two counts of packets at most', async t => {
  const { watch, call, reports, state, pass } = setUp()
  watch.begin(call, { agent: [PHONE] })
  await pass(4)
  t.equal(state.asked, 2, 'one to begin from, and one for a call that ends soon')
  state.silentMs = 'heard'
  await pass(60)
  t.equal(state.asked, 2)
  t.equal(watch.size, 0)
  t.strictSame(reports, ['watch agent', 'agent 0-2 came', 'left agent 5', 'note'])
})

t.test('while a leg is silent the packets are counted, and the taps are restarted once', async t => {
  const { watch, call, reports, state, pass } = setUp()
  let restarts = 0
  const heal = async () => {
    restarts += 1
    return false
  }
  watch.begin(call, { agent: [PHONE] }, heal)
  await pass(4)
  state.silentMs = 4_000
  await pass(2)
  t.equal(restarts, 1)
  t.strictSame(reports, ['watch agent', 'agent 0-2 came', 'agent 2-5 came', 'agent 5-6 came'])
  await pass(24)
  reports.length = 0
  const before = state.asked
  await pass(60)
  t.equal(state.asked - before, 2, 'after half a minute they are seldom counted')
  t.match(reports.join(), /came,note,agent .* came,note$/)
  await pass(700)
  t.equal(watch.size, 0, 'and not for ever')
  t.equal(restarts, 1)
})

t.test('after a restart that succeeded nothing more is missing', async t => {
  const { watch, call, reports, state, pass } = setUp()
  watch.begin(call, { agent: [PHONE] }, async () => true)
  state.silentMs = 4_000
  await pass(20)
  t.equal(watch.size, 0)
  t.strictSame(reports.slice(-2), ['left agent 1', 'note'])
})

t.test('a restart that can be done only later is tried at each look until it is', async t => {
  const { watch, call, state, pass } = setUp()
  const outcomes = ['later', 'later', true] as const
  let tried = 0
  watch.begin(call, { agent: [PHONE] }, async () => outcomes[tried++]!)
  state.silentMs = 4_000
  await pass(20)
  t.equal(tried, 3)
  t.equal(watch.size, 0)
})

t.test('a phone that sends nothing, or little to keep a silence up, is not missing', async t => {
  for (const rate of [0, 5, undefined]) {
    const { watch, call, reports, state, pass } = setUp()
    state.rate = rate
    watch.begin(call, { agent: [PHONE] }, async () => t.fail('nothing is restarted'))
    state.silentMs = 4_000
    await pass(20)
    t.notMatch(reports.join(), /came/)
    watch.end(CALLER)
    t.equal(watch.size, 0)
  }
})

t.test('the end of a channel, of its recordings and of the service end the watch', async t => {
  const { clock, watch, call, state, pass } = setUp()
  watch.begin(call, { agent: [PHONE] })
  t.strictSame(watch.end(CALLER), ['agent'], 'its next sound had not come')
  t.strictSame(watch.end(CALLER), [])
  watch.begin(call, { agent: [PHONE] })
  watch.gone(CALLER)
  await pass(2)
  t.equal(clock.timers, 0)
  watch.begin(call, { agent: [PHONE] })
  state.recorded = false
  await pass(2)
  t.equal(clock.timers, 0)
  state.recorded = true
  watch.begin(call, { agent: [PHONE], caller: [] })
  await pass(2)
  watch.stop()
  watch.begin(call, { agent: [PHONE] })
  await pass(2)
  t.equal(clock.timers, 0)
  t.equal(watch.size, 0)
})

t.test(
  'behind a Local channel each side is heard on its own leg, unless nothing says who is on which',
  async t => {
    const peer = (channel: string, name: string, near: boolean): Neighbour => ({
      ...{ channel: channel as ChannelId, name, near },
    })
    const other = peer('1.0', 'Local/1@lab-0000;1', false)
    const person = peer('0.1', 'PJSIP/trunk-1', false)
    const phone = peer('2.1', 'PJSIP/agent-1', true)
    t.strictSame(heardOn([other, person, phone], true), { caller: ['0.1'], agent: ['2.1'] })
    t.strictSame(heardOn([peer('3.1', 'Local/2@lab-0001;1', true), phone], false), {
      ...{ caller: [], agent: ['2.1'] },
    })
    const between = peer('3.1', 'Local/2@lab-0001;1', true)
    t.strictSame(heardOn([other, person, between], true), { caller: [], agent: [] })
  },
)
