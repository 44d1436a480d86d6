// Real: the book of spies. Fake: the calls, who is with whom, the journal and the clock.
import t from 'tap'
import { Spies } from '../../../../src/call/parties/around-calls.js'
import type { Neighbour, Spying } from '../../../../src/call/ports.js'
import type { RunningCall } from '../../../../src/call/run/running-call.js'
import type { CallEvent } from '../../../../src/core/events.js'
import { type ChannelId, newCallId } from '../../../../src/core/ids.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { FakeClock } from '../../../support/fakes/fake-clock.js'

const id = (name: string) => name as ChannelId
const phone = (name: string): Neighbour => ({ channel: id(name), name: `PJSIP/${name}-0000002a`, near: true })

/** Two callers, `c1` with the agent `a1`, and `c2` alone. */
function setUp({ inside }: { inside?: boolean } = { inside: true }) {
  const clock = new FakeClock()
  const noted: CallEvent[] = []
  const calls = new Map(['c1', 'c2'].map(one => [id(one), { id: newCallId() } as RunningCall]))
  const peers = new Map([
    [id('c1'), [phone('a1')]],
    [id('a1'), [phone('c1')]],
    [id('l2'), [{ ...phone('boss'), name: 'PJSIP/79001234567-00000001' }]],
  ])
  const spies = new Spies({
    callOn: channel => calls.get(channel),
    peersOf: channel => peers.get(channel) ?? [],
    isNamed: ({ name }) => (name.startsWith('Local/') ? false : inside),
    journal: { note: (...events) => void noted.push(...events) },
    clock,
  })
  return { clock, noted, calls, spies }
}

const spying = (...hears: string[]): Spying => ({
  ...{ channel: id('s'), name: 'PJSIP/boss-00000001', mode: 'whisper', hears: hears.map(id) },
})

t.test('a spy on the agent is one on the call, once, until it leaves', async t => {
  const { spies, noted, calls } = setUp()
  for (const at of [1, 2]) spies.listed([spying('a1', 'other')], at)
  spies.listed([], 3)
  const call = calls.get(id('c1'))!.id
  matchEach(t, noted, [
    { ...{ type: 'call.spied', call, at: 1 }, data: { endpoint: 'PJSIP/boss', mode: 'whisper', others: 0 } },
    { type: 'call.spy-left', call, at: 3, data: { endpoint: 'PJSIP/boss' } },
  ])
  t.strictSame([spies.size, spies.fromOutside], [0, false])
})

t.test('a spy who may hear several calls is in each of them', async t => {
  const { spies, noted } = setUp({})
  spies.listed([spying('c1', 'a1', 'c2', 's')], 1)
  matchEach(t, noted, [{ data: { others: 1, inside: null } }, { data: { others: 1, inside: null } }])
  t.notOk(spies.fromOutside, 'nothing says that it is from outside')
})

t.test('a spy from outside is remembered for ten minutes', async t => {
  const { spies, noted, clock, calls } = setUp({ inside: false })
  spies.listed([spying('c1')], 1)
  clock.advance(3_600_000)
  t.ok(spies.fromOutside, 'it is there')
  calls.delete(id('c1'))
  spies.gone(id('c1'))
  spies.listed([], 2)
  t.equal(noted.length, 1, 'the end of the call says that it is over')
  clock.advance(599_999)
  t.ok(spies.fromOutside)
  clock.advance(1)
  t.notOk(spies.fromOutside)
})

t.test('a Local channel that spies goes by who is behind it', async t => {
  const local = { ...spying('c1'), name: 'Local/boss@all-00000001;1' }
  const known = setUp()
  known.spies.listed([{ ...local, half: id('l2') }], 1)
  matchEach(t, known.noted, [{ data: { endpoint: 'PJSIP/*******4567', inside: true } }])
  const unknown = setUp()
  unknown.spies.listed([local], 1)
  matchEach(t, unknown.noted, [{ data: { endpoint: 'Local/boss@all', inside: false } }])
  t.ok(unknown.spies.fromOutside)
})
