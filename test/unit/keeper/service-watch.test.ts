// Real: the watch over the service. Fake: the clock, whose times are arguments.
import t from 'tap'
import { TICK_INTERVAL } from '../../../src/keeper/keeper.js'
import { defaultLimits } from '../../../src/keeper/limits.js'
import { ServiceWatch } from '../../../src/keeper/service-watch.js'

const limits = { frozenMs: 3_000, goneMs: 5_000, startMs: 6_500 }

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

t.test('callers of a service that is gone wait no longer because the next one hangs', async t => {
  const watch = new ServiceWatch(limits, 0)
  watch.proofOfLife(1_000)
  watch.disconnected(2_000)
  watch.greeted(5_000)
  t.equal(watch.orphanedMs(8_000), 0)
  t.equal(watch.rescueReason(8_499), undefined)
  t.equal(watch.rescueReason(8_500), 'service-frozen')
  watch.disconnected(6_900)
  t.equal(watch.rescueReason(6_999), undefined)
  t.equal(watch.rescueReason(7_000), 'service-gone', 'nor because it ends')
  watch.greeted(6_990)
  t.equal(watch.rescueReason(8_500), 'service-frozen', 'nor because another one comes')
  watch.proofOfLife(8_400)
  t.equal(watch.rescueReason(8_500), undefined, 'unless that serves them')
})

t.test('a service that was frozen before it ended has kept its callers waiting since then', async t => {
  const watch = new ServiceWatch(limits, 0)
  watch.proofOfLife(1_000)
  watch.disconnected(3_900)
  t.equal(watch.rescueReason(7_999), undefined)
  t.equal(watch.rescueReason(8_000), 'service-gone', 'and not at 8,900')
  watch.greeted(7_900)
  t.equal(watch.rescueReason(9_499), undefined)
  t.equal(watch.rescueReason(9_500), 'service-frozen', 'also if the next one hangs')

  const rescued = new ServiceWatch(limits, 0)
  rescued.proofOfLife(1_000)
  rescued.rescued()
  rescued.disconnected(60_000)
  rescued.greeted(60_100)
  t.equal(rescued.rescueReason(66_499), undefined, 'nobody waits whom it has rescued')
})

t.test('a service that comes when all callers were rescued has time to start', async t => {
  const watch = new ServiceWatch(limits, 0)
  t.equal(watch.rescueReason(60_000), 'service-gone')
  watch.rescued()
  watch.greeted(60_000)
  t.equal(watch.rescueReason(66_499), undefined)
  t.equal(watch.rescueReason(66_500), 'service-frozen')
  watch.disconnected(66_000)
  t.equal(watch.rescueReason(66_000), 'service-gone')
})

/** How long after `since` a keeper notices that callers must be rescued, ms. It looks at whole multiples of its interval. */
function noticedAfter(watch: ServiceWatch, since: number): number {
  let at = Math.ceil(since / TICK_INTERVAL) * TICK_INTERVAL
  while (watch.rescueReason(at) === undefined) at += TICK_INTERVAL
  return at - since
}

t.test(
  'of the 8 s of a caller at least one is left when the keeper acts, whenever the service ends',
  async t => {
    const waits: number[] = []
    for (let ended = 0; ended < 2 * TICK_INTERVAL; ended += 50) {
      const watch = new ServiceWatch(defaultLimits, 0)
      watch.proofOfLife(0)
      watch.disconnected(ended)
      watch.greeted(ended + 1_000)
      waits.push(noticedAfter(watch, ended))
    }
    t.ok(Math.max(...waits) <= 7_000, `${Math.max(...waits)} ms, if the next one hangs`)
  },
)

t.test('a service that answers each ping at once is frozen 3.5 s after its last answer', async t => {
  const watch = new ServiceWatch(defaultLimits, 0)
  // The ping is sent with a look, and answered after it.
  watch.proofOfLife(20)
  t.ok(noticedAfter(watch, 20) <= 3_500, `${noticedAfter(watch, 20)} ms`)
})
