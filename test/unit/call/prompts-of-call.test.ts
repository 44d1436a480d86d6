// Real: the calls. Fake: the channel, the journal, the recorder, the prompts and the clock.
import t from 'tap'
import { Calls } from '../../../src/call/calls.js'
import { newNodeId } from '../../../src/shared/ids.js'
import { keyLine } from '../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../support/fakes/fake-call.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

t.test('a call takes its prompts when it begins', async t => {
  const { deps } = fakeCallDeps(new FakeClock())
  const asked: string[] = []
  let version = 1
  const book = (of: number) => ({
    ...deps.prompts,
    ready: (...args: Parameters<typeof deps.prompts.ready>) => {
      asked.push(`${args[1]} of ${of}`)
      return deps.prompts.ready(...args)
    },
  })
  const calls = new Calls({
    ...deps,
    prompts: { ...book(0), forCall: () => book(version) },
    lines: { find: () => keyLine },
    gate: { closed: () => undefined },
    unknownLine: () => keyLine,
    owner: { node: 'here', keeper: '/keeper', service: newNodeId() },
  })
  const arrive = (channel: string) =>
    calls.arrived({ number: keyLine.number, caller: '7999', at: 0, channel: fakeChannel(channel) })
  arrive('1.1')
  await flushPromises()
  version = 2
  arrive('1.2')
  await flushPromises()
  t.strictSame(asked, [`${keyLine.disclosure} of 1`, `${keyLine.disclosure} of 2`])
})
