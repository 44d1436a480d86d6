// Real: the computation and the page for operators. Fake: none.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { DAY_MS, dayOf } from '../../../src/core/clock.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { daysLeft, dueOn, KINDS, LAWS } from '../../../src/rights/deadlines.js'

const cases: [...Parameters<typeof dueOn>, due: string, why: string][] = [
  ['access', '152-fz', '2026-06-01', '2026-06-15', 'ten working days from a Monday are two weeks'],
  ['access', '152-fz', '2026-06-05', '2026-06-19', 'ten working days from a Friday are two weeks'],
  ['access', '152-fz', '2026-06-06', '2026-06-19', 'a request of a Saturday counts from Monday'],
  ['access', '152-fz', '2026-06-07', '2026-06-19', 'a request of a Sunday counts from Monday'],
  ['access', '152-fz', '2024-10-21', '2024-11-02', 'the tenth is a working Saturday'],
  ['access', '152-fz', '2024-10-23', '2024-11-05', 'a working Saturday counts on the way'],
  ['correction', '152-fz', '2025-10-23', '2025-11-01', 'the seventh is a working Saturday'],
  ['access', '152-fz', '2024-12-09', '2024-12-23', 'an ordinary Saturday of such a year does not count'],
  [
    'access',
    '152-fz',
    '2026-12-25',
    '2027-01-06',
    'holidays do not count as free days, and every weekend of 2027 may be a working one',
  ],
  ['access', '152-fz', '2031-06-02', '2031-06-12', 'in a year whose decree is not known every day counts'],
  ['correction', '152-fz', '2026-06-01', '2026-06-10', 'seven working days'],
  ['blocking', '152-fz', '2026-06-06', '2026-06-06', 'at once'],
  ['erasure', '152-fz', '2026-06-01', '2026-06-15', 'ten working days'],
  ['access', 'gdpr', '2026-03-15', '2026-04-15', 'one month'],
  ['access', 'gdpr', '2026-01-31', '2026-02-28', 'the last day, where the month is shorter'],
  ['access', 'gdpr', '2028-01-31', '2028-02-29', 'in a leap year'],
  ['erasure', 'gdpr', '2026-08-31', '2026-09-30', 'thirty days in September'],
  ['correction', 'gdpr', '2026-12-31', '2027-01-31', 'over the end of the year'],
  ['blocking', 'gdpr', '2026-02-28', '2026-03-28', 'from a last day to the same date'],
]

for (const [kind, law, received, due, why] of cases)
  t.test(`${law}, ${kind}, received ${received}: ${why}`, async t => {
    t.equal(dueOn(kind, law, received), due)
  })

t.test('the page for operators has the same deadlines', async t => {
  const page = readFileSync(join(projectRoot(), 'docs', 'rights.md'), 'utf8')
  for (const kind of KINDS) {
    const [, , russian, european] = page
      .split('\n')
      .find(line => line.startsWith(`| \`${kind}\` |`))!
      .split('|')
    const days = Number(/(\d+) working days/.exec(russian!)![1])
    t.equal(
      dueOn(kind, '152-fz', '2026-06-01'),
      ['2026-06-01', '2026-06-10', '2026-06-15'][[0, 7, 10].indexOf(days)],
      kind,
    )
    t.match(european, /1 month/)
    t.equal(dueOn(kind, 'gdpr', '2026-06-01'), '2026-07-01')
  }
})

t.test('no deadline is too late under any decree about weekends', async t => {
  const day = fc.integer({ min: 0, max: 365 * 20 }).map(days => Date.UTC(2027, 0, 1 + days))
  const working = fc.array(fc.boolean(), { minLength: 40, maxLength: 40 })
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), day, working, (kind, received, decreed) => {
        const count = { access: 10, correction: 7, blocking: 0, erasure: 10 }[kind]
        let [at, left] = [received, count]
        for (let i = 0; left > 0; i++) {
          at += DAY_MS
          const weekend = [0, 6].includes(new Date(at).getUTCDay())
          if (!weekend || decreed[i]) left--
        }
        return dueOn(kind, '152-fz', dayOf(received)) <= dayOf(at)
      }),
    ),
  )
})

t.test('days left are zero on the last day, and negative after it', async t => {
  t.same(
    ['2026-06-01', '2026-06-14', '2026-06-15', '2026-06-16'].map(today => daysLeft('2026-06-15', today)),
    [14, 1, 0, -1],
  )
})

t.test('a deadline is never before the day of receipt, and a later request is never due earlier', async t => {
  const day = fc
    .date({ min: new Date('2024-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
    .map(at => at.toISOString().slice(0, 10))
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), fc.constantFrom(...LAWS), day, day, (kind, law, one, other) => {
        const [earlier, later] = [one, other].sort() as [string, string]
        return dueOn(kind, law, earlier) >= earlier && dueOn(kind, law, earlier) <= dueOn(kind, law, later)
      }),
    ),
  )
})
