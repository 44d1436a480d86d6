// Real: the computation, which is pure. Fake: none.
import t from 'tap'
import { behindDoubt, databaseDoubt, journalDoubt, type Span } from '../../../src/retention/clock-doubt.js'
import { DAY_MS } from '../../../src/shared/clock.js'

const CERTAIN = Date.UTC(2026, 0, 31, 9, 30)
const MINUTE_MS = 60_000
const span = (fromDays: number, toDays = fromDays): Span => ({
  first: CERTAIN + fromDays * DAY_MS,
  last: CERTAIN + toDays * DAY_MS,
})
const doubtAt = (days: number, ...spans: Span[]) => journalDoubt(CERTAIN, spans, CERTAIN + days * DAY_MS)

t.test("the machine's clock is doubted if PostgreSQL's is more than five minutes apart", async t => {
  const asked = { first: CERTAIN, last: CERTAIN + MINUTE_MS }
  for (const minutes of [-4, 0, 1, 5]) t.notOk(databaseDoubt(asked, CERTAIN + minutes * MINUTE_MS))
  for (const minutes of [-6, 7, -576_000, 576_000])
    t.match(databaseDoubt(asked, CERTAIN + minutes * MINUTE_MS), /One of them is wrong: set it right/)
  t.match(databaseDoubt(asked, CERTAIN + 400 * DAY_MS), /2026-01-31T09:31.*2027-03-07T09:30/)
})

t.test('a clock that continues the times of the journal is trusted', async t => {
  t.notOk(doubtAt(0))
  t.notOk(doubtAt(6), 'no event over a long weekend')
  t.notOk(doubtAt(20, span(0.1, 6), span(6, 12), span(15, 16)), 'no week without an event')
  t.notOk(doubtAt(1, span(-3, -2.9)), 'events of an outage are journalled late')
})

t.test('a clock is doubted after a long time without events', async t => {
  t.match(doubtAt(400), /from 2026-01-31T09:30.* to 2027-03-07T09:30.*, 400 days\..*purge --clock-checked/)
  t.match(doubtAt(400, span(400)), /400 days/, 'events of a service with a wrong clock are no proof')
  t.match(doubtAt(0.1, span(400)), /399 days/, 'those events are doubted after the clock is right again')
  t.match(doubtAt(1, span(-20_000)), /20000 days/, 'events of another century')
})

t.test('a clock behind the newest event makes no date', async t => {
  for (const minutes of [-1, 0, 9, 10])
    t.notOk(behindDoubt(CERTAIN + minutes * MINUTE_MS, CERTAIN), `${minutes} minutes`)
  t.match(behindDoubt(CERTAIN + 11 * MINUTE_MS, CERTAIN), /09:30.*newest event.*09:41.*--clock-checked/)
})

t.test('a clock behind the last certain time is doubted', async t => {
  t.notOk(doubtAt(-5 / 1440))
  t.match(doubtAt(-1), /is before the last certain time/)
})
