// Real: the term of an act. Fake: none.
import t from 'tap'
import { dayAfterRetention } from '../../../../src/recordings/destroy/acts.js'

t.test('an act is kept for three whole years', async t => {
  const cases = [
    ['2026-03-03T00:00:00.000Z', '2029-03-03'],
    ['2026-03-03T00:00:00.001Z', '2029-03-04'],
    ['2026-12-31T21:30:00.000Z', '2030-01-01'],
    ['2028-02-29T12:00:00.000Z', '2031-03-02'],
  ] as const
  for (const [closed, until] of cases) t.equal(dayAfterRetention(Date.parse(closed)), until, closed)
})
