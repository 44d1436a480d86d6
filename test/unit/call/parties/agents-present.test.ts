// Real: what is noted of agents, of hold and of moves. Fake: the calls and the journal.
import t from 'tap'
import { AgentsPresent } from '../../../../src/call/parties/agents-present.js'
import { insideBy } from '../../../../src/call/parties/inside.js'
import type { Neighbour, Place } from '../../../../src/call/ports.js'
import type { RunningCall } from '../../../../src/call/run/running-call.js'
import type { CallEvent } from '../../../../src/core/events.js'
import { type ChannelId, newCallId } from '../../../../src/core/ids.js'
import type { TransferKind } from '../../../../src/core/party-events.js'
import { flushPromises } from '../../../support/fakes/fake-call.js'

const id = (channel: string) => channel as ChannelId
const phone = (channel: string, name: string): Neighbour => ({ channel: id(channel), name, near: true })
const anna = phone('a', 'PJSIP/anna-0000001a')
const boris = phone('b', 'PJSIP/boris-0000001b')
const mobile = phone('m', 'PJSIP/79991234567@trunk-0000001c')
const caller = phone('o', 'PJSIP/carrier-0000001d')

/** What is noted of one call on the channel `c`. @param endpoints phones of the company */
function setUp(endpoints = ['PJSIP/anna', 'PJSIP/boris', 'PJSIP/7*@trunk'], recorded = ['service']) {
  const pbx = { queue: async (): Promise<string | null> => null }
  const call = { id: newCallId(), channel: id('c'), standing: { recorded }, pbx } as unknown as RunningCall
  const noted: string[] = []
  const isInside = insideBy(endpoints)
  const agents = new AgentsPresent({
    callOn: channel => (channel === 'c' ? call : undefined),
    isNamed: peer => isInside(peer) === true,
    isInside,
    journal: {
      note(...events: CallEvent[]) {
        for (const { type, at, data } of events) noted.push(`${at} ${type} ${Object.values(data).join(' ')}`)
      },
    },
  })
  const met = (at: number, ...peers: Neighbour[]) => agents.met(id('c'), { peers, at })
  const metIn = (place: Place, at: number, ...peers: Neighbour[]) => agents.met(id('c'), { peers, place, at })
  const transferred = (at: number, kind: TransferKind, by: string[], to: string | null = null) =>
    agents.transferred(id('c'), { kind, by, to, at })
  const held = (channel: string, on: boolean, at: number) =>
    agents.held(id(channel), channel === 'c' ? [] : [id('c')], { on, at })
  return { agents, noted, met, metIn, transferred, held, pbx }
}

t.test('agents are noted in turn: the one before, how many others are there, the queue', async t => {
  const { met, noted, pbx } = setUp()
  // The PBX takes its time to say it.
  pbx.queue = async () => {
    await flushPromises()
    return 'support'
  }
  met(1, anna, phone('l', 'Local/7@x-1;1'))
  met(2, anna)
  met(3)
  pbx.queue = async () => null
  met(4, boris, caller)
  met(5, boris, mobile)
  met(6, mobile)
  await flushPromises()
  await flushPromises()
  t.strictSame(noted, [
    '1 call.agent-joined PJSIP/anna  0 support',
    '3 call.agent-left PJSIP/anna',
    '4 call.agent-joined PJSIP/boris PJSIP/anna 0 ',
    '5 call.agent-joined PJSIP/*******4567@trunk PJSIP/boris 1 ',
    '6 call.agent-left PJSIP/boris',
  ])
})

t.test('who holds is noted once, and the end also if whoever held has left or ended', async t => {
  const { agents, met, held, noted } = setUp()
  met(1, anna)
  held('a', true, 2)
  held('a', true, 3)
  held('a', false, 4)
  held('a', false, 5)
  held('c', true, 6)
  held('a', true, 7)
  met(8, boris)
  held('b', true, 9)
  agents.gone(id('b'), 10)
  held('x', true, 10)
  held('c', false, 11)
  await flushPromises()
  t.strictSame(
    noted.filter(line => line.includes('hold')),
    [
      '2 call.hold-began agent PJSIP/anna',
      '4 call.hold-ended agent PJSIP/anna',
      '6 call.hold-began caller',
      '7 call.hold-began agent PJSIP/anna',
      '8 call.hold-ended agent PJSIP/anna',
      '9 call.hold-began agent PJSIP/boris',
      '10 call.hold-ended agent PJSIP/boris',
      '11 call.hold-ended caller',
    ],
  )
})

t.test(
  'nobody is named whom the settings do not know, and nothing is noted of calls without a recording',
  async t => {
    const unknown = setUp([])
    unknown.met(1, anna)
    unknown.held('a', true, 2)
    unknown.transferred(3, 'attended', [anna.name], boris.name)
    await flushPromises()
    t.strictSame(unknown.noted, ['3 call.transferred attended  '])
    const unrecorded = setUp(['PJSIP/anna'], [])
    unrecorded.met(1, anna)
    unrecorded.held('a', true, 2)
    unrecorded.transferred(3, 'blind', [anna.name])
    unrecorded.metIn('parked', 4)
    unrecorded.met(5)
    await flushPromises()
    t.strictSame(unrecorded.noted, [])
  },
)

t.test('moves are noted by their kind: transfers, a parking lot, a conference', async t => {
  const { agents, met, metIn, transferred, noted } = setUp()
  met(1, anna)
  transferred(2, 'blind', [anna.name])
  met(3)
  metIn('parked', 4)
  metIn('parked', 5)
  met(6)
  met(7, boris)
  transferred(8, 'attended', ['PJSIP/carrier-0000001d', boris.name], mobile.name)
  transferred(9, 'attended', [caller.name], caller.name)
  transferred(10, 'three-way', [boris.name], 'Local/7@x-1;1')
  metIn('conference', 11, boris)
  metIn('parked', 12)
  await flushPromises()
  const moves = noted.filter(line => !line.includes('agent-'))
  t.strictSame(moves, [
    '2 call.transferred blind PJSIP/anna ',
    '4 call.parked ',
    '6 call.unparked ',
    '8 call.transferred attended PJSIP/boris PJSIP/*******4567@trunk',
    '9 call.transferred attended  ',
    '10 call.transferred three-way PJSIP/boris ',
    '11 call.conference-joined ',
    '12 call.conference-left ',
    '12 call.parked ',
  ])
  agents.transferred(id('x'), { kind: 'blind', by: [anna.name], to: null, at: 13 })
  agents.gone(id('c'), 14)
  t.equal(agents.size, 0)
  await flushPromises()
  t.equal(
    noted.filter(line => !line.includes('agent-')).length,
    moves.length,
    'a channel without a call has no journal',
  )
})
