// Real: the calls and their neighbours. Fake: the channels, the journal, the recorder and the clock.
import t from 'tap'
import type { LinePolicy } from '../../../../src/core/policy.js'
import { keyLine, noticeLine } from '../../../support/data/policies.js'
import { flushPromises } from '../../../support/fakes/fake-call.js'
import {
  agent,
  asking,
  caller,
  id,
  near,
  recordedCaller,
  stranger,
} from '../../../support/fakes/recorded-caller.js'

t.test(
  'somebody whom nobody asked is asked in a call of their own, and the recording goes on after a yes',
  async t => {
    const { calls, call, together, whispers, hear, press, since, events, types } = await recordedCaller()
    await together(caller, agent, stranger)
    t.strictSame(since(), ['pause party'])
    t.strictSame(whispers('3.3'), ['disclosure-key'])
    const own = calls.callIdOf(stranger.channel)!
    await hear('3.3')
    await press('3.3', '1')
    t.strictSame(since(), ['resume party'])
    t.match(
      events.find(one => one.call === own),
      { type: 'call.started', data: { line: '100', joined: call }, personal: { caller: '7000' } },
    )
    t.match(events.find(({ type }) => type === 'consent.requested')?.data, { by: 'line', recorded: call })
    t.notOk(types(own).includes('recording.prepared'))
    t.strictSame(types(own).slice(0, 3), ['call.started', 'call.released', 'consent.requested'])
    await press('3.3', '*9')
    t.strictSame(since(), ['pause party'], 'a withdrawal holds for that person, too')
    t.strictSame(whispers('3.3').at(-1), 'withdrawn')
  },
)

t.test(
  'whoever joins hears words of their own where the line has some, and a yes after them counts',
  async t => {
    const line: LinePolicy = { ...asking, outsiderDisclosure: 'disclosure-joined' }
    const { call, calls, answered, together, whispers, hear, press, since, events } =
      await recordedCaller(line)
    const refuser = near('4.4', 'SIP/carrier-0000003')
    await answered('4.4', '2')
    await together(caller, agent, stranger, refuser)
    for (const channel of ['3.3', '4.4']) {
      t.strictSame(whispers(channel), ['disclosure-joined'])
      await hear(channel)
      await press(channel, '1')
    }
    t.strictSame(since(), ['pause party', 'resume party'])
    const own = calls.callIdOf(stranger.channel)!
    const told = events.filter(one => one.call === own && one.type === 'prompt.ended')
    t.match(told[0]?.data, { role: 'disclosure', prompt: 'disclosure-joined', version: 1, end: 'complete' })
    t.match(events.find(one => one.call === call && one.type === 'call.party-agreed')?.data, { party: own })
  },
)

t.test('a caller whom a program has asked hears the disclosure of the line', async t => {
  const { calls, answered, together, whispers } = await recordedCaller({
    ...asking,
    outsiderDisclosure: 'disclosure-joined',
  })
  const refuser = near('4.4', 'SIP/carrier-0000003')
  const own = await answered('4.4', '2')
  await together(refuser, agent)
  t.equal(calls.ask(own), 'asked')
  await flushPromises()
  t.strictSame(whispers('4.4'), ['disclosure-key'])
})

t.test('whoever said no before is asked in their own call, once', async t => {
  const { answered, together, whispers, hear, press, leave, since } = await recordedCaller()
  const refuser = near('4.4', 'SIP/carrier-0000003')
  await answered('4.4', '2')
  await together(caller, refuser)
  t.strictSame(since(), ['pause party'])
  await hear('4.4')
  await press('4.4', '2')
  await hear('4.4')
  t.strictSame(whispers('4.4'), ['disclosure-key', 'question-service', 'refused-service'])
  await leave('4.4')
  await together(caller, agent)
  await together(caller, agent, refuser)
  t.strictSame(since(), ['resume party', 'pause party'])
  t.equal(whispers('4.4').length, 3, 'not asked again in that conversation')
})

t.test('a question ends when the recorded caller withdraws: nothing is recorded any more', async t => {
  const { call, recorded, together, hear, press, events } = await recordedCaller()
  await together(caller, agent, stranger)
  await hear('3.3')
  recorded.delete(call)
  await press('1.1', '*9')
  await press('3.3', '1')
  t.match(events.findLast(({ type }) => type === 'consent.answered')?.data, {
    answer: 'failed',
    reason: 'withdrawn',
  })
})

t.test('a question ends when its person leaves the recorded call, or a pause begins', async t => {
  const { together, hear, press, since, events } = await recordedCaller()
  await together(caller, agent, stranger)
  await hear('3.3')
  await together(caller, agent)
  await together(stranger, near('9.9', 'SIP/carrier-0000009'))
  await press('3.3', '1')
  const answers = events.filter(({ type }) => type === 'consent.answered').map(({ data }) => data)
  t.match(answers.at(-1), { answer: 'failed', reason: 'left' })
  t.strictSame(since(), ['pause party', 'resume party'])

  const pausing = await recordedCaller()
  await pausing.together(caller, agent, stranger)
  await pausing.hear('3.3')
  await pausing.press('2.2', '*7')
  await pausing.press('3.3', '1')
  t.match(pausing.events.findLast(({ type }) => type === 'consent.answered')?.data, { reason: 'paused' })
  t.strictSame(pausing.since(), ['pause party', 'resume party', 'pause agent'])
  await pausing.press('2.2', '*7')
  t.strictSame(pausing.since(), ['resume agent', 'pause party'])
})

t.test('during a pause nobody is asked, but after it', async t => {
  const { together, whispers, press } = await recordedCaller()
  await together(caller, agent)
  await press('2.2', '*7')
  await together(caller, agent, stranger)
  t.strictSame(whispers('3.3'), [])
  await press('2.2', '*7')
  t.strictSame(whispers('3.3'), ['disclosure-key'])
})

