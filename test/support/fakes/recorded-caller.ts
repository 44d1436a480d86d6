// Real: the calls and their neighbours. Fake: the channels, the journal, the recorder and the clock.

import { insideBy } from '../../../src/call/parties/inside.js'
import type { Arrival, Neighbour } from '../../../src/call/ports.js'
import { Calls } from '../../../src/call/run/calls.js'
import { type CallId, type ChannelId, newNodeId } from '../../../src/core/ids.js'
import type { OmittedBy } from '../../../src/core/party-events.js'
import type { LinePolicy } from '../../../src/core/policy.js'
import type { ShedReason } from '../../../src/core/ports.js'
import { keyLine } from '../data/policies.js'
import { fakeCallDeps, fakeChannel, flushPromises } from './fake-call.js'
import { FakeClock } from './fake-clock.js'
import { gateBy } from './gate.js'

export const id = (channel: string) => channel as ChannelId
export const near = (channel: string, name: string): Neighbour => ({ channel: id(channel), name, near: true })
export const caller = near('1.1', 'SIP/carrier-0000001')
export const agent = near('2.2', 'SIP/anna-0000001')
export const stranger = near('3.3', 'SIP/carrier-0000002')
export const asking: LinePolicy = { ...keyLine, onOutsider: 'ask' }

interface Recording {
  /** The company's phones, as `CONSENTRY_INSIDE` names them. */
  endpoints: string[]
  line: LinePolicy
  /** Is told what pauses and resumes the recordings. */
  note(what: string, at: number): void
}

/** Calls whose recorder records those who agree. `recorded`: what pauses each recorded call; `load`: why calls are shed, if they are */
export function recordingCalls({ endpoints, line, note }: Recording) {
  const clock = new FakeClock()
  const { deps, events, types } = fakeCallDeps(clock)
  const recorded = new Map<CallId, OmittedBy | undefined>()
  const load: { shed: ShedReason | undefined } = { shed: undefined }
  Object.assign(deps.recorder, {
    async prepare(call: CallId) {
      recorded.set(call, undefined)
      return '/tap/new'
    },
    pause(call: CallId, at: number, by: OmittedBy) {
      if (!recorded.has(call)) return undefined
      note(`pause ${by}`, at)
      recorded.set(call, by)
      return Promise.resolve()
    },
    resume(call: CallId, at: number, by: string) {
      note(`resume ${by}`, at)
      recorded.set(call, undefined)
      return true
    },
    pausedBy: (call: CallId) => recorded.get(call),
    recordedPurposes: (call: CallId) => (recorded.has(call) ? ['service'] : []),
  })
  const calls = new Calls({
    ...deps,
    isInside: insideBy(endpoints),
    lines: { find: () => line },
    gate: gateBy(() => load.shed),
    unknownLine: () => keyLine,
    owner: { node: 'here', service: newNodeId() },
  })
  return { calls, clock, events, types, recorded, load }
}

/** A recorded caller on a line that has outsiders asked. @param line that line @param endpoints the company's phones */
export async function recordedCaller(line = asking, endpoints = ['SIP/anna']) {
  const pauses: string[] = []
  const note = (what: string) => void pauses.push(what)
  const { calls, clock, events, recorded, load } = recordingCalls({ endpoints, line, note })
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
  /** A channel comes to the line. */
  const arrive = async (channel: string, more: Partial<Arrival> = {}) => {
    const own = channelOf(id(channel))
    calls.arrived({ number: '100', caller: '7999', at: clock.now(), channel: own, ...more })
    await flushPromises()
  }
  const plays = (channel: string) =>
    channelOf(id(channel)).orders.flatMap(order => /^play (\S+) /.exec(order)?.[1] ?? [])
  /** A call whose caller answers the question by a key. */
  const answered = async (channel: string, digit: '1' | '2') => {
    await arrive(channel)
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
  const orders = (channel: string) => channelOf(id(channel)).orders
  return {
    ...{ calls, call, arrive, answered, together, whispers, plays, orders, hear, press, leave, since },
    ...{ events, types, fact, clock, recorded, load },
  }
}
