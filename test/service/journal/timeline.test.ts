// Real: PostgreSQL, the journal. Fake: the store, which is only a function that names paths.
import t from 'tap'
import { timelineText } from '../../../src/commands/timeline-text.js'
import { event } from '../../../src/core/events.js'
import { newCallId } from '../../../src/core/ids.js'
import { startJournal } from '../../../src/journal/journal.js'
import { pausesOf } from '../../../src/journal/read/pauses.js'
import { listCalls, readCall } from '../../../src/journal/read/timeline.js'
import { exactly, none } from '../../support/assertions/exactly.js'
import { answered, prepared, recordedCall, STARTED, started } from '../../support/data/call-events.js'
import { silent, testDatabase } from '../../support/processes/database.js'

const { db, server, asService } = await testDatabase(t)
const journal = startJournal(server.url, silent)
t.teardown(() => journal.stop())
const locate = (object: string) => `/store/${object}`

t.test('the list is empty before the first call', async t => {
  t.strictSame(await listCalls(db, locate), [])
})

t.test('a recorded call reads as the command promises', async t => {
  const { call, recording, parts, events } = recordedCall()
  await journal.append(events, 60_000)
  const { events: told, ...summary } = await readCall(db, locate, call)
  t.strictSame(summary, {
    id: call,
    line: '100',
    caller: '+79001234567',
    probe: false,
    decision: 'granted',
    purposes: [{ purpose: 'service', answer: 'granted' }],
    startedAt: '2026-01-31T09:30:00.000Z',
    endedAt: '2026-01-31T09:30:20.000Z',
    recordings: [
      {
        id: recording,
        purpose: 'service',
        seconds: 8.5,
        files: parts.map(part => `/store/service/${part}.ctry`),
        state: 'finished',
        lostBytes: 120,
      },
    ],
  })
  t.strictSame(
    told.map(({ type }) => type),
    events.map(({ type }) => type),
  )
  t.match(told[3], {
    at: '2026-01-31T09:30:09.000Z',
    type: 'consent.answered',
    purpose: 'service',
    answer: 'granted',
  })
  t.notMatch(JSON.stringify(told), '79001234567')
  t.strictSame(await listCalls(db, locate, { id: call }), [summary])
})

t.test('a recording says for how long it has the side of its caller alone', async t => {
  const { call, recording, events } = recordedCall()
  const sides = (['muted', 'unmuted', 'muted'] as const).map((change, i) =>
    event(`recording.${change}`, call, STARTED + 15_000 + i, {
      ...{ recording, leg: 'agent', caller: 8_000 * (i + 2), agent: 8_000 * (i + 2) },
    }),
  )
  await journal.append([...events.slice(0, -2), ...sides, ...events.slice(-2)], 60_000)
  const [only] = (await readCall(db, locate, call)).recordings
  t.match(only, { seconds: 8.5, ownSideSeconds: 1 + 8.5 - 4 }, 'from 2 to 3 s, and from 4 s to its end')
  t.match(await pausesOf(db, recording), {
    pauses: [],
    muted: [
      { leg: 'agent', from: 2, to: 3 },
      { leg: 'agent', from: 4, to: null },
    ],
  })
})

t.test('a recording says how much it lacks, by all its gaps', async t => {
  const { call, recording, events } = recordedCall()
  const lost = event('recording.gap', call, STARTED + 15_000, {
    ...{ recording, leg: 'agent', bytes: 24_000, reason: 'leg-lost' },
  })
  await journal.append([...events.slice(0, -2), lost, ...events.slice(-2)], 60_000)
  const summary = await readCall(db, locate, call)
  t.match(summary.recordings, exactly({ state: 'finished', lostBytes: 24_120 }))
  t.match(timelineText(summary), /finished, incomplete: 3\.0 s of its sides are missing/)
})

t.test('a yes that was taken back says when, and the other answers do not', async t => {
  const { call, events } = recordedCall()
  const other = answered(call, 'granted', 'marketing')
  const withdrawn = event('consent.withdrawn', call, STARTED + 15_000, { purposes: ['service'], keep: false })
  await journal.append([...events.slice(0, 4), other, ...events.slice(4, -2), withdrawn], 60_000)
  const { purposes } = await readCall(db, locate, call)
  t.strictSame(purposes, [
    { purpose: 'service', answer: 'granted', withdrawnAt: '2026-01-31T09:30:15.000Z' },
    { purpose: 'marketing', answer: 'granted' },
  ])
})

t.test('answers are in the order of the questions, even with equal times', async t => {
  const call = newCallId()
  const purposes = ['service', 'marketing', 'analytics', 'training']
  await journal.append([started(call), ...purposes.map(purpose => answered(call, 'silent', purpose))], 60_000)
  const read = await readCall(db, locate, call)
  t.strictSame(
    read.purposes.map(({ purpose }) => purpose),
    purposes,
  )
  t.strictSame([read.decision, read.endedAt, read.recordings], [null, null, []])
})

t.test('a running recording has the length of its closed parts, and an empty one is not listed', async t => {
  const { call, events } = recordedCall()
  await journal.append(events.slice(0, 12), 60_000)
  const [running] = (await readCall(db, locate, call)).recordings
  t.match(running, { state: 'recording', seconds: 32_768 / 8_000 })
  t.equal(running!.files.length, 2)

  const silentCall = newCallId()
  const yes = answered(silentCall)
  const made = prepared(silentCall, yes)
  await journal.append([started(silentCall), yes, made], 60_000)
  t.match(
    (await readCall(db, locate, silentCall)).recordings,
    exactly({ state: 'recording', seconds: 0, files: none }),
  )
  const { recording } = made.data as { recording: never }
  await journal.append([event('recording.empty', silentCall, STARTED + 9_000, { recording })], 60_000)
  t.strictSame((await readCall(db, locate, silentCall)).recordings, [])
})

t.test('an erased number is missing in the timeline, the call remains', async t => {
  const call = newCallId()
  const first = started(call, '+4912345')
  await journal.append([first], 60_000)
  t.equal((await listCalls(db, locate, { caller: '+4912345' })).length, 1)
  await asService.query('delete from event_personal where event = $1', [first.id])
  t.equal((await readCall(db, locate, call)).caller, null)
  t.strictSame(await listCalls(db, locate, { caller: '+4912345' }), [])
})

t.test('calls are listed latest first, and filtered', async t => {
  const day = Date.UTC(2026, 4, 1)
  const calls = [newCallId(), newCallId(), newCallId()] as const
  for (const [i, call] of calls.entries())
    await journal.append([started(call, `+100${i}`, day + i * 1_000)], 60_000)
  await journal.append([event('call.decided', calls[1], day, { decision: 'refused' })], 60_000)
  const ids = async (filter: Parameters<typeof listCalls>[2]) =>
    (await listCalls(db, locate, { since: new Date(day), ...filter })).map(({ id }) => id)
  t.strictSame(await ids({}), [...calls].reverse())
  t.strictSame(await ids({ limit: 1 }), [calls[2]])
  t.strictSame(await ids({ until: new Date(day + 1_000) }), [calls[0]])
  t.strictSame(await ids({ decision: 'refused' }), [calls[1]])
  t.strictSame(await ids({ caller: '+1000' }), [calls[0]])
  t.strictSame(await ids({ line: '101' }), [])
  t.equal((await ids({ line: '100' })).length, 3)
})

t.test('an unknown call is not found', async t => {
  await t.rejects(readCall(db, locate, newCallId()), { code: 'not-found' })
  await t.rejects(readCall(db, locate, `'; drop table event; --`), { code: 'not-found' })
})
