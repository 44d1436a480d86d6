// The machine alone: no PBX, no journal, no clock. Everything here is pure.
import t from 'tap'
import type { CallState, Fact } from '../../../src/call/call-states.js'
import {
  committed,
  facts,
  heard,
  key,
  names,
  prepared,
  recoveredState,
  runFrom,
} from '../../support/call-facts.js'
import { keyLine, noticeLine, twoPurposes } from '../../support/policies.js'

t.test('after a restart there is an apology, then the question if the disclosure was heard', async t => {
  const { orders } = runFrom(recoveredState(), facts.recovered, heard)
  t.same(names(orders), ['stop-leftover-prompts', 'apologise', 'ask'])
})

t.test('a disclosure that was not heard comes again, and until then no key is an answer', async t => {
  const undisclosed: Fact = { fact: 'recovered', answered: false, disclosed: false }
  const early = runFrom(recoveredState(), undisclosed, key('1'))
  t.same(names(early.orders), ['stop-leftover-prompts', 'answer', 'apologise', 'ignore-key'])
  t.match(early.orders.at(-1), { purpose: 'service', reason: 'too-early' })
  const { orders } = runFrom(early.state, heard, key('1'))
  t.same(names(orders), ['disclose', 'stop-prompt', 'stop-waiting', 'commit'])
})

t.test('a key during the apology answers whoever has heard the disclosure, where keys count', async t => {
  t.match(runFrom(recoveredState(), facts.recovered, key('2')).orders.at(-1), {
    order: 'commit',
    answer: 'refused',
  })
  t.match(
    runFrom(recoveredState(), facts.recovered, key('5')).state.step,
    'apologising',
    'a wrong one costs nothing',
  )
  const strict = recoveredState({ ...keyLine, bargeIn: false })
  t.match(runFrom(strict, facts.recovered, key('1')).orders.at(-1), {
    order: 'ignore-key',
    reason: 'too-early',
  })
  t.match(runFrom(recoveredState(noticeLine), facts.recovered, key('1')).state.step, 'apologising')
  t.match(runFrom(recoveredState(noticeLine), facts.recovered, heard).orders.at(-1), {
    order: 'commit',
    answer: 'notice',
  })
})

t.test('a yes that nobody acted on is confirmed anew, prepared and released with the tap', async t => {
  const { orders } = runFrom(recoveredState(keyLine, 'service'), facts.recovered, prepared, heard)
  t.same(names(orders), ['stop-leftover-prompts', 'confirm', 'prepare', 'return'])
  t.match(orders.at(-1), { decision: 'granted', tapped: true })
})

t.test('a yes of several purposes waits for those that are open', async t => {
  const { orders } = runFrom(
    recoveredState(twoPurposes, 'service'),
    facts.recovered,
    heard,
    key('1'),
    committed,
  )
  t.match(orders.at(2), { order: 'ask', purpose: 'marketing' })
  t.match(orders.at(-1), { order: 'prepare', purposes: ['service', 'marketing'] })
})

t.test('a tap that was made ready is used, and no other one', async t => {
  const ready: CallState = { ...recoveredState(keyLine, 'service'), unprepared: [], tap: 'ready' }
  const { orders } = runFrom(ready, facts.recovered, heard)
  t.same(names(orders), ['stop-leftover-prompts', 'confirm', 'return'])
  t.match(orders.at(-1), { tapped: true })
  const sent = runFrom(ready, facts.returned)
  t.match(sent, { state: { step: 'talking' }, orders: [{ order: 'note-departure', tapped: true }] })
})

t.test('a fault after a restart records what was agreed to, and nothing else', async t => {
  const faults: Fact[] = [facts.fault, committed, prepared]
  const between = runFrom(recoveredState(twoPurposes, 'service'), ...faults)
  t.match(between.orders.at(-1), { order: 'return', decision: 'granted', tapped: true })
  const apologising = runFrom(recoveredState(), facts.recovered, facts.fault, committed)
  t.match(apologising.orders.at(-1), { order: 'return', decision: 'failed', tapped: false })
})
