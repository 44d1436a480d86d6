// Real: the call machine, which is pure. Fake: none.
import t from 'tap'
import type { CallState, Fact } from '../../../../src/call/machine/call-states.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import {
  committed,
  facts,
  heard,
  key,
  names,
  prepared,
  recoveredOn,
  recoveredState,
  runFrom,
} from '../../../support/data/call-facts.js'
import { keyLine, noticeLine, twoPurposes } from '../../../support/data/policies.js'

t.test('a recovered call hears an apology, then the question if the disclosure was heard', async t => {
  const { orders } = runFrom(recoveredState(), facts.recovered, heard)
  t.same(names(orders), ['stop-leftover-prompts', 'apologise', 'ask'])
})

t.test('a disclosure that was not heard is repeated, and no key before it is an answer', async t => {
  const undisclosed: Fact = { ...recoveredOn(keyLine), answered: false, disclosed: false }
  const early = runFrom(recoveredState(), undisclosed, key('1'))
  t.same(names(early.orders), ['stop-leftover-prompts', 'answer', 'apologise', 'ignore-key'])
  t.match(early.orders.at(-1), { purpose: 'service', reason: 'too-early' })
  const { orders } = runFrom(early.state, heard, key('1'))
  t.same(names(orders), ['disclose', 'stop-prompt', 'stop-waiting', 'commit'])
})

t.test(
  'a key during the apology is an answer if the caller has heard the disclosure and the line allows keys then',
  async t => {
    t.match(runFrom(recoveredState(), facts.recovered, key('2')).orders.at(-1), {
      order: 'commit',
      answer: 'refused',
    })
    t.equal(
      runFrom(recoveredState(), facts.recovered, key('5')).state.step,
      'apologising',
      'a wrong key changes nothing',
    )
    const strict = { ...keyLine, bargeIn: false }
    t.match(runFrom(recoveredState(strict), recoveredOn(strict), key('1')).orders.at(-1), {
      order: 'ignore-key',
      reason: 'too-early',
    })
    t.equal(runFrom(recoveredState(noticeLine), recoveredOn(noticeLine), key('1')).state.step, 'apologising')
    t.match(runFrom(recoveredState(noticeLine), recoveredOn(noticeLine), heard).orders.at(-1), {
      order: 'commit',
      answer: 'notice',
    })
  },
)

t.test('a yes without a tap is confirmed again, prepared, and the channel returns with the tap', async t => {
  const { orders } = runFrom(recoveredState(keyLine, 'service'), facts.recovered, prepared, heard)
  t.same(names(orders), ['stop-leftover-prompts', 'confirm', 'prepare', 'return'])
  t.match(orders.at(-1), { decision: 'granted', tapped: true })
})

t.test('a yes waits until the open purposes are answered', async t => {
  const { orders } = runFrom(
    recoveredState(twoPurposes, 'service'),
    recoveredOn(twoPurposes),
    heard,
    key('1'),
    committed,
  )
  t.match(orders.at(2), { order: 'ask', purpose: 'marketing' })
  t.strictSame(orders.at(-1), { order: 'prepare', purposes: ['service', 'marketing'] })
})

t.test('a ready tap is used, and no other tap is prepared', async t => {
  const ready: CallState = { ...recoveredState(keyLine, 'service'), unprepared: [], tap: 'ready' }
  const { orders } = runFrom(ready, facts.recovered, heard)
  t.same(names(orders), ['stop-leftover-prompts', 'confirm', 'return'])
  t.match(orders.at(-1), { order: 'return', tapped: true })
  const returned = runFrom(ready, facts.returned)
  t.equal(returned.state.step, 'talking')
  matchEach(t, returned.orders, [{ order: 'note-departure', tapped: true }])
})

t.test('after a fault in a recovered call only purposes with a yes are recorded', async t => {
  const faults: Fact[] = [facts.fault, committed, prepared]
  const between = runFrom(recoveredState(twoPurposes, 'service'), ...faults)
  t.match(between.orders.at(-1), { order: 'return', decision: 'granted', tapped: true })
  const apologising = runFrom(recoveredState(), facts.recovered, facts.fault, committed)
  t.match(apologising.orders.at(-1), { order: 'return', decision: 'failed', tapped: false })
})
