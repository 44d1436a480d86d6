// Real: the bound. Fake: the counts.
import t from 'tap'
import { upperBound } from '../../bench/voice/upper-bound.js'

t.test('the upper bound at 95 % is that of Clopper and Pearson', async t => {
  // With a share of 0.199, five or fewer of 50 are met in 4.97 % of cases.
  t.equal(upperBound(0, 300), 1)
  t.equal(upperBound(0, 10), 25.9)
  t.equal(upperBound(5, 50), 19.9)
  t.equal(upperBound(10, 10), 100)
})
