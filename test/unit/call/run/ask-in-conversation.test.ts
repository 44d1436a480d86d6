// Real: the calls. Fake: the channels, the journal, the recorder and the clock.
import t from 'tap'
import { insideBy } from '../../../../src/call/parties/inside.js'
import { Calls } from '../../../../src/call/run/calls.js'
import { AppError } from '../../../../src/core/errors.js'
import { type ChannelId, newNodeId } from '../../../../src/core/ids.js'
import type { LinePolicy } from '../../../../src/core/policy.js'
import type { TapStart } from '../../../../src/core/ports.js'
import { exactly } from '../../../support/assertions/exactly.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { keyLine } from '../../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../../support/fakes/fake-call.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'
import { openGate } from '../../../support/fakes/gate.js'
import { recoveredCall } from '../../../support/fakes/recovered-call.js'

const ID = '1.1' as ChannelId
const agent = { channel: '2.2' as ChannelId, name: 'SIP/anna-0000001', near: true }

/** A caller who has said no, and talks with an agent. @param start what the PBX does when it is to start a tap */
async function refusedCaller(start: TapStart = 'started', line: LinePolicy = keyLine) {
  const clock = new FakeClock()
  const { deps, events, taps } = fakeCallDeps(clock)
  const calls = new Calls({
    ...deps,
    lines: { find: () => line },
    gate: openGate,
    unknownLine: () => keyLine,
    owner: { node: 'here', service: newNodeId() },
  })
  const channel = fakeChannel(ID)
  channel.taps.start = async tap => {
    taps.push(`start ${tap}`)
    return start
  }
  const followed: string[] = []
  channel.hearKeysOf = async peer => void followed.push(peer)
  calls.arrived({ number: '100', caller: '7999', at: clock.now(), channel })
  const key = (digit: string) => calls.handleChannelFact(ID, { fact: 'key', digit, at: clock.now() })
  await flushPromises()
  /** The prompt that was ordered last is heard to its end. */
  const hear = async (kind = 'whisper') => {
    await flushPromises()
    const playback = channel.orders
      .findLast(order => order.startsWith(kind))!
      .split(' ')
      .at(-1)!
    calls.handleChannelFact(ID, { fact: 'playing', playback, at: clock.now() })
    clock.advance(1_000)
    calls.handleChannelFact(ID, { fact: 'played', playback, ok: true, at: clock.now() })
    await flushPromises()
  }
  await hear('play')
  key('2')
  await hear('play')
  const met = (peers: (typeof agent)[], name = 'SIP/carrier-0000001') =>
    calls.handleChannelFact(ID, { fact: 'with', name, peers, at: clock.now() })
  const call = calls.callIdOf(ID)!
  events.splice(0)
  taps.splice(0)
  const press = async (on: ChannelId, digits: string) => {
    for (const digit of digits) calls.handleChannelFact(on, { fact: 'key', digit, at: clock.now() })
    await flushPromises()
  }
  const since = (): ({ type: string } & Record<string, unknown>)[] =>
    events.splice(0).map(({ type, data }) => ({ type, ...data }))
  return { calls, call, channel, clock, deps, key, met, hear, press, since, taps, followed }
}

t.test('a caller who had said no agrees in the conversation, and is recorded from then on', async t => {
  const { calls, call, channel, key, met, hear, since, taps, followed } = await refusedCaller()
  met([agent])
  t.equal(calls.ask(call), 'asked')
  t.equal(calls.ask(call), 'asking')
  await hear()
  await hear()
  t.strictSame(followed, [ID], 'the keys of the channel are reported')
  t.strictSame(
    channel.orders.filter(order => order.startsWith('whisper')).map(order => order.split(' ')[1]),
    ['disclosure-key', 'question-service'],
  )
  key('1')
  await flushPromises()
  matchEach(t, since(), [
    {
      type: 'consent.requested',
      by: 'api',
      purposes: exactly('service'),
      line: '100',
      policy: 1,
      recorded: null,
    },
    { type: 'prompt.ended', role: 'disclosure', end: 'complete' },
    { type: 'consent.asked', attempt: 1, inConversation: true },
    { type: 'prompt.ended', role: 'question' },
    {
      type: 'consent.answered',
      answer: 'granted',
      method: 'key',
      inConversation: true,
      withdrawal: { keys: '*9' },
    },
    { type: 'call.decided', decision: 'granted', reason: 'in-conversation' },
  ])
  await hear()
  t.strictSame(
    taps.map(one => one.replace(/ service .*/, '')),
    [...['prepare 100', 'handed-over /tap/new', 'start /tap/new']],
  )
  t.equal(calls.ask(call), 'nothing-to-ask')
  t.notOk(calls.isRelated(`${ID}-whisper` as ChannelId), 'the whisper channel is closed')
})

