// Real: the calls and their neighbours. Fake: the channels, the journal, the recorder and the clock.
import t from 'tap'
import type { Neighbour } from '../../../../src/call/ports.js'
import type { ChannelId } from '../../../../src/core/ids.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { keyLine } from '../../../support/data/policies.js'
import { fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { agent, caller, id, near, recordingCalls, stranger } from '../../../support/fakes/recorded-caller.js'
import { recoveredCall, yes } from '../../../support/fakes/recovered-call.js'

/** Calls of a service that knows anna's phone. `pauses` lists what pauses and resumes the recordings. */
function setUp(endpoints = ['SIP/anna'], line = keyLine) {
  const pauses: string[] = []
  const heard: string[] = []
  const note = (what: string, at: number) => void pauses.push(`${what} ${at}`)
  const { calls, clock, events, types, recorded } = recordingCalls({ endpoints, line, note })
  const channelOf = (channel: string) => {
    const hearKeysOf = async (peer: ChannelId) => void heard.push(peer)
    return { ...fakeChannel(channel), hearKeysOf }
  }
  const arrive = (channel: string, more: object = {}) => {
    const made = channelOf(channel)
    calls.arrived({ number: '100', caller: '7999', at: clock.now(), channel: made, ...more })
    return made
  }
  /** A call whose caller answers by a key in the disclosure. */
  const answered = async (channel: string, digit: '1' | '2') => {
    const { orders } = arrive(channel)
    await flushPromises()
    const playback = orders.at(-1)!.split(' ').at(-1)!
    calls.handleChannelFact(id(channel), { fact: 'playing', playback, at: 0 })
    calls.handleChannelFact(id(channel), { fact: 'key', digit, at: 1 })
    await flushPromises()
    return calls.callIdOf(id(channel))!
  }
  const met = (channel: string, peers: Neighbour[], at: number, name = '') =>
    calls.handleChannelFact(id(channel), { fact: 'with', peers, at, ...(name && { name }) })
  return { calls, arrive, answered, met, pauses, heard, events, types, clock, recorded }
}

t.test('whoever has not agreed bars the recording while present', async t => {
  const { answered, met, pauses, heard, events } = setUp()
  await answered('1.1', '1')
  const other = await answered('4.4', '2')
  met('1.1', [agent], 10)
  met('1.1', [agent, near('4.4', 'SIP/carrier-0000003')], 20)
  met('1.1', [agent], 30)
  met('1.1', [agent, stranger], 40)
  met('1.1', [], 50)
  t.strictSame(pauses, ['pause party 20', 'resume party 30', 'pause party 40', 'resume party 50'])
  t.strictSame(heard, ['2.2'], 'the keys of those from outside are not wanted')
  const parties = events.filter(({ type }) => type.startsWith('call.party-'))
  t.strictSame(
    parties.map(({ type, at, data }) => ({ type, at, ...data })),
    [
      { type: 'call.party-joined', at: 20, party: other, agreed: false },
      { type: 'call.party-left', at: 30, party: other },
      { type: 'call.party-joined', at: 40, party: null, agreed: false },
      { type: 'call.party-left', at: 50, party: null },
    ],
  )
})

t.test('the journal says who has left, also of somebody whose call has ended', async t => {
  const { calls, answered, met, events } = setUp()
  const call = await answered('1.1', '1')
  const other = await answered('4.4', '1')
  met('1.1', [agent, near('4.4', 'SIP/carrier-0000003')], 20)
  calls.handleChannelFact(id('4.4'), { fact: 'hung-up', cause: 16, at: 30 })
  await flushPromises()
  met('1.1', [agent, near('4.4', 'SIP/carrier-0000003')], 31)
  met('1.1', [agent], 32)
  const parties = events.filter(one => one.call === call && one.type.startsWith('call.party-'))
  t.strictSame(
    parties.map(({ type, data }) => ({ type, ...data })),
    [
      { type: 'call.party-joined', party: other, agreed: true },
      { type: 'call.party-left', party: other },
    ],
  )
})

t.test('the journal names the call of somebody who answered through a Local channel', async t => {
  const { answered, met, events } = setUp()
  const call = await answered('1.1', '1')
  const behind = near('4.4', 'SIP/carrier-0000003')
  met('5.5', [behind], 10, 'Local/864@sales-0000001;2')
  const other = await answered('5.5', '1')
  met('1.1', [agent, behind], 20)
  met('1.1', [agent], 30)
  const parties = events.filter(one => one.call === call && one.type.startsWith('call.party-'))
  t.strictSame(
    parties.map(({ type, data }) => ({ type, ...data })),
    [
      { type: 'call.party-joined', party: other, agreed: true },
      { type: 'call.party-left', party: other },
    ],
  )
})

t.test('a yes given through a Local channel ends with its call, at once', async t => {
  const { calls, answered, met, pauses } = setUp()
  await answered('1.1', '1')
  const behind = near('4.4', 'SIP/carrier-0000003')
  met('5.5', [behind], 10, 'Local/864@sales-0000001;2')
  await answered('5.5', '1')
  met('4.4', [caller, agent], 20, 'SIP/carrier-0000003')
  met('1.1', [agent, behind], 20)
  t.strictSame(pauses, [])
  calls.handleChannelFact(id('5.5'), { fact: 'hung-up', cause: 16, at: 30 })
  await flushPromises()
  t.strictSame(pauses, ['pause party 30'])
})

t.test('behind a Local channel the end of a pause is nobody’s yes', async t => {
  const { calls, answered, met, pauses } = setUp()
  const behind = near('4.4', 'SIP/carrier-0000003')
  const local = 'Local/864@sales-0000001;2'
  const type = (at: number) => {
    for (const digit of '*7') calls.handleChannelFact(agent.channel, { fact: 'key', digit, at })
  }
  met('5.5', [behind], 10, local)
  await answered('5.5', '1')
  met('5.5', [behind, agent], 20, local)
  for (const at of [30, 40, 50, 60]) type(at)
  const turns = ['pause agent 30', 'resume agent 40', 'pause agent 50', 'resume agent 60']
  t.strictSame(pauses.splice(0), turns, 'the agent pauses it as often as needed')
  met('5.5', [behind, agent, stranger], 70, local)
  for (const at of [80, 90]) type(at)
  t.strictSame(
    pauses,
    ['pause party 70', 'resume party 80', 'pause agent 80', 'resume agent 90', 'pause party 90'],
    'somebody who came has not agreed',
  )
})

t.test(
  'where the line says so, one side alone is left out, unless others may be behind the caller',
  async t => {
    const { answered, met, pauses } = setUp(['SIP/anna'], { ...keyLine, onOutsider: 'own-side' })
    await answered('1.1', '1')
    met('1.1', [agent, stranger], 10)
    met('1.1', [agent, stranger], 20, 'SIP/carrier-0000001')
    met('1.1', [agent, stranger], 30, 'Local/100@x-1;2')
    met('1.1', [agent], 40, 'SIP/carrier-0000001')
    met('1.1', [agent, stranger], 50)
    t.strictSame(pauses.splice(0), [
      ...['pause party 10', 'resume party 20', 'pause own-side 20', 'resume own-side 30', 'pause party 30'],
      ...['resume party 40', 'pause own-side 50'],
    ])
  },
)

t.test('where the line says so, nothing is recorded of a caller who is on hold or alone', async t => {
  const { answered, calls, met, pauses } = setUp(['SIP/anna', 'SIP/boris'], { ...keyLine, onHold: 'pause' })
  const boris = near('4.4', 'SIP/boris-0000003')
  const hold = (channel: string, on: boolean, at: number) =>
    calls.handleChannelFact(id(channel), { fact: 'held', on, at })
  const since = () => pauses.splice(0)
  await answered('1.1', '1')
  matchEach(t, since(), [/^pause hold /], 'nobody is there yet')
  met('1.1', [agent], 10)
  met('2.2', [near('1.1', 'SIP/carrier-0000001')], 10)
  t.strictSame(since(), ['resume hold 10'])
  hold('2.2', true, 20)
  hold('2.2', false, 30)
  hold('1.1', true, 40)
  hold('1.1', false, 50)
  t.strictSame(since(), ['pause hold 20', 'resume hold 30', 'pause hold 40', 'resume hold 50'])
  met('1.1', [agent, boris], 60)
  hold('2.2', true, 70)
  t.strictSame(since(), [], 'the other one goes on talking')
  met('1.1', [agent], 80)
  met('1.1', [agent, stranger], 90)
  t.strictSame(since(), ['pause hold 80', 'resume hold 90', 'pause party 90'])
  met('1.1', [near('5.5', 'Local/600@queue-0000004;1')], 100)
  t.strictSame(since(), ['resume party 100'], 'a voice of the PBX may be there')
  met('1.1', [agent], 110)
  t.strictSame(since(), ['pause hold 110'])
  calls.pbxLost()
  matchEach(t, since(), [/^resume hold /], 'the end of the hold may not be heard')
})

t.test('the keys of an agent count where the agent is now, and those of others never', async t => {
  const { answered, calls, met, pauses } = setUp()
  await answered('1.1', '1')
  met('1.1', [agent, stranger], 10)
  pauses.splice(0)
  const type = (channel: string, at: number) => {
    for (const digit of '*7') calls.handleChannelFact(id(channel), { fact: 'key', digit, at })
  }
  type(stranger.channel, 20)
  t.strictSame(pauses, [])
  type(agent.channel, 30)
  t.strictSame(pauses, ['resume party 30', 'pause agent 30'])
  met('1.1', [], 40)
  pauses.splice(0)
  type(agent.channel, 50)
  t.strictSame(pauses, [], 'the agent has left')
})

t.test('a pause that ends while the PBX is not heard leaves a bar until the PBX is looked at', async t => {
  const { answered, calls, met, pauses } = setUp()
  const call = await answered('1.1', '1')
  met('1.1', [agent], 10)
  await calls.switchPause(call, 'pause')
  calls.pbxLost()
  await calls.switchPause(call, 'resume')
  matchEach(t, pauses.splice(0), [/^pause api /, /^resume api /, /^pause party /])
  await answered('4.4', '1')
  t.strictSame(pauses, [], 'it tells of somebody else')
  met('1.1', [agent, stranger], 20)
  t.strictSame(pauses, [], 'somebody had come')
  met('1.1', [agent], 30)
  t.strictSame(pauses, [], 'a change is reported, and others may be there')
  calls.bridgesCompared()
  matchEach(t, pauses.splice(0), [/^resume party /])
  await calls.switchPause(call, 'pause')
  await calls.switchPause(call, 'resume')
  matchEach(t, pauses, [/^pause api /, /^resume api /], 'from then on it is known')
})

t.test('a recovered call stays paused until the PBX is looked at', async t => {
  for (const [by, wanted] of [
    ['agent', ['resume api', 'pause party']],
    ['party', []],
  ] as const) {
    const { calls, recorded, met, pauses } = setUp()
    const one = recoveredCall({ returned: true, answers: [{ ...yes, recorded: true }] })
    recorded.set(one.id, by)
    calls.recover([one], fakeChannel)
    await calls.switchPause(one.id, 'resume')
    const turns = pauses.splice(0).map(pause => pause.replace(/ \d+$/, ''))
    t.strictSame(turns, wanted, `paused by ${by}, and a program has it resumed`)
    met('1.1', [agent, stranger], 20)
    t.strictSame(pauses, [])
    met('1.1', [agent], 30)
    t.strictSame(pauses, [], 'who else is there is not known before the look')
    calls.bridgesCompared()
    matchEach(t, pauses, [/^resume party /])
  }
})

t.test('nobody is asked in a call from inside, also when it comes again', async t => {
  const { arrive, clock, events, types } = setUp()
  for (const more of [{ name: 'SIP/anna-0000001' }, { name: 'Local/100@x-1;2', consults: true }]) {
    events.splice(0)
    const channel = arrive(`${clock.now()}.${events.length}`, more)
    clock.advance(1_000)
    await flushPromises()
    t.strictSame(channel.orders, ['return-to-dialplan failed null'])
    t.strictSame(types(), ['call.started', 'call.decided', 'call.released'])
    t.match(events[1]?.data, { reason: 'from-inside' })
    arrive(channel.id, more)
    await flushPromises()
    t.strictSame(types().slice(3), ['call.passed-through', 'call.released'])
  }
})

t.test(
  'a caller who is sent on through a Local channel to a line, and refuses there, is recorded no longer',
  async t => {
    for (const [digit, wanted] of [
      ['2', ['pause line']],
      ['1', []],
    ] as const) {
      const { answered, met, pauses, calls } = setUp()
      await answered('1.1', '1')
      met('1.1', [near('5.4', 'Local/864@sales-0000001;1')], 0, 'SIP/carrier-0000003')
      met('5.5', [{ ...near('1.1', 'SIP/carrier-0000003'), near: false }], 0, 'Local/864@sales-0000001;2')
      await answered('5.5', digit)
      calls.handleChannelFact(id('5.5'), { fact: 'hung-up', cause: 16, at: 20 })
      met('1.1', [agent], 30)
      const turns = pauses.map(one => one.replace(/ \d+$/, ''))
      t.strictSame(turns, wanted, 'it is the same person when that channel has gone')
    }
  },
)

t.test('a phone of the company stays one if a question is answered from it', async t => {
  const { answered, calls, met, pauses } = setUp()
  await answered('1.1', '1')
  met('5.5', [{ ...agent, near: false }], 10, 'Local/864@sales-0000001;2')
  await answered('5.5', '1')
  met('5.5', [], 20, 'Local/864@sales-0000001;2')
  met('1.1', [agent], 30)
  for (const digit of '*7') calls.handleChannelFact(agent.channel, { fact: 'key', digit, at: 40 })
  t.strictSame(pauses, ['pause agent 40'], 'its keys count')
})

t.test('nothing is remembered of channels without a call, nor of a call that is over', async t => {
  const { calls, arrive, answered, met } = setUp()
  const local = 'Local/7@agents-0000000a;1'
  met('9.1', [near('9.2', 'SIP/anna-0000009')], 5, local)
  met('9.1', [], 6, local)
  t.equal(calls.around.remembered, 0)
  arrive('3.1')
  await flushPromises()
  t.equal(calls.around.remembered, 3, 'a caller who is asked')
  calls.handleChannelFact(id('3.1'), { fact: 'hanging-up', cause: 16, at: 7 })
  await flushPromises()
  t.equal(calls.around.remembered, 0, 'who hung up in the question')
  await answered('1.1', '1')
  met('1.1', [agent, near('9.1', local)], 10, 'SIP/carrier-0000003')
  t.ok(calls.around.remembered > 1)
  calls.handleChannelFact(id('1.1'), { fact: 'hung-up', cause: 16, at: 20 })
  t.strictSame([calls.size, calls.around.remembered], [0, 0])
})
