// Real: the calls. Fake: the channel, the journal, the recorder, the prompts and the clock.
import t from 'tap'
import { beginCall } from '../../../../src/call/machine/call-machine.js'
import type { Fact } from '../../../../src/call/machine/call-states.js'
import { Calls } from '../../../../src/call/run/calls.js'
import { runCall } from '../../../../src/call/run/run-call.js'
import { newCallId, newNodeId } from '../../../../src/core/ids.js'
import type { LinePolicy } from '../../../../src/core/policy.js'
import { exactly } from '../../../support/assertions/exactly.js'
import { keyLine, noticeLine } from '../../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { openGate } from '../../../support/fakes/gate.js'

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
    gate: openGate,
    unknownLine: () => keyLine,
    owner: { node: 'here', service: newNodeId() },
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

/** A call whose caller has heard the disclosure, and then pressed this key, if any. Prompts have the version 3. */
async function answeredCall(line: LinePolicy, digit?: string) {
  const { deps, events } = fakeCallDeps(new FakeClock())
  const find: typeof deps.prompts.find = (...args) => ({ ...deps.prompts.find(...args)!, version: 3 })
  const prompts = { ...deps.prompts, find }
  const call = runCall(newCallId(), fakeChannel('1.1'), beginCall(line), { ...deps, prompts })
  const key: Fact[] = digit ? [{ fact: 'key', digit, at: 0 }] : []
  for (const fact of [{ fact: 'heard' } as const, ...key, { fact: 'heard' } as const]) {
    await flushPromises()
    call.handleFact(fact)
  }
  await flushPromises()
  return { call, answers: events.filter(({ type }) => type === 'consent.answered') }
}

t.test('the journal has in which words a yes or a notice was told', async t => {
  const disclosure = { prompt: 'disclosure-key', version: 3 }
  const question = { prompt: 'question-service', version: 3 }
  const yes = await answeredCall(keyLine, '1')
  t.match(
    yes.answers,
    exactly({ data: { answer: 'granted', told: { language: 'en', disclosure, question } } }),
  )
  const notice = await answeredCall(noticeLine)
  t.match(notice.answers, exactly({ data: { answer: 'notice' } }))
  const told = notice.answers.map(({ data }) => 'told' in data && data.told)
  t.strictSame(told, [{ language: 'en', disclosure }], 'a notice has no question')
  const no = await answeredCall(keyLine, '2')
  t.match(no.answers, exactly({ data: { answer: 'refused', told: undefined } }))
})

t.test('a yes does not hold on a line that tells the purpose in other words', async t => {
  for (const [changes, holds] of [
    [{ number: '200' }, true],
    [{ number: '200', language: 'ru' }, true],
    [{ number: '200', disclosure: 'disclosure-another' }, false],
  ] as const) {
    const { call, answers } = await answeredCall(keyLine, '1')
    call.handleFact({ fact: 're-entered', policy: { ...keyLine, ...changes } })
    t.equal(call.standing.agreed.has('service'), holds, JSON.stringify(changes))
    t.equal(answers.length, 1, 'the line does not ask again for a purpose with an answer')
  }
})
