// Real: the calls and their neighbours. Fake: the channels, the journal, the recorder and the clock.
import t from 'tap'
import { Calls } from '../../../src/call/calls.js'
import type { Neighbour } from '../../../src/call/ports.js'
import { type CallId, type ChannelId, newNodeId } from '../../../src/shared/ids.js'
import type { OmittedBy } from '../../../src/shared/party-events.js'
import type { LinePolicy } from '../../../src/shared/policy.js'
import { insideBy } from '../../../src/telephony/inside.js'
import { keyLine, noticeLine } from '../../support/data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from '../../support/fakes/fake-call.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'

const id = (channel: string) => channel as ChannelId
const near = (channel: string, name: string): Neighbour => ({ channel: id(channel), name, near: true })
const caller = near('1.1', 'SIP/carrier-0000001')
const agent = near('2.2', 'SIP/anna-0000001')
const stranger = near('3.3', 'SIP/carrier-0000002')
const asking: LinePolicy = { ...keyLine, onOutsider: 'ask' }

/** A recorded caller on a line that has outsiders asked. @param line that line */
async function recordedCaller(line = asking) {
  const clock = new FakeClock()
  const { deps, events } = fakeCallDeps(clock)
  const pauses: string[] = []
  const recorded = new Map<CallId, OmittedBy | undefined>()
  Object.assign(deps.recorder, {
    async prepare(call: CallId) {
      recorded.set(call, undefined)
      return '/tap/new'
    },
    pause(call: CallId, _at: number, by: OmittedBy) {
      if (!recorded.has(call)) return undefined
      pauses.push(`pause ${by}`)
      recorded.set(call, by)
      return Promise.resolve()
    },
    resume(call: CallId, _at: number, by: string) {
      pauses.push(`resume ${by}`)
      recorded.set(call, undefined)
      return true
    },
    pausedBy: (call: CallId) => recorded.get(call),
    recordedPurposes: (call: CallId) => (recorded.has(call) ? ['service'] : []),
  })
  const calls = new Calls({
    ...deps,
    isInside: insideBy(['SIP/anna']),
    lines: { find: () => line },
    gate: { closed: () => undefined },
    unknownLine: () => keyLine,
    owner: { node: 'here', keeper: '/keeper', service: newNodeId() },
  })
  const channels = new Map<ChannelId, ReturnType<typeof fakeChannel>>()
  const channelOf = (channel: ChannelId) => {
    const made = channels.get(channel) ?? fakeChannel(channel)
    channels.set(channel, made)
    return made
  }
  calls.recover([], channelOf)
  const fact = calls.handleChannelFact.bind(calls)
  const key = (channel: string, digits: string) => {
    for (const digit of digits) fact(id(channel), { fact: 'key', digit, at: clock.now() })
  }
  /** The prompt that somebody was to hear last is heard to its end. */
  const hear = async (channel: string, kind = 'whisper') => {
    const order = channelOf(id(channel)).orders.findLast(one => one.startsWith(kind))!
    const playback = order.split(' ').at(-1)!
    fact(id(channel), { fact: 'playing', playback, at: clock.now() })
    clock.advance(1_000)
    fact(id(channel), { fact: 'played', playback, ok: true, at: clock.now() })
    await flushPromises()
  }
  /** A call whose caller answers the question by a key. */
  const answered = async (channel: string, digit: '1' | '2') => {
    calls.arrived({ number: '100', caller: '7999', at: clock.now(), channel: channelOf(id(channel)) })
    await flushPromises()
    await hear(channel, 'play')
    key(channel, digit)
    await flushPromises()
    await hear(channel, 'play')
    return calls.callIdOf(id(channel))!
  }
  /** Those in one bridge: each is with all others. */
  const together = async (...all: Neighbour[]) => {
    for (const { channel, name } of all)
      fact(channel, {
        ...{ fact: 'with', name, at: clock.now() },
        peers: all.filter(other => other.channel !== channel),
      })
    await flushPromises()
  }
  const whispers = (channel: string) =>
    channelOf(id(channel)).orders.flatMap(order => /^whisper (\S+) /.exec(order)?.[1] ?? [])
  const press = async (channel: string, digits: string) => {
    key(channel, digits)
    await flushPromises()
  }
  const call = await answered('1.1', '1')
  const leave = async (channel: string) => {
    fact(id(channel), { fact: 'with', peers: [], at: clock.now() })
    await flushPromises()
  }
  const since = () => pauses.splice(0)
  const types = (of: CallId) => events.filter(one => one.call === of).map(({ type }) => type)
  return { calls, call, answered, together, whispers, hear, press, leave, since, events, types, fact, clock }
}

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
