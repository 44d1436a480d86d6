// Real: PostgreSQL, the journal with its projection. Fake: the time of day that is given.
import t from 'tap'
import { openDatabase } from '../../../../src/db/database.js'
import { type CallCount, countCalls } from '../../../../src/journal/read/present.js'
import { DayCounts, inParts } from '../../../../src/recordings/calls/present.js'
import { decidedCall } from '../../../support/browser/seed.js'
import { APPEND_LIMIT_MS, startTestJournal } from '../../../support/data/journal.js'
import { CONNECTION_LIMIT_MS } from '../../../support/processes/connection-limit.js'
import { testDatabase } from '../../../support/processes/database.js'

const QUARTER_MS = 900_000
const MINUTE_MS = 60_000
/** Some midnight. */
const DAY = Date.parse('2026-03-02T00:00:00Z')

const { server } = await testDatabase(t)
const db = openDatabase(server.url, CONNECTION_LIMIT_MS)
t.teardown(() => db.close())
const journal = startTestJournal(t, server.url)
const call = (at: number, decision: 'granted' | 'refused') =>
  journal.append(decidedCall(at, decision), APPEND_LIMIT_MS)

const sorted = (counts: CallCount[]) =>
  [...counts].sort((a, b) => a.from - b.from || String(a.decision).localeCompare(String(b.decision)))
/** All calls since a moment, counted at once. */
const whole = async (since: number) => sorted(await countCalls(db, new Date(since), QUARTER_MS))

t.test('what is kept and what is counted again make the count of the day', async t => {
  const days = new DayCounts()
  for (let hour = 0; hour < 5; hour += 1) await call(DAY + hour * 3_600_000, 'granted')
  const noon = DAY + 12 * 3_600_000
  t.strictSame(sorted(await days.read(db, DAY, noon)), await whole(DAY))
  await call(noon - MINUTE_MS, 'refused')
  t.strictSame(sorted(await days.read(db, DAY, noon + MINUTE_MS)), await whole(DAY), 'a call of this quarter')
  const late = DAY + 30 * MINUTE_MS
  await call(late, 'refused')
  const before = await days.read(db, DAY, noon + 2 * MINUTE_MS)
  t.notOk(
    before.some(({ from, decision }) => from === late && decision === 'refused'),
    'settled parts are not counted again at once',
  )
  t.strictSame(sorted(await days.read(db, DAY, noon + 6 * MINUTE_MS)), await whole(DAY), 'but minutes later')
  t.strictSame(
    sorted(await days.read(db, DAY - 3_600_000, noon + 6 * MINUTE_MS)),
    await whole(DAY - 3_600_000),
    'a time zone whose day began earlier',
  )
})

t.test('a part with a call that is not decided is counted until it is', async t => {
  const days = new DayCounts()
  const at = DAY + 20 * 3_600_000
  const [started, answered, decided] = decidedCall(at, 'granted')
  await journal.append([started!, answered!], APPEND_LIMIT_MS)
  const now = at + 3_600_000
  const first = await days.read(db, at, now)
  t.strictSame(first, [{ from: at, decision: null, calls: 1 }])
  await journal.append([decided!], APPEND_LIMIT_MS)
  t.strictSame(await days.read(db, at, now + MINUTE_MS), [{ from: at, decision: 'granted', calls: 1 }])
})

t.test('quarters make longer parts, from midnight on', async t => {
  const quarters: CallCount[] = [0, 1, 2, 3].map(i => ({
    ...{ from: DAY + i * QUARTER_MS, decision: i === 3 ? ('refused' as const) : ('granted' as const) },
    calls: i + 1,
  }))
  t.strictSame(inParts(quarters, DAY + QUARTER_MS, 2 * QUARTER_MS), [
    { from: DAY, decision: 'granted', calls: 2 },
    { from: DAY + 2 * QUARTER_MS, decision: 'granted', calls: 3 },
    { from: DAY + 2 * QUARTER_MS, decision: 'refused', calls: 4 },
  ])
})
