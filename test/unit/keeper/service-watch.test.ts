// Real: the watch over the service. Fake: the clock, whose times are arguments.
import t from 'tap'
import { ServiceWatch } from '../../../src/keeper/service-watch.js'

const limits = { frozenMs: 3_000, goneMs: 5_000 }

t.test('a connected service that is silent for 3 s is frozen until it answers again', async t => {
  const watch = new ServiceWatch(limits, 0)
  watch.proofOfLife(1_000)
  t.equal(watch.rescueReason(3_999), undefined)
  t.equal(watch.rescueReason(4_000), 'service-frozen')
  t.equal(watch.orphanedMs(4_000), 0)
  watch.proofOfLife(4_500)
  t.equal(watch.rescueReason(5_000), undefined)
})

t.test('a service that is not connected for 5 s, from the start or after a loss, is gone', async t => {
  const watch = new ServiceWatch(limits, 100)
  t.equal(watch.rescueReason(5_099), undefined)
  t.equal(watch.rescueReason(5_100), 'service-gone')
  watch.proofOfLife(6_000)
  watch.disconnected(7_000)
  watch.disconnected(9_000)
  t.equal(watch.rescueReason(11_999), undefined)
  t.equal(watch.rescueReason(12_000), 'service-gone')
  t.equal(watch.orphanedMs(12_000), 5_000)
})

t.test('a service is not frozen because it was silent while the keeper was stopped', async t => {
  const watch = new ServiceWatch(limits, 0)
  watch.proofOfLife(0)
  watch.keeperResumed(60_000)
  t.equal(watch.rescueReason(60_000), undefined)
  t.equal(watch.rescueReason(63_000), 'service-frozen')
})
