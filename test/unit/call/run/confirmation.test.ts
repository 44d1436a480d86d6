// Real: the call machine, which is pure. Fake: none.
import t from 'tap'
import type { Order } from '../../../../src/call/machine/call-states.js'
import { committed, facts, heard, key, names, run, runFrom } from '../../../support/data/call-facts.js'
import { keyLine, twoPurposes } from '../../../support/data/policies.js'

/** The confirmations among orders. */
const said = (orders: Order[]) => orders.flatMap(one => (one.order === 'confirm' ? one.prompt : []))

t.test('a yes that cannot be recorded is not confirmed, and the call continues without a tap', async t => {
  const failed = facts['prepare-failed']
  const { state, orders } = run(keyLine, heard, key('1'), committed, failed)
  t.strictSame(names(orders).slice(-4), ['confirm', 'prepare', 'stop-prompt', 'confirm'])
  t.match(orders.at(-1), { role: 'refused', prompt: 'refused-service' })
  const end = runFrom(state, heard)
  t.strictSame(names(end.orders), ['return'], 'the answer stays a yes')
  t.match(end.orders[0], { decision: 'granted', tapped: false })
  const after = run(keyLine, heard, key('1'), committed, heard, failed, heard).orders
  t.strictSame(names(after).slice(-3), ['stop-waiting', 'confirm', 'return'], 'also after the confirmation')
  t.match(after.at(-2), { role: 'refused' })
})

t.test('of several purposes, the caller hears of each that is not recorded', async t => {
  const bothYes = [heard, key('1'), committed, heard, key('1'), committed]
  const none = run(twoPurposes, ...bothYes, facts['prepare-failed'], heard, heard)
  t.strictSame(said(none.orders).slice(-3), ['granted-marketing', 'refused-service', 'refused-marketing'])
  const one = run(twoPurposes, ...bothYes, { fact: 'prepared', lost: ['service'] })
  t.equal(names(one.orders).at(-1), 'prepare', 'what is true plays to its end')
  const after = runFrom(one.state, heard, heard)
  t.strictSame(said(after.orders), ['refused-service'])
  t.match(after.orders.at(-1), { order: 'return', tapped: true })
  const withdrawn = runFrom(one.state, key('*'), key('9'), heard)
  t.strictSame(said(withdrawn.orders), ['withdrawn'])
})

t.test('a yes that is given again is confirmed, though no further tap is prepared', async t => {
  const recorded = { fact: 'prepare-failed', lost: [] } as const
  const { orders } = run(keyLine, heard, key('1'), committed, recorded, heard)
  t.strictSame(names(orders).slice(-3), ['confirm', 'prepare', 'return'])
  t.match(orders.at(-1), { tapped: false })
})
