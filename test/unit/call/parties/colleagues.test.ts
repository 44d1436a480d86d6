// Real: the calls and their neighbours. Fake: the channels, the journal, the recorder and the clock.
import t from 'tap'
import type { Neighbour } from '../../../../src/call/ports.js'
import { standInFor } from '../../../../src/core/stand-in.js'
import { keyLine } from '../../../support/data/policies.js'
import { fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import {
  agent,
  asking,
  caller,
  id,
  near,
  recordedCaller,
  recordingCalls,
  stranger,
} from '../../../support/fakes/recorded-caller.js'
import { inApp, recoveredCall, yes } from '../../../support/fakes/recovered-call.js'

const boris = near('4.4', 'SIP/boris-0000002')

/** A recorded caller, of whom nothing has happened yet. @param named what `CONSENTRY_INSIDE` names: nothing */
async function setUp(line = keyLine, named: string[] = []) {
  const all = await recordedCaller(line, named)
  all.since()
  return all
}

t.test(
  'where nothing is known, whoever a caller reaches first is a colleague, and nobody later is',
  async t => {
    const { call, events, leave, press, since, together } = await setUp()
    await together(caller, agent)
    t.strictSame(since(), [])
    await together(caller, agent, boris)
    t.strictSame(since(), ['pause party'])
    t.match(events.find(one => one.type === 'call.party-joined' && one.call === call)?.data, {
      party: null,
      agreed: false,
    })
    await press(boris.channel, '*7')
    t.strictSame(since(), [], 'the keys of an outsider do nothing')
    await together(caller, boris)
    t.strictSame(since(), [], 'as after a transfer')
    await leave('1.1')
    await together(caller, agent)
    t.strictSame(since(), ['resume party'], 'who is on the same channel is the same')
    await leave('1.1')
    await together(caller, near('7.7', agent.name))
    t.strictSame(since(), ['pause party'], 'another channel of the same phone may be of a trunk')
  },
)

t.test('of several who are reached at the same time nobody is known', async t => {
  const { since, together } = await setUp()
  await together(caller, agent, boris)
  await together(caller, agent)
  t.strictSame(since(), ['pause party'])
})

t.test('a Local channel is nobody who is reached', async t => {
  const { since, together } = await setUp()
  const halves = ['1', '2'].map(half => near(`6.${half}`, `Local/600@queue-0000004;${half}`))
  await together(caller, ...halves)
  await together(caller, ...halves, agent)
  t.strictSame(since(), [])
  await together(caller, ...halves, agent, boris)
  t.strictSame(since(), ['pause party'])
})

t.test('whoever comes together with another caller, or later, is not known', async t => {
  const other = near('5.5', 'SIP/carrier-0000005')
  for (const before of [[], [other]]) {
    const { answered, fact, since } = await setUp()
    const met = (...peers: Neighbour[]) => fact(caller.channel, { fact: 'with', peers, at: 5 })
    await answered('5.5', '1')
    met(...before)
    met(other, agent)
    t.strictSame(since(), ['pause party'])
    met(other)
    t.strictSame(since(), ['resume party'], 'who has agreed')
  }
})

t.test(
  'after another visit to a line whoever is reached next is the first again, the same one, too',
  async t => {
    const { arrive, leave, since, together } = await setUp()
    await together(caller, agent)
    for (const next of [[agent], [agent, boris]]) {
      await leave('1.1')
      await arrive('1.1')
      await together(caller, ...next)
      t.strictSame(since(), next.length > 1 ? ['pause party'] : [], 'of several nobody is')
    }
    await leave('1.1')
    await arrive('1.1')
    await together(caller, agent)
    t.strictSame(since(), ['resume party'])
    await together(caller, agent, boris)
    t.strictSame(since(), ['pause party'], 'who comes later')
  },
)

t.test('after another visit to a line whoever is reached next is a colleague as well', async t => {
  const { arrive, leave, since, together } = await setUp()
  await together(caller, agent)
  await leave('1.1')
  await arrive('1.1')
  await together(caller, boris)
  await together(caller, boris, agent)
  t.strictSame(since(), [])
  await together(caller, boris, stranger)
  t.strictSame(since(), ['pause party'])
})

t.test('who is behind the Local channel of a caller who is asked was reached by nobody', async t => {
  const { arrive, fact, hear, press, since } = await setUp()
  const met = (...peers: Neighbour[]) =>
    fact(id('5.5'), { fact: 'with', name: 'Local/864@sales-0000001;2', peers, at: 5 })
  const behind = near('6.6', 'SIP/carrier-0000006')
  await arrive('5.5')
  met(behind)
  await hear('5.5', 'play')
  await press('5.5', '1')
  await hear('5.5', 'play')
  met(behind, agent)
  t.strictSame(since(), [], 'the agent is the first')
  met(behind, agent, stranger)
  t.strictSame(since(), ['pause party'])
})

t.test('whoever may have been reached unheard is not known', async t => {
  const first = await setUp()
  first.calls.pbxLost()
  await first.together(caller, agent)
  t.strictSame(first.since(), ['pause party'], 'somebody may have come and left')
  const later = await setUp()
  await later.together(caller, agent)
  later.calls.pbxLost()
  await later.together(caller, agent)
  t.strictSame(later.since(), [], 'this one was reached before')
  const pauses: string[] = []
  const note = (what: string) => void pauses.push(what)
  const { calls, recorded } = recordingCalls({ endpoints: [], line: keyLine, note })
  const one = recoveredCall({ returned: true, answers: [{ ...yes, recorded: true }] })
  recorded.set(one.id, undefined)
  calls.recover([one], fakeChannel)
  calls.handleChannelFact(one.channel, { fact: 'with', peers: [agent], at: 20 })
  await flushPromises()
  t.strictSame(pauses, ['pause party'], 'an earlier service had this call')
})

t.test('of a caller whom the dialplan had when the service came back nobody is the first', async t => {
  for (const [at, wanted] of [
    [{ in: 'dialplan' }, ['pause party']],
    [inApp, []],
  ] as const) {
    const pauses: string[] = []
    const note = (what: string) => void pauses.push(what)
    const { calls, recorded } = recordingCalls({ endpoints: [], line: keyLine, note })
    const one = recoveredCall({ answers: [{ ...yes, recorded: true }] })
    recorded.set(one.id, undefined)
    calls.recover([one], fakeChannel)
    calls.resumeRecovered(new Map([[one.channel, at]]))
    await flushPromises()
    calls.handleChannelFact(one.channel, { fact: 'with', peers: [agent], at: 20 })
    await flushPromises()
    t.strictSame(pauses, wanted, at.in)
  }
})

t.test('whoever has answered through a Local channel is no colleague when it has gone', async t => {
  for (const digit of ['1', '2'] as const) {
    const { answered, calls, fact, leave, since, together } = await setUp()
    const behind = { ...near('6.6', 'SIP/carrier-0000006'), near: false }
    fact(id('5.5'), { fact: 'with', name: 'Local/864@sales-0000001;2', peers: [behind], at: 5 })
    await answered('5.5', digit)
    fact(id('5.5'), { fact: 'hung-up', cause: 16, at: 6 })
    since()
    await together(caller, behind)
    t.strictSame(since(), ['pause party'])
    await leave('1.1')
    const { remembered } = calls.around
    calls.around.beginList()(new Map([[caller.channel, {}]]))
    t.equal(calls.around.remembered, remembered - 1, 'it is forgotten when that person has gone')
  }
})

t.test('whoever has answered on a channel with an odd id is no colleague while the PBX lists it', async t => {
  const { answered, calls, fact, since, together } = await setUp()
  const behind = { ...near(standInFor('lead/7'), 'SIP/carrier-0000006'), near: false }
  fact(id('5.5'), { fact: 'with', name: 'Local/864@sales-0000001;2', peers: [behind], at: 5 })
  await answered('5.5', '1')
  fact(id('5.5'), { fact: 'hung-up', cause: 16, at: 6 })
  calls.around.beginList()(new Map([caller.channel, id('lead/7')].map(one => [one, {}] as const)))
  since()
  await together(caller, behind)
  t.strictSame(since(), ['pause party'])
})

t.test('whoever was asked in the conversation of another has reached nobody there', async t => {
  const { answered, hear, leave, press, since, together } = await setUp(asking)
  await together(caller, agent)
  await together(caller, agent, stranger)
  await hear('3.3')
  await press('3.3', '2')
  await leave('1.1')
  await together(stranger, boris)
  await leave('3.3')
  await answered('3.3', '1')
  since()
  await together(stranger, agent)
  t.strictSame(since(), [])
  await together(stranger, agent, boris)
  t.strictSame(since(), ['pause party'])
})

t.test('somebody who is heard before the answer counts only after the first', async t => {
  const { fact, since, together } = await setUp()
  const dials = (stage: 'heard' | 'over') =>
    fact(id('1.1'), { fact: 'dials', peer: { ...stranger, near: false, early: true }, stage, at: 5 })
  dials('heard')
  dials('over')
  t.strictSame(since(), [])
  await together(caller, agent)
  dials('heard')
  dials('over')
  t.strictSame(since(), ['pause party', 'resume party'])
})

t.test('where the line asks outsiders, whoever is not known is asked', async t => {
  const { since, together, whispers } = await setUp(asking)
  await together(caller, agent)
  await together(caller, agent, boris)
  t.strictSame([whispers('2.2'), whispers('4.4'), since()], [[], ['disclosure-key'], ['pause party']])
})

t.test('what the dialplan says is known, with settings and without', async t => {
  const cases: [named: string[], wanted: string[]][] = [
    [[], ['pause party']],
    [['SIP/carrier'], []],
  ]
  for (const [named, wanted] of cases) {
    const { since, together } = await setUp(keyLine, named)
    const [inside, outside] = [
      { ...boris, party: 'inside' as const },
      { ...agent, party: 'outside' as const },
    ]
    await together(caller, inside)
    t.strictSame(since(), [])
    await together(caller, inside, outside)
    await together(caller, inside)
    t.strictSame(since(), ['pause party', 'resume party'])
    await together(caller, inside, stranger)
    t.strictSame(since(), wanted, 'without settings the one whom the dialplan names was the first')
  }
})

t.test('whoever the dialplan says is inside is not asked on a line', async t => {
  const { arrive, orders } = await setUp()
  await arrive('8.8', { name: 'SIP/carrier-0000008', party: 'inside' })
  t.strictSame(orders('8.8'), ['return-to-dialplan failed null'])
  const other = await setUp(keyLine, ['SIP/anna'])
  await other.arrive('8.8', { name: 'SIP/anna-0000008', party: 'outside' })
  t.strictSame(other.plays('8.8'), ['disclosure-key'])
})

t.test('a context says nothing of somebody who dialled a line', async t => {
  const { answered, since, together } = await setUp(keyLine, ['context:from-internal'])
  const context = 'from-internal'
  await together(caller, { ...agent, context })
  t.strictSame(since(), [])
  const refuser = { ...near('5.5', 'SIP/carrier-0000005'), context }
  await answered('5.5', '2')
  await together(caller, { ...agent, context }, refuser)
  t.strictSame(since(), ['pause party'])
})
