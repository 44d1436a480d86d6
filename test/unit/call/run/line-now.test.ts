// Real: the calls and their neighbours. Fake: the channels, the journal, the recorder and the clock.
import t from 'tap'
import { beginCall } from '../../../../src/call/machine/call-machine.js'
import type { ChannelFact } from '../../../../src/call/ports.js'
import { runCall } from '../../../../src/call/run/run-call.js'
import { newCallId } from '../../../../src/core/ids.js'
import type { LinePolicy } from '../../../../src/core/policy.js'
import { exactly } from '../../../support/assertions/exactly.js'
import { keyLine } from '../../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { agent, id, recordingCalls } from '../../../support/fakes/recorded-caller.js'
import { recoveredCall, yes } from '../../../support/fakes/recovered-call.js'

/** Calls of a service that knows anna's phone, and the channel of one of them. */
function setUp() {
  const pauses: string[] = []
  const note = (what: string) => void pauses.push(what)
  const { calls, recorded } = recordingCalls({ endpoints: ['SIP/anna'], line: keyLine, note })
  const channel = fakeChannel('1.1')
  const arrive = (name: string) => calls.arrived({ number: '100', caller: '7999', at: 0, channel, name })
  return { calls, recorded, pauses, channel, arrive }
}

t.test(
  'a recovered call that its line barred goes on when its caller comes to the first line again',
  async t => {
    const { calls, recorded, pauses, channel, arrive } = setUp()
    const one = recoveredCall({ returned: true, answers: [{ ...yes, recorded: true }] })
    recorded.set(one.id, 'line')
    calls.recover([one], () => channel)
    calls.handleChannelFact(id('1.1'), { fact: 'with', peers: [agent], at: 10 })
    calls.bridgesCompared()
    t.strictSame(pauses, [], 'on which line the caller is, is not known')
    arrive('SIP/carrier-0000001')
    await flushPromises()
    t.match(pauses, exactly('resume line'))
  },
)

t.test('nobody is asked on a phone of the company whose call the journal does not have as such', async t => {
  const { calls, channel, arrive } = setUp()
  // It came to a line that asks nobody, before the service was restarted.
  calls.recover([recoveredCall({ returned: true, line: '109', decided: 0 })], () => channel)
  arrive('SIP/anna-0000001')
  await flushPromises()
  t.strictSame(channel.orders, ['return-to-dialplan failed null'])
})

t.test('a yes does not hold on the line where the call began, if that line records nothing', async t => {
  const none: LinePolicy = { ...keyLine, number: '109', mode: 'none', purposes: [] }
  const clock = new FakeClock()
  const channel = fakeChannel('1.1')
  const call = runCall(newCallId(), channel, beginCall(none), fakeCallDeps(clock).deps)
  const fact = (one: ChannelFact) => call.handleChannelFact(one)
  const begin = async () => {
    await flushPromises()
    const playback = channel.orders.at(-1)!.split(' ').at(-1)!
    fact({ fact: 'playing', playback, at: clock.now() })
    return playback
  }
  await flushPromises()
  call.handleFact({ fact: 're-entered', policy: keyLine })
  await begin()
  fact({ fact: 'key', digit: '1', at: clock.now() })
  const playback = await begin()
  clock.advance(1_000)
  fact({ fact: 'played', playback, ok: true, at: clock.now() })
  await flushPromises()
  t.strictSame([call.step, ...call.standing.agreed.keys()], ['talking', 'service'])
  call.handleFact({ fact: 're-entered', policy: none })
  await flushPromises()
  t.strictSame([call.step, ...call.standing.agreed.keys()], ['talking'])
})
