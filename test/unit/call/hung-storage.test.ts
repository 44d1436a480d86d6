// The call without a PBX. Fake: channel, journal, prompts and recorder that hang, clock.
import t, { type Test } from 'tap'
import { begin } from '../../../src/call/call-machine.js'
import { runCall } from '../../../src/call/run-call.js'
import type { CallDeps } from '../../../src/call/running-call.js'
import { newCallId } from '../../../src/shared/ids.js'
import type { LinePolicy } from '../../../src/shared/policy.js'
import { fakeChannel, fakeHouse, settle } from '../../support/fake-call.js'
import { FakeClock } from '../../support/fake-clock.js'
import { keyLine, noticeLine } from '../../support/policies.js'

/** A caller waits so long in silence for storage, ms. */
const PREPARING_MS = 2_000
const CHECK_MS = 1_000

type Prepare = CallDeps['recorder']['prepare']

/** A call whose recorder does not answer until the test lets it. */
function start(policy: LinePolicy) {
  const [clock, leg] = [new FakeClock(), fakeChannel('caller')]
  const { deps, taps, events } = fakeHouse(clock)
  let done: (tap: string) => void = () => {}
  let pressing: AbortSignal | undefined
  const prepare: Prepare = (_call, _line, _grants, signal) => {
    pressing = signal
    return new Promise(resolve => {
      done = resolve
    })
  }
  deps.recorder.prepare = prepare
  const call = runCall(newCallId(), leg, begin(policy), deps)
  return {
    ...{ clock, leg, taps, events, deps, call },
    ready: (tap: string) => done(tap),
    pressed: () => pressing?.aborted,
  }
}

async function waits(t: Test, policy = keyLine) {
  const house = start(policy)
  await settle()
  for (const fact of [{ fact: 'heard' }, { fact: 'key', digit: '1', at: 0 }] as const) {
    house.call.tell(fact)
    await settle()
  }
  t.notOk(house.pressed(), 'as long as the confirmation is heard, nothing presses')
  house.call.tell({ fact: 'heard' })
  await settle()
  t.equal(house.call.step, 'preparing')
  t.ok(house.pressed(), 'the recorder is told that the caller hears nothing')
  return house
}

t.test('a recorder that hangs lets the call go on unrecorded within two seconds', async t => {
  const { clock, call, leg } = await waits(t)
  await clock.run(PREPARING_MS - 1)
  t.equal(call.step, 'preparing')
  await clock.run(1, settle)
  t.equal(call.step, 'talking')
  t.equal(leg.orders.at(-1), 'give-back granted null', 'without a tap')
})

t.test('a tap that is ready too late is not used, and nothing of it is left', async t => {
  const { clock, call, leg, taps, ready } = await waits(t)
  await clock.run(PREPARING_MS, settle)
  ready('/tap/late')
  await settle()
  t.equal(call.step, 'talking')
  t.strictSame(taps, ['abandon /tap/late late'])
  t.notOk(
    leg.orders.some(order => order.includes('/tap/late')),
    'the dialplan never hears of it',
  )
})

t.test('a tap that comes in time is used, and the wait for it ends', async t => {
  const { clock, call, leg, ready } = await waits(t)
  await clock.run(PREPARING_MS - 1)
  ready('/tap/new')
  await settle()
  t.equal(leg.orders.at(-1), 'give-back granted /tap/new')
  await clock.run(10 * PREPARING_MS, settle)
  t.equal(call.step, 'talking')
})

t.test('on a notice line, where nothing is confirmed, the wait is as short', async t => {
  const { clock, call, leg } = start(noticeLine)
  await settle()
  call.tell({ fact: 'heard' })
  await settle()
  t.equal(call.step, 'preparing')
  await clock.run(PREPARING_MS, settle)
  t.equal(leg.orders.at(-1), 'give-back notice null')
})

t.test('prompts whose files do not answer are no disclosure, and the call goes on', async t => {
  const [clock, leg] = [new FakeClock(), fakeChannel('caller')]
  const { deps, events } = fakeHouse(clock)
  deps.prompts.ready = () => new Promise(() => {})
  const call = runCall(newCallId(), leg, begin(keyLine), deps)
  await clock.run(CHECK_MS - 1, settle)
  t.equal(call.step, 'disclosing')
  await clock.run(1, settle)
  t.equal(call.step, 'talking')
  t.equal(leg.orders.at(-1), 'give-back failed null')
  t.match(
    events.find(({ type }) => type === 'consent.answered'),
    { data: { answer: 'failed', reason: 'prompt.slow' } },
  )
})