t.test('an agent has a caller asked by the keys that the line names, and by no others', async t => {
  for (const [line, asked] of [
    [{ ...keyLine, askKeys: '*8' }, true],
    [keyLine, false],
  ] as const) {
    const { calls, call, met, press, since } = await refusedCaller('started', line)
    met([agent])
    await press(agent.channel, '*7')
    await press(agent.channel, '*8')
    t.equal(since()[0]?.['by'] === 'agent', asked)
    t.equal(calls.ask(call), asked ? 'asking' : 'asked')
  }
})

t.test('nobody is asked who talks with nobody, or through a Local channel', async t => {
  const { calls, call, met } = await refusedCaller()
  t.equal(calls.ask('nobody'), 'unknown')
  t.equal(calls.ask(call), 'not-talking')
  met([agent], 'Local/100@queue-0000001;1')
  t.equal(calls.ask(call), 'not-talking')
  met([])
  t.equal(calls.ask(call), 'not-talking')
})

t.test('a person who is alone is asked no longer, and a key after that is no answer', async t => {
  const { calls, call, key, met, hear, since, taps } = await refusedCaller()
  met([agent])
  calls.ask(call)
  await hear()
  met([])
  since()
  key('1')
  await flushPromises()
  t.strictSame([since(), taps], [[], []])
})

t.test('a tap that the PBX does not start is abandoned, and so is the yes whose commit fails', async t => {
  const failing = await refusedCaller('failed')
  failing.met([agent])
  failing.calls.ask(failing.call)
  await failing.hear()
  failing.key('1')
  await failing.hear()
  t.match(failing.taps.at(-1), 'abandon /tap/new tap-not-started')

  const uncommitted = await refusedCaller()
  const { calls, call, deps, since, taps } = uncommitted
  uncommitted.met([agent])
  calls.ask(call)
  await uncommitted.hear()
  deps.journal.append = async () => {
    throw new AppError('journal.timeout', 'late')
  }
  since()
  uncommitted.key('1')
  await flushPromises()
  t.match(since().at(-1), {
    type: 'consent.answered',
    answer: 'failed',
    reason: 'journal-late',
    inConversation: true,
  })
  t.strictSame(taps, [])
})

t.test('the decision follows a yes whose commit succeeds after the call has ended', async t => {
  const { calls, call, clock, deps, key, met, hear, since } = await refusedCaller()
  met([agent])
  calls.ask(call)
  await hear()
  const { append } = deps.journal
  let succeed = () => {}
  deps.journal.append = (events, ms) =>
    new Promise(resolve => {
      succeed = () => resolve(append(events, ms))
    })
  key('1')
  await flushPromises()
  since()
  calls.handleChannelFact(ID, { fact: 'hung-up', cause: 16, at: clock.now() })
  succeed()
  await flushPromises()
  matchEach(
    t,
    since().filter(({ type }) => type !== 'prompt.ended'),
    [
      { type: 'recording.failed', purpose: 'service', reason: 'hung-up' },
      { type: 'call.ended' },
      { type: 'consent.answered', answer: 'granted' },
      { type: 'call.decided', decision: 'granted', reason: 'in-conversation' },
    ],
  )
})

t.test('a phone of the company that dialled a line itself is never asked', async t => {
  const { deps, types } = fakeCallDeps(new FakeClock())
  const line: LinePolicy = { ...keyLine, askKeys: '*8' }
  const calls = new Calls({
    ...deps,
    isInside: insideBy(['SIP/anna', 'SIP/boris']),
    lines: { find: () => line },
    gate: openGate,
    unknownLine: () => keyLine,
    owner: { node: 'here', service: newNodeId() },
  })
  const recovered = '3.3' as ChannelId
  calls.recover([recoveredCall({ channel: recovered, returned: true, fromInside: true })], fakeChannel)
  const name = 'SIP/boris-0000001'
  calls.arrived({ number: '100', caller: '7001', name, at: 0, channel: fakeChannel(ID) })
  await flushPromises()
  for (const own of [ID, recovered]) {
    calls.handleChannelFact(own, { fact: 'with', name, peers: [agent], at: 0 })
    t.equal(calls.ask(calls.callIdOf(own)!), 'from-inside')
  }
  for (const digit of '*8') calls.handleChannelFact(agent.channel, { fact: 'key', digit, at: 0 })
  await flushPromises()
  t.notOk(types().includes('consent.requested'))
})