t.test('neither phones of the company nor Local channels are asked, nor anybody on other lines', async t => {
  const { together, calls } = await recordedCaller()
  await together(caller, agent, near('5.5', 'Local/600@queue-0000004;1'))
  t.strictSame([calls.callIdOf(agent.channel), calls.callIdOf(id('5.5'))], [undefined, undefined])
  for (const line of [keyLine, { ...noticeLine, onOutsider: 'ask' as const }]) {
    const { together, calls } = await recordedCaller(line)
    await together(caller, agent, stranger)
    t.equal(calls.callIdOf(stranger.channel), undefined)
  }
})

t.test('the yes of one person is nobody else’s', async t => {
  const { together, hear, press, since } = await recordedCaller()
  const other = near('6.6', 'SIP/carrier-0000006')
  await together(caller, agent, stranger, other)
  await hear('3.3')
  await press('3.3', '1')
  t.strictSame(since(), ['pause party'], 'the other one has not agreed yet')
  await hear('6.6')
  await press('6.6', '1')
  t.strictSame(since(), ['resume party'])
})

t.test('whoever left before answering is asked again on coming back, at most three times', async t => {
  const { together, whispers, hear, press, since } = await recordedCaller()
  for (const times of [1, 2, 3, 3]) {
    await together(caller, agent, stranger)
    t.equal(whispers('3.3').filter(one => one === 'disclosure-key').length, times)
    await hear('3.3')
    // Their own channel is reported first, so that they are alone before they have left.
    await together(stranger)
    await together(caller, agent)
  }
  await together(caller, agent, stranger)
  await press('3.3', '1')
  t.equal(since().at(-1), 'pause party', 'nobody asks any more')

  const back = await recordedCaller()
  await back.together(caller, agent, stranger)
  await back.together(caller, agent)
  await back.together(caller, agent, stranger)
  await back.together(caller, agent, stranger)
  t.equal(back.whispers('3.3').length, 2, 'once for each time that they came')
  await back.hear('3.3')
  await back.press('3.3', '1')
  t.strictSame(back.since().slice(-1), ['resume party'])
})

t.test('whoever left after a no is asked no more, and neither after keys of a withdrawal', async t => {
  for (const keys of ['2', '*9']) {
    const { together, whispers, hear, press } = await recordedCaller()
    await together(caller, agent, stranger)
    await hear('3.3')
    await press('3.3', keys)
    const before = whispers('3.3')
    await together(caller, agent)
    await together(caller, agent, stranger)
    t.strictSame(whispers('3.3'), before)
  }
})

t.test('whoever joined is asked again by an agent or a program for the recorded call alone', async t => {
  const line: LinePolicy = { ...asking, askKeys: '*8', outsiderDisclosure: 'disclosure-joined' }
  const { calls, call, together, whispers, hear, press, since, events, types } = await recordedCaller(line)
  await together(caller, agent, stranger)
  await hear('3.3')
  await press('3.3', '2')
  await hear('3.3')
  const own = calls.callIdOf(stranger.channel)!
  const told = () => whispers('3.3').filter(one => one.startsWith('disclosure'))
  await press('2.2', '*8')
  t.strictSame(told(), ['disclosure-joined', 'disclosure-joined'])
  t.match(events.findLast(({ type }) => type === 'consent.requested')?.data, { by: 'agent', recorded: call })
  await hear('3.3')
  await press('3.3', '2')
  await hear('3.3')
  t.equal(calls.ask(own), 'asked')
  await flushPromises()
  t.match(events.findLast(({ type }) => type === 'consent.requested')?.data, { by: 'api', recorded: call })
  await hear('3.3')
  await press('3.3', '1')
  await hear('3.3')
  t.strictSame(since(), ['pause party', 'resume party'])
  t.equal(types(call).filter(one => one === 'call.party-asked').length, 3)
  t.notOk(types(own).some(one => one.startsWith('recording.')))
  t.equal(calls.ask(own), 'nothing-to-ask')
})

t.test('whoever joined and is elsewhere now is asked nothing', async t => {
  const { calls, together, press, hear, whispers, fact } = await recordedCaller({ ...asking, askKeys: '*8' })
  await together(caller, agent, stranger)
  const own = calls.callIdOf(stranger.channel)!
  await hear('3.3')
  await press('2.2', '*7')
  t.equal(calls.ask(own), 'paused')
  await press('2.2', '*7')
  const before = whispers('3.3').length
  await together(caller)
  await together(agent, stranger)
  t.equal(calls.ask(own), 'nothing-to-ask')
  await press('2.2', '*8')
  fact(caller.channel, { fact: 'hung-up', cause: 16, at: 0 })
  t.equal(calls.ask(own), 'nothing-to-ask')
  t.equal(whispers('3.3').length, before)
})

t.test('nobody is asked who leaves while the number is looked up, before they come back', async t => {
  const { together, whispers, fact } = await recordedCaller()
  await together(stranger, agent)
  for (const peers of [[agent, stranger], [agent]])
    fact(caller.channel, { fact: 'with', name: caller.name, peers, at: 0 })
  await flushPromises()
  t.strictSame(whispers('3.3'), [])
  await together(caller, agent, stranger)
  t.equal(whispers('3.3').length, 1)
})

t.test('a question that a pause ended is put again when its person comes back', async t => {
  const { together, whispers, press } = await recordedCaller()
  await together(caller, agent, stranger)
  await press('2.2', '*7')
  await press('2.2', '*7')
  await together(caller, agent, stranger)
  t.equal(whispers('3.3').length, 1, 'not while they are there')
  await together(caller, agent)
  await together(caller, agent, stranger)
  t.equal(whispers('3.3').length, 2)
})
