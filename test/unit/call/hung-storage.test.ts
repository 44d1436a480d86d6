// Real: the call. Fake: the channel, the journal, the clock, and prompts and a recorder that hang.
import t, { type Test } from 'tap'
import { beginCall } from '../../../src/call/call-machine.js'
import { runCall } from '../../../src/call/run-call.js'
import type { CallDeps } from '../../../src/call/running-call.js'
import { newCallId } from '../../../src/shared/ids.js'
import type { LinePolicy } from '../../../src/shared/policy.js'
import { keyLine, noticeLine } from '../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../support/fakes/fake-call.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

/** How long a caller waits in silence for the tap, ms. */
const PREPARING_MS = 2_000
const CHECK_MS = 1_000

type Prepare = CallDeps['recorder']['prepare']

/** A call whose recorder does not finish until the test calls `ready`. */
function start(policy: LinePolicy) {
  const [clock, channel] = [new FakeClock(), fakeChannel('caller')]
  const { deps, taps, events } = fakeCallDeps(clock)
  let done: (tap: string) => void = () => {}
  let pressing: AbortSignal | undefined
  const prepare: Prepare = (_call, _line, _grants, signal) => {
    pressing = signal
    return new Promise(resolve => {
      done = resolve
    })
  }
  deps.recorder.prepare = prepare
  const call = runCall(newCallId(), channel, beginCall(policy), deps)
  return {
    ...{ clock, channel, taps, events, deps, call },
    ready: (tap: string) => done(tap),
    pressed: () => pressing?.aborted,
  }
}

async function waits(t: Test, policy = keyLine) {
  const setup = start(policy)
  await flushPromises()
  for (const fact of [{ fact: 'heard' }, { fact: 'key', digit: '1', at: 0 }] as const) {
    setup.call.handleFact(fact)
    await flushPromises()
  }
  t.notOk(setup.pressed(), 'while the confirmation is heard, the recorder is not hurried')
  setup.call.handleFact({ fact: 'heard' })
  await flushPromises()
  t.equal(setup.call.step, 'preparing')
  t.ok(setup.pressed(), 'the recorder is hurried when the caller hears nothing')
  return setup
}

t.test('if the recorder hangs, the call continues unrecorded after two seconds', async t => {
  const { clock, call, channel } = await waits(t)
  await clock.advanceAndWait(PREPARING_MS - 1)
  t.equal(call.step, 'preparing')
  await clock.advanceAndWait(1, flushPromises)
  t.equal(call.step, 'talking')
  t.equal(channel.orders.at(-1), 'return-to-dialplan granted null', 'without a tap')
})

t.test('a tap that is ready too late is abandoned', async t => {
  const { clock, call, channel, taps, ready } = await waits(t)
  await clock.advanceAndWait(PREPARING_MS, flushPromises)
  ready('/tap/late')
  await flushPromises()
  t.equal(call.step, 'talking')
  t.strictSame(taps, ['abandon /tap/late late'])
  t.notOk(
    channel.orders.some(order => order.includes('/tap/late')),
    'the dialplan does not get the late tap',
  )
})

t.test('a tap that is ready in time is used, and the wait for it ends', async t => {
  const { clock, call, channel, ready } = await waits(t)
  await clock.advanceAndWait(PREPARING_MS - 1)
  ready('/tap/new')
  await flushPromises()
  t.equal(channel.orders.at(-1), 'return-to-dialplan granted /tap/new')
  await clock.advanceAndWait(10 * PREPARING_MS, flushPromises)
  t.equal(call.step, 'talking')
})

t.test('on a notice line, without a confirmation, the wait is the same', async t => {
  const { clock, call, channel } = start(noticeLine)
  await flushPromises()
  call.handleFact({ fact: 'heard' })
  await flushPromises()
  t.equal(call.step, 'preparing')
  await clock.advanceAndWait(PREPARING_MS, flushPromises)
  t.equal(channel.orders.at(-1), 'return-to-dialplan notice null')
})

t.test('if the check of the prompt files hangs, the disclosure fails and the call continues', async t => {
  const [clock, channel] = [new FakeClock(), fakeChannel('caller')]
  const { deps, events } = fakeCallDeps(clock)
  deps.prompts.ready = () => new Promise(() => {})
  const call = runCall(newCallId(), channel, beginCall(keyLine), deps)
  await clock.advanceAndWait(CHECK_MS - 1, flushPromises)
  t.equal(call.step, 'disclosing')
  await clock.advanceAndWait(1, flushPromises)
  t.equal(call.step, 'talking')
  t.equal(channel.orders.at(-1), 'return-to-dialplan failed null')
  t.match(
    events.find(({ type }) => type === 'consent.answered'),
    { data: { answer: 'failed', reason: 'prompt.slow' } },
  )
})
