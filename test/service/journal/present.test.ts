// Real: PostgreSQL, journal. Fake: none.
import t from 'tap'
import { event } from '../../../src/core/events.js'
import { newCallId, newRecordingId } from '../../../src/core/ids.js'
import { openDatabase } from '../../../src/db/database.js'
import { readPresent } from '../../../src/recordings/calls/present.js'
import { exactly } from '../../support/assertions/exactly.js'
import { decidedCall } from '../../support/browser/seed.js'
import { answered } from '../../support/data/call-events.js'
import { APPEND_LIMIT_MS, startTestJournal } from '../../support/data/journal.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { testDatabase } from '../../support/processes/database.js'

const { server } = await testDatabase(t)
const db = openDatabase(server.url, CONNECTION_LIMIT_MS)
t.teardown(() => db.close())
const journal = startTestJournal(t, server.url)
const HOUR = 3_600_000
const MORNING = Date.UTC(2026, 5, 1, 6)
const read = () => readPresent({ db }, { since: new Date(MORNING), stepMs: HOUR / 2 })
const started = (at: number) =>
  event('service.started', null, at, { version: '1', node: 'a', keys: [], purposes: [] })
const raised = (at: number, alarm: 'disk-low' | 'pbx-away') =>
  event('alarm.raised', null, at, { alarm, detail: `${alarm} stands` })

t.test('calls are counted by half hour and decision, from the given moment on', async t => {
  await journal.append(
    [
      ...decidedCall(MORNING - 1, 'granted'),
      ...decidedCall(MORNING, 'granted'),
      ...decidedCall(MORNING + HOUR / 2 - 1, 'granted'),
      ...decidedCall(MORNING + HOUR / 2, 'granted'),
      ...decidedCall(MORNING + HOUR / 2, 'refused'),
    ],
    APPEND_LIMIT_MS,
  )
  const { counts } = await read()
  t.strictSame(
    counts.sort((a, b) => a.from - b.from || a.calls - b.calls),
    [
      { from: MORNING, decision: 'granted', calls: 2 },
      { from: MORNING + HOUR / 2, decision: 'granted', calls: 1 },
      { from: MORNING + HOUR / 2, decision: 'refused', calls: 1 },
    ],
  )
})

t.test('calls that go on are listed, the latest first, with masked numbers', async t => {
  const [first, second] = [decidedCall(MORNING, 'granted', false), decidedCall(MORNING + 1, 'refused', false)]
  await journal.append([...first, ...second], APPEND_LIMIT_MS)
  const { calls, goingOn } = await read()
  t.strictSame(goingOn, { calls: 2, recorded: 0 })
  t.match(
    calls,
    exactly(
      { id: second[0]!.call, line: '700', caller: '********4567', decision: 'refused', recorded: false },
      { id: first[0]!.call, decision: 'granted', recorded: false },
    ),
  )
})

t.test('a call that goes on says whether every yes was taken back', async t => {
  const call = newCallId()
  const [begun, , decided] = decidedCall(MORNING + 2, 'granted', false).map(one => ({ ...one, call }))
  const yes = (purpose: string) => answered(call, 'granted', purpose)
  const withdrawn = (purpose: string) =>
    event('consent.withdrawn', call, MORNING + 20_000, { purposes: [purpose], keep: false })
  const shown = async () => (await read()).calls.find(({ id }) => id === call)?.withdrawn
  await journal.append([begun!, yes('service'), yes('marketing'), decided!], APPEND_LIMIT_MS)
  t.equal(await shown(), false)
  await journal.append([withdrawn('service')], APPEND_LIMIT_MS)
  t.equal(await shown(), false, 'one yes stands')
  await journal.append([withdrawn('marketing')], APPEND_LIMIT_MS)
  t.equal(await shown(), true)
  await journal.append(
    [event('call.ended', call, MORNING + 30_000, { cause: 16, phase: 'talking' })],
    APPEND_LIMIT_MS,
  )
})

t.test('an alarm stands until it is cleared, or a service starts', async t => {
  await journal.append(
    [raised(MORNING, 'pbx-away'), started(MORNING + 1), raised(MORNING + 2, 'disk-low')],
    APPEND_LIMIT_MS,
  )
  t.match(
    (await read()).alarms,
    exactly({ alarm: 'disk-low', detail: 'disk-low stands', at: new Date(MORNING + 2), call: null }),
  )
  const cleared = event('alarm.cleared', null, MORNING + 3, { alarm: 'disk-low', stoodMs: 1 })
  await journal.append([cleared], APPEND_LIMIT_MS)
  t.strictSame((await read()).alarms, [])
  await journal.append([raised(MORNING + 4, 'disk-low')], APPEND_LIMIT_MS)
  t.equal((await read()).alarms.length, 1, 'raised again')
  await journal.append([started(MORNING + 5)], APPEND_LIMIT_MS)
  t.strictSame((await read()).alarms, [])
})

t.test('an alarm of a call names the line where its caller is, and the masked caller', async t => {
  const begun = decidedCall(MORNING + 4, 'granted', false)
  const call = begun[0]!.call!
  const cameTo = event('call.answered', call, MORNING + 20_000, { line: '701', policy: 1 })
  const silent = event('alarm.raised', call, MORNING + 30_000, {
    ...{ alarm: 'leg-silent', recording: newRecordingId(), leg: 'caller', detail: 'nothing is heard' },
  })
  await journal.append([...begun, cameTo, silent], APPEND_LIMIT_MS)
  t.match(
    (await read()).alarms,
    exactly({ alarm: 'leg-silent', call: { id: call, line: '701', caller: '********4567' } }),
  )
})
