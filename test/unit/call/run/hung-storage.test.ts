// Real: one call. Fake: the channel, the journal, the clock, and prompts and a recorder that hang.
import t, { type Test } from 'tap'
import { beginCall } from '../../../../src/call/machine/call-machine.js'
import { runCall } from '../../../../src/call/run/run-call.js'
import type { CallDeps } from '../../../../src/call/run/running-call.js'
import { newCallId } from '../../../../src/core/ids.js'
import type { LinePolicy } from '../../../../src/core/policy.js'
import { keyLine, noticeLine } from '../../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

/** How long a caller waits in silence for the tap, ms. */
const PREPARING_MS = 2_000
const CHECK_MS = 1_000

type Prepare = CallDeps['recorder']['prepare']

/** A call whose recorder does not finish until the test calls `ready`. */
function start(policy: LinePolicy) {
  const [clock, channel] = [new FakeClock(), fakeChannel('caller')]
  const { deps, taps, events } = fakeCallDeps(clock)
  let done: (tap: string) => void = () => {}
  let hurry: AbortSignal | undefined
  const prepare: Prepare = (_call, _line, _grants, signal) => {
    hurry = signal
    return new Promise(resolve => {
      done = resolve
    })
  }
  deps.recorder.prepare = prepare
  const call = runCall(newCallId(), channel, beginCall(policy), deps)
  return {
    ...{ clock, channel, taps, events, deps, call },
    ready: (tap: string) => done(tap),
    /** Whether the recorder is hurried; undefined before it prepares the tap. */
    hurried: () => hurry?.aborted,
  }
}

/** A call whose caller has said yes, has heard the confirmation, and waits for the tap. */
async function waitForTap(t: Test) {
  const setup = start(keyLine)
  await flushPromises()
  for (const fact of [{ fact: 'heard' }, { fact: 'key', digit: '1', at: 0 }] as const) {
    setup.call.handleFact(fact)
    await flushPromises()
  }
  t.equal(setup.hurried(), false, 'while the confirmation is heard, the recorder is not hurried')
  setup.call.handleFact({ fact: 'heard' })
  await flushPromises()
  t.equal(setup.call.step, 'preparing')
  t.equal(setup.hurried(), true, 'the recorder is hurried when the caller hears nothing')
  return setup
}

t.test('a call whose recorder hangs continues unrecorded after two seconds', async t => {
  const { clock, call, channel } = await waitForTap(t)
  await clock.advanceAndWait(PREPARING_MS - 1)
  t.equal(call.step, 'preparing')
  await clock.advanceAndWait(1, flushPromises)
  t.equal(call.step, 'talking')
  t.equal(channel.orders.at(-1), 'return-to-dialplan granted null', 'without a tap')
})

t.test('a tap that is ready too late is abandoned', async t => {
  const { clock, call, channel, taps, ready } = await waitForTap(t)
  await clock.advanceAndWait(PREPARING_MS, flushPromises)
  ready('/tap/late')
  await flushPromises()
  t.equal(call.step, 'talking')
  t.strictSame(taps, ['abandon /tap/late late'])
  t.strictSame(
    channel.orders.filter(order => order.startsWith('return-to-dialplan')),
    ['return-to-dialplan granted null'],
    'the dialplan does not get the late tap',
  )
})

t.test('a tap that is ready in time is used, and the wait for it ends', async t => {
  const { clock, call, channel, ready } = await waitForTap(t)
  await clock.advanceAndWait(PREPARING_MS - 1)
  ready('/tap/new')
  await flushPromises()
  t.equal(channel.orders.at(-1), 'return-to-dialplan granted /tap/new')
  const { length } = channel.orders
  await clock.advanceAndWait(10 * PREPARING_MS, flushPromises)
  t.equal(call.step, 'talking')
  t.equal(channel.orders.length, length, 'no order follows')
})

t.test('a caller on a notice line, who hears no confirmation, waits two seconds too', async t => {
  const { clock, call, channel } = start(noticeLine)
  await flushPromises()
  call.handleFact({ fact: 'heard' })
  await flushPromises()
  t.equal(call.step, 'preparing')
  await clock.advanceAndWait(PREPARING_MS, flushPromises)
  t.equal(channel.orders.at(-1), 'return-to-dialplan notice null')
})

t.test('a call whose check of the prompt files hangs continues undisclosed and unrecorded', async t => {
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
