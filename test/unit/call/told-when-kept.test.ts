// The call without a PBX. Fake: channel, journal, recorder, clock.
import t, { type Test } from 'tap'
import { begin } from '../../../src/call/call-machine.js'
import { runCall } from '../../../src/call/run-call.js'
import { newCallId } from '../../../src/shared/ids.js'
import { fakeChannel, fakeHouse, settle } from '../../support/fake-call.js'
import { FakeClock } from '../../support/fake-clock.js'
import { keyLine } from '../../support/policies.js'

/** A recorded talk whose caller has just taken the yes back. */
async function withdrawn(t: Test) {
  const [clock, leg] = [new FakeClock(), fakeChannel('caller')]
  const { deps } = fakeHouse(clock)
  let keep = () => {}
  deps.journal.noteDurably = () =>
    new Promise(resolve => {
      keep = resolve
    })
  const call = runCall(newCallId(), leg, begin(keyLine), deps)
  for (const fact of [{ fact: 'heard' }, { fact: 'key', digit: '1', at: 0 }, { fact: 'heard' }] as const) {
    await settle()
    call.tell(fact)
  }
  await settle()
  t.equal(call.step, 'talking')
  for (const digit of '*9') call.tell({ fact: 'key', digit, at: 0 })
  await settle()
  return { clock, keep, told: () => leg.orders.some(order => order.startsWith('whisper')) }
}

t.test('the caller is told that the yes is taken back once that cannot be forgotten', async t => {
  const { keep, told } = await withdrawn(t)
  t.notOk(told())
  keep()
  await settle()
  t.ok(told())
})

t.test('where the journal does not say so, the caller does not wait for ever', async t => {
  const { clock, told } = await withdrawn(t)
  clock.pass(4_999)
  await settle()
  t.notOk(told())
  clock.pass(1)
  await settle()
  t.ok(told())
})
