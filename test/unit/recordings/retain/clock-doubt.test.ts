// Real: the computation, which is pure. Fake: none.
import t from 'tap'
import { DAY_MS } from '../../../../src/core/clock.js'
import {
  behindDoubt,
  databaseDoubt,
  journalDoubt,
  type Span,
} from '../../../../src/recordings/retain/day-check.js'

const CERTAIN = Date.UTC(2026, 0, 31, 9, 30)
const MINUTE_MS = 60_000
const span = (fromDays: number, toDays = fromDays): Span => ({
  first: CERTAIN + fromDays * DAY_MS,
  last: CERTAIN + toDays * DAY_MS,
})
const doubtAt = (days: number, ...spans: Span[]) =>
  journalDoubt(CERTAIN, spans, CERTAIN + days * DAY_MS).doubt

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
  t.notOk(doubtAt(20, span(0.02, 6), span(6, 12), span(15, 17)), 'no week without an event')
  t.notOk(doubtAt(1, span(-3, -2.9)), 'events of an outage are journalled late')
})

t.test('a clock is doubted after a long time without events', async t => {
  t.match(doubtAt(400), /from 2026-01-31T09:30.* to 2027-03-07T09:30.*, 400 days\..*purge --clock-checked/)
  t.match(doubtAt(400, span(400)), /400 days/, 'events of a service with a wrong clock are no proof')
  t.match(doubtAt(0.1, span(400)), /399 days/, 'those events are doubted after the clock is right again')
  t.match(doubtAt(1, span(-20_000)), /20000 days/, 'events of another century')
})

t.test('times without events add up, over purges too, until a person confirms the clock', async t => {
  const starts = Array.from({ length: 6 }, (_, i) => span((i + 1) * 6.9, (i + 1) * 6.9 + 0.01))
  t.match(doubtAt(42, ...starts), /13 days together.*--clock-checked/)
  let [unseenMs, refused] = [0, 0]
  for (let start = 1; start <= 6 && refused === 0; start += 1) {
    const certain = CERTAIN + (start - 1) * 6.9 * DAY_MS
    const judged = journalDoubt(certain, [], certain + 6.9 * DAY_MS, unseenMs)
    if (judged.doubt) refused = start
    unseenMs = judged.unseenMs
  }
  t.equal(refused, 2, 'the second start is refused')
})

t.test('time with events forgives a quarter of it', async t => {
  const weeks = Array.from({ length: 30 }, (_, i) => span(i * 7 + 2, i * 7 + 7))
  t.match(doubtAt(210, ...weeks), /together/, 'two days off each week are too many')
  const rare = Array.from({ length: 30 }, (_, i) => span(i * 7 + 1, i * 7 + 7))
  t.notOk(doubtAt(210, ...rare), 'one day off each week is not')
  const { unseenMs } = journalDoubt(CERTAIN, [span(3, 7)], CERTAIN + 7 * DAY_MS)
  t.equal(unseenMs, 2 * DAY_MS)
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
