// Real: the calls. Fake: the channel, the journal, the recorder and the clock.
import t from 'tap'
import { Calls } from '../../../../src/call/run/calls.js'
import { type ChannelId, newNodeId } from '../../../../src/core/ids.js'
import { keyLine } from '../../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { openGate } from '../../../support/fakes/gate.js'

/** A call whose pause is stored when the test calls `store`. */
function setUp() {
  const clock = new FakeClock()
  const { deps } = fakeCallDeps(clock)
  let store = () => {}
  deps.recorder.pause = () =>
    new Promise<void>(resolve => {
      store = resolve
    })
  deps.recorder.resume = () => true
  deps.recorder.recordedPurposes = () => ['service']
  const calls = new Calls({
    ...deps,
    lines: { find: () => keyLine },
    gate: openGate,
    unknownLine: () => keyLine,
    owner: { node: 'here', service: newNodeId() },
  })
  calls.arrived({ number: keyLine.number, caller: '7999', at: clock.now(), channel: fakeChannel('1.1') })
  const answers: string[] = []
  const order = async (to: 'pause' | 'resume') =>
    void answers.push(await calls.switchPause(calls.callIdOf('1.1' as ChannelId)!, to))
  return { clock, answers, order, store: () => store() }
}

t.test('a program gets the reply to a pause when the pause is stored', async t => {
  const { answers, order, store } = setUp()
  void order('pause')
  await flushPromises()
  t.strictSame(answers, [])
  store()
  await flushPromises()
  t.strictSame(answers, ['done'])
})

t.test('the reply to a pause that is not stored comes after 4.5 s', async t => {
  const { clock, answers, order } = setUp()
  void order('pause')
  clock.advance(4_499)
  await flushPromises()
  t.strictSame(answers, [])
  clock.advance(1)
  await flushPromises()
  t.strictSame(answers, ['done'])
})

t.test('the reply to a resumption comes at once', async t => {
  const { answers, order } = setUp()
  await order('resume')
  t.strictSame(answers, ['done'])
})
