// Real: the calls and their neighbours. Fake: the channels, the journal, the recorder and the clock.
// Whoever was asked for the recording of another call comes to a line that asks.
import t from 'tap'
import type { LinePolicy } from '../../../../src/core/policy.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { flushPromises } from '../../../support/fakes/fake-call.js'
import {
  agent,
  asking,
  caller,
  near,
  recordedCaller,
  stranger,
} from '../../../support/fakes/recorded-caller.js'
import { recover, second, yes } from '../../../support/fakes/recovered-call.js'

/** Somebody whom nobody asked joins a recorded call, answers there, and leaves it. */
async function joined(keys: string, line?: LinePolicy) {
  const set = await recordedCaller(line)
  await set.together(caller, agent, stranger)
  await set.hear('3.3')
  await set.press('3.3', keys)
  await set.leave('3.3')
  await set.together(caller, agent)
  const own = set.calls.callIdOf(stranger.channel)!
  /** What the journal has of that person since then. */
  const before = set.events.length
  const told = (type: string) =>
    set.events
      .slice(before)
      .flatMap(one => (one.call === own && one.type === type ? [one.data as object] : []))
  /** The person comes to the line, and presses a key there. */
  const answer = async (digit: '1' | '2') => {
    await set.answered('3.3', digit)
    await flushPromises()
  }
  return { ...set, own, told, answer }
}

for (const [keys, what] of [
  ['1', 'agreed'],
  ['2', 'refused'],
  ['1*9', 'withdrew a yes'],
] as const)
  t.test(`whoever ${what} for another recording is asked as a caller on a line`, async t => {
    const { own, arrive, plays, hear, press, told, recorded, orders, types } = await joined(keys)
    await arrive('3.3')
    t.strictSame(plays('3.3'), ['disclosure-key'])
    t.notOk(types(own).includes('recording.prepared') || recorded.has(own), 'nothing before the answer')
    await hear('3.3', 'play')
    await press('3.3', '1')
    t.ok(recorded.has(own))
    await hear('3.3', 'play')
    const answers = told('consent.answered')
    matchEach(t, answers, [{ answer: 'granted', method: 'key' }])
    t.notOk('inConversation' in answers[0]!)
    t.match(orders('3.3').at(-1), /^return-to-dialplan granted \/tap\/new/)
    matchEach(t, told('call.decided'), [{ decision: 'granted' }])
    await arrive('3.3')
    t.strictSame(
      plays('3.3').filter(prompt => prompt === 'disclosure-key'),
      ['disclosure-key'],
      'once',
    )
  })

t.test('whoever agreed for another recording and says no on a line is recorded nowhere', async t => {
  const { own, answer, told, recorded, orders, together, since } = await joined('1')
  await answer('2')
  t.notOk(recorded.has(own))
  t.match(orders('3.3').at(-1), /^return-to-dialplan refused null/)
  matchEach(t, told('call.decided'), [{ decision: 'refused' }])
  since()
  await together(caller, agent, stranger)
  t.strictSame(since(), ['pause party'], 'the no counts beside the recorded caller, too')
})

t.test('whoever agreed on a line is not asked for another recording in the same words', async t => {
  const { answer, together, since, whispers } = await joined('2')
  await answer('1')
  since()
  await together(caller, agent, stranger)
  t.strictSame(since(), [])
  t.equal(whispers('3.3').filter(prompt => prompt === 'disclosure-key').length, 1)
})

t.test(
  'a yes for another recording is none to an agent’s question for the own one, nor the other way',
  async t => {
    const { calls, answered, together, hear, press, types, since, recorded } = await recordedCaller()
    const refuser = near('4.4', 'SIP/carrier-0000003')
    const own = await answered('4.4', '2')
    await together(caller, refuser)
    await hear('4.4')
    await press('4.4', '1')
    await hear('4.4')
    t.strictSame(since(), ['pause party', 'resume party'])
    t.notOk(recorded.has(own))
    await together(caller, agent)
    await together(refuser, agent)
    t.equal(calls.ask(own), 'asked')
    await flushPromises()
    await hear('4.4')
    await press('4.4', '1')
    await hear('4.4')
    t.ok(recorded.has(own))
    t.equal(calls.ask(own), 'nothing-to-ask')
    t.equal(types(own).filter(type => type === 'consent.requested').length, 2)
  },
)

t.test(
  'a caller who has refused on a line, and agreed for another recording, is not asked on it again',
  async t => {
    const { answered, arrive, together, hear, press, plays, orders } = await recordedCaller()
    const refuser = near('4.4', 'SIP/carrier-0000003')
    await answered('4.4', '2')
    await together(caller, refuser)
    await hear('4.4')
    await press('4.4', '1')
    await hear('4.4')
    await together(caller, agent)
    await arrive('4.4')
    t.equal(plays('4.4').filter(prompt => prompt === 'disclosure-key').length, 1)
    t.match(orders('4.4').at(-1), /^return-to-dialplan refused null/)
  },
)

t.test('a caller who was asked on the same line in the conversation is not asked again there', async t => {
  for (const digit of ['1', '2']) {
    const { calls, answered, arrive, together, hear, press, plays } = await recordedCaller()
    const own = await answered('4.4', '2')
    await together(near('4.4', 'SIP/carrier-0000003'), agent)
    t.equal(calls.ask(own), 'asked')
    await flushPromises()
    await hear('4.4')
    await press('4.4', digit)
    await hear('4.4')
    const before = plays('4.4').length
    await arrive('4.4')
    t.equal(plays('4.4').length, before)
  }
})

t.test('the phone of an agent that comes to a line in a recorded conversation is not asked', async t => {
  const { calls, arrive, together, plays, recorded, types, fact } = await recordedCaller({ ...asking })
  await together(caller, agent)
  calls.arrived({
    ...{ number: '100', caller: '7001', name: agent.name, at: 0 },
    channel: { ...(await recover({})).channel, id: agent.channel },
  })
  await flushPromises()
  const own = calls.callIdOf(agent.channel)!
  await together(caller, agent, stranger)
  fact(agent.channel, { fact: 'with', peers: [], at: 0 })
  await arrive('2.2')
  t.strictSame(plays('2.2'), [])
  t.notOk(recorded.has(own))
  t.notOk(types(own).some(type => type.startsWith('consent')))
})

t.test(
  'after a restart, whoever agreed for another recording is asked on a line, and the yes records nothing',
  async t => {
    const elsewhere = { ...yes, elsewhere: true }
    const asked = await recover({ line: null, answers: [elsewhere], decided: 1 })
    t.equal(asked.last(), 'play interrupted')
    await asked.hear()
    t.strictSame(asked.taps, [])
    asked.call.handleFact({ fact: 'key', digit: '2', at: 0 })
    await flushPromises()
    await asked.hear()
    t.equal(asked.last(), 'return-to-dialplan refused')
    t.match(asked.events.findLast(({ type }) => type === 'call.decided')?.data, { decision: 'refused' })

    const returned = await recover({ answers: [elsewhere], returned: true, decided: 1 })
    t.strictSame([...returned.call.standing.elsewhere.keys()], ['service'])
    t.strictSame([returned.call.standing.agreed.size, returned.call.standing.recorded], [0, []])
    returned.call.handleFact({ fact: 're-entered', policy: { ...second, purposes: asking.purposes } })
    await flushPromises()
    t.equal(returned.last(), 'play disclosure-key')
  },
)
