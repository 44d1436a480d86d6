// What a program is answered that pauses a call. Fake: channel, journal, recorder, clock.
import t from 'tap'
import { Calls } from '../../../src/call/calls.js'
import { type ChannelId, newServiceId } from '../../../src/shared/ids.js'
import { fakeChannel, fakeHouse, settle } from '../../support/fake-call.js'
import { FakeClock } from '../../support/fake-clock.js'
import { keyLine } from '../../support/policies.js'

/** A call whose recorder says by `keep` that the journal has the pause. */
function setUp() {
  const clock = new FakeClock()
  const { deps } = fakeHouse(clock)
  let keep = () => {}
  deps.recorder.pause = () =>
    new Promise<void>(resolve => {
      keep = resolve
    })
  deps.recorder.resume = () => true
  const calls = new Calls({
    ...deps,
    lines: { find: () => keyLine },
    gate: { closed: () => undefined },
    unknownLine: () => keyLine,
    owner: { node: 'here', keeper: '/keeper', service: newServiceId() },
  })
  calls.arrived({ number: keyLine.number, caller: '7999', at: clock.now(), channel: fakeChannel('1.1') })
  const answers: string[] = []
  const order = async (to: 'pause' | 'resume') =>
    void answers.push(await calls.switchPause(calls.idOf('1.1' as ChannelId)!, to))
  return { clock, answers, order, keep: () => keep() }
}

t.test('a program hears of a pause once the journal cannot forget it', async t => {
  const { answers, order, keep } = setUp()
  void order('pause')
  await settle()
  t.strictSame(answers, [])
  keep()
  await settle()
  t.strictSame(answers, ['done'])
})

t.test('where the journal does not say so, it does not wait for ever', async t => {
  const { clock, answers, order } = setUp()
  void order('pause')
  clock.pass(4_499)
  await settle()
  t.strictSame(answers, [])
  clock.pass(1)
  await settle()
  t.strictSame(answers, ['done'])
})

t.test('what goes on again is answered at once', async t => {
  const { answers, order } = setUp()
  await order('resume')
  t.strictSame(answers, ['done'])
})
