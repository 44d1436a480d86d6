// Real: one call. Fake: the channel, the journal, the recorder and the clock.
import t, { type Test } from 'tap'
import { beginCall } from '../../../../src/call/machine/call-machine.js'
import { runCall } from '../../../../src/call/run/run-call.js'
import { newCallId } from '../../../../src/core/ids.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { keyLine, twoPurposes } from '../../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

/** A recorded conversation whose caller has just withdrawn the yes. */
async function withdrawn(t: Test) {
  const [clock, channel] = [new FakeClock(), fakeChannel('caller')]
  const { deps } = fakeCallDeps(clock)
  let store = () => {}
  deps.journal.noteDurably = () =>
    new Promise(resolve => {
      store = resolve
    })
  const call = runCall(newCallId(), channel, beginCall(keyLine), deps)
  for (const fact of [{ fact: 'heard' }, { fact: 'key', digit: '1', at: 0 }, { fact: 'heard' }] as const) {
    await flushPromises()
    call.handleFact(fact)
  }
  await flushPromises()
  t.equal(call.step, 'talking')
  for (const digit of '*9') call.handleFact({ fact: 'key', digit, at: 0 })
  await flushPromises()
  return { clock, store, confirmed: () => channel.orders.some(order => order.startsWith('whisper')) }
}

t.test('the caller hears the confirmation when the withdrawal is stored', async t => {
  const { store, confirmed } = await withdrawn(t)
  t.notOk(confirmed())
  store()
  await flushPromises()
  t.ok(confirmed())
})

t.test('the confirmation of a withdrawal that is not stored comes after 5 s', async t => {
  const { clock, confirmed } = await withdrawn(t)
  clock.advance(4_999)
  await flushPromises()
  t.notOk(confirmed())
  clock.advance(1)
  await flushPromises()
  t.ok(confirmed())
})

t.test('the keys of a withdrawal count before the disclosure of a further line has begun', async t => {
  const [clock, channel] = [new FakeClock(), fakeChannel('caller')]
  const { deps, events } = fakeCallDeps(clock)
  // The second of the keys is also the yes, which does not count yet.
  const first = { ...keyLine, keys: { ...keyLine.keys, withdraw: '*1' } }
  const call = runCall(newCallId(), channel, beginCall(first), deps)
  for (const fact of [{ fact: 'heard' }, { fact: 'key', digit: '1', at: 0 }, { fact: 'heard' }] as const) {
    await flushPromises()
    call.handleFact(fact)
  }
  await flushPromises()
  call.handleFact({ fact: 're-entered', policy: twoPurposes })
  t.equal(call.step, 'disclosing')
  for (const digit of '*1') call.handleChannelFact({ fact: 'key', digit, at: clock.now() })
  const told = events.filter(({ type }) => /withdrawn|ignored/.test(type))
  matchEach(t, told.slice(-2), [
    { type: 'consent.key-ignored', data: { purpose: 'marketing', reason: 'too-early' } },
    { type: 'consent.withdrawn', data: { purposes: ['service'] } },
  ])
  t.equal(call.step, 'disclosing', 'it is no yes to the further line')
})
