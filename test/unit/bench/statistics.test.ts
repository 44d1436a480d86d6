// Real: the computation. Fake: the measured values.
import t from 'tap'
import { comparison, figure } from '../../bench/support/benchmark.js'
import { mean, median, percentile, slope } from '../../bench/support/statistics.js'

t.test('a percentile is a measured value, that of the nearest rank', async t => {
  const values = Array.from({ length: 40 }, (_, i) => 40 - i)
  t.equal(percentile(values, 0.95), 38)
  t.equal(percentile(values, 1), 40)
  t.equal(percentile([7], 0.95), 7)
  t.throws(() => percentile([], 0.5), RangeError)
})

t.test(
  'a median is the middle value or the mean of the middle two, and a mean counts all values',
  async t => {
    t.equal(median([9, 1, 5]), 5)
    t.equal(median([9, 1, 5, 6]), 5.5)
    t.throws(() => median([]), RangeError)
    t.equal(mean([0, 0, 10, 0]), 2.5)
  },
)

t.test(
  'a comparison is held to its ratio and a figure to its value, if there is something to reach',
  async t => {
    const of = { measure: 'm', unit: 'ms' }
    t.match(comparison({ ...of, value: 230, baseline: 200, ratio: 1.15 }, 1.15), { ratio: 1.15, ok: true })
    t.match(comparison({ ...of, value: 230, baseline: 200, ratio: 1.16 }, 1.15), { ratio: 1.16, ok: false })
    t.match(figure({ ...of, value: 60.01 }, 60), { reach: 60, ok: false, ratio: null, baseline: null })
    t.match(figure({ ...of, value: 60 }, 60), { ok: true })
    t.match(figure({ ...of, value: 1e6 }), { reach: null, ok: true })
  },
)

t.test('a point far off does not change the slope', async t => {
  const points = [0, 1, 2, 3, 4].map(x => ({ x, y: 10 + 3 * x }))
  t.equal(slope(points), 3)
  t.equal(slope([...points, { x: 5, y: 1_000 }]), 3)
  t.throws(() => slope([{ x: 1, y: 1 }]), RangeError)
})
