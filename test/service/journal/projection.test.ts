// Real: PostgreSQL, the journal. Fake: none.
import t from 'tap'
import { type CallEvent, event } from '../../../src/core/events.js'
import { newCallId, newRecordingId } from '../../../src/core/ids.js'
import { startJournal } from '../../../src/journal/journal.js'
import { PROJECTION } from '../../../src/journal/write/projection.js'
import { exactly } from '../../support/assertions/exactly.js'
import { matchEach } from '../../support/assertions/match-each.js'
import {
  answered,
  prepared,
  recordedCall,
  SERVICE,
  STARTED,
  started,
} from '../../support/data/call-events.js'
import { askedAgainCall } from '../../support/data/whole-calls.js'
import { silent, testDatabase } from '../../support/processes/database.js'

const { db, server, asService } = await testDatabase(t)
const journal = startJournal(server.url, silent)
t.teardown(() => journal.stop())
const append = (...events: CallEvent[]) => journal.append(events, 60_000)
const refused = { code: 'journal.refused' }

const snapshot = async (call: string) => ({
  call: await db
    .selectFrom('call')
    .selectAll()
    .where('id', '=', call as never)
    .execute(),
  answer: await db
    .selectFrom('answer')
    .selectAll()
    .where('call_id', '=', call as never)
    .execute(),
  recording: await db
    .selectFrom('recording')
    .selectAll()
    .where('call_id', '=', call as never)
    .execute(),
  part: await db
    .selectFrom('part')
    .innerJoin('recording', 'recording.id', 'recording_id')
    .selectAll('part')
    .where('call_id', '=', call as never)
    .orderBy('number')
    .execute(),
})

const at = (seconds: number) => new Date(STARTED + seconds * 1_000)

t.test('a call that ended without a cause has its end and its phase', async t => {
  const call = newCallId()
  await append(started(call), event('call.ended', call, STARTED + 9_000, { cause: null, phase: 'talking' }))
  t.match((await snapshot(call)).call, exactly({ ended_at: at(9), cause: null, phase: 'talking' }))
})

t.test('the tables have a recorded call, whether its events come at once or one by one', async t => {
  for (const size of [1, 3, 100]) {
    const { call, yes, recording, parts, events } = recordedCall()
    for (let i = 0; i < events.length; i += size) await append(...events.slice(i, i + size))
    const found = await snapshot(call)
    t.match(
      found.call,
      exactly({
        line: '100',
        policy: 1,
        language: 'ru',
        mode: 'key',
        channel: 'pbx-1.1',
        started_at: at(0),
        answered_at: at(1),
        decision: 'granted',
        decided_at: at(9),
        next: 'continue',
        tapped: true,
        released_at: at(10),
        rescued_at: null,
        ended_at: at(20),
        cause: 16,
        phase: 'released',
      }),
    )
    t.match(
      found.answer,
      exactly({ purpose: 'service', answer: 'granted', event: yes.id, retention_days: 30, positive: true }),
    )
    t.match(
      found.recording,
      exactly({
        id: recording,
        basis: yes.id,
        due: '2026-03-02',
        state: 'finished',
        seconds: 8.5,
        lost_bytes: 120,
      }),
    )
    t.match(
      found.part,
      exactly(
        { id: parts[0], number: 1, chunks: 4, bytes: 65_536, hash: 'cd', samples: 32_768, complete: true },
        { id: parts[1], number: 2, ended_at: at(14) },
      ),
    )
  }
})

t.test('applying the events again changes nothing', async t => {
  for (const { call, events } of [recordedCall(), askedAgainCall()]) {
    await append(...events)
    const before = await snapshot(call)
    for (const { type, sql } of PROJECTION) {
      const rows = await db
        .selectFrom('event')
        .select('id')
        .where('call_id', '=', call)
        .where('type', '=', type)
        .execute()
      await asService.query(sql, [rows.map(({ id }) => id)])
    }
    t.strictSame(await snapshot(call), before)
  }
})

t.test('a recording rests on a positive answer to its own purpose in its own call', async t => {
  const call = newCallId()
  const [yes, no] = [answered(call, 'granted', 'service'), answered(call, 'refused', 'marketing')]
  await append(started(call), yes, no)
  const other = newCallId()
  await append(started(other))
  await t.rejects(append(prepared(call, no, 'marketing')), refused, 'the answer was no')
  await t.rejects(append(prepared(call, yes, 'marketing')), refused, 'the yes was to something else')
  await t.rejects(append(prepared(other, yes, 'service')), refused, 'the yes was in another call')
  await t.rejects(append(prepared(call, answered(call), 'service')), refused, 'the yes is not in the journal')
  await append(prepared(call, yes, 'service'))
  await t.rejects(append(prepared(call, yes, 'service')), refused, 'one answer, one recording')
  t.equal((await snapshot(call)).recording.length, 1)
})

t.test('of two answers to one question the no is valid', async t => {
  for (const together of [true, false]) {
    for (const order of [
      ['granted', 'failed'],
      ['failed', 'granted'],
    ] as const) {
      const call = newCallId()
      const answers = order.map(answer => answered(call, answer))
      await append(started(call))
      if (together) await append(...answers)
      else for (const answer of answers) await append(answer)
      t.match(
        (await snapshot(call)).answer,
        exactly({ answer: 'failed', positive: false }),
        `${order} ${together}`,
      )
    }
  }
})

t.test('an answer that a recording rests on remains', async t => {
  const call = newCallId()
  const yes = answered(call)
  await append(started(call), yes, prepared(call, yes))
  await t.rejects(append(answered(call, 'failed')), refused)
  t.match((await snapshot(call)).answer, exactly({ answer: 'granted' }))
})

t.test('a yes in the conversation takes the place of a no, and carries a recording', async t => {
  for (const size of [1, 100]) {
    const { call, events } = askedAgainCall()
    for (let i = 0; i < events.length; i += size) await append(...events.slice(i, i + size))
    const found = await snapshot(call)
    t.match(found.answer, exactly({ answer: 'granted' }))
    t.equal(found.recording[0]?.basis, found.answer[0]?.event)
    t.match(found.call, exactly({ decision: 'granted' }))
  }
})

t.test('a withdrawal marks the answers that it names', async t => {
  const call = newCallId()
  await append(started(call), answered(call, 'granted', 'service'), answered(call, 'granted', 'marketing'))
  await append(event('consent.withdrawn', call, STARTED + 30_000, { purposes: ['marketing'], keep: false }))
  const { answer } = await snapshot(call)
  t.strictSame(Object.fromEntries(answer.map(({ purpose, withdrawn_at }) => [purpose, withdrawn_at])), {
    service: null,
    marketing: at(30),
  })
})

t.test('a rescued call counts as failed, unless it was decided', async t => {
  const [open, decided] = [newCallId(), newCallId()]
  await append(
    started(open),
    started(decided),
    event('call.decided', decided, STARTED, { decision: 'refused' }),
  )
  for (const call of [open, decided, null]) {
    await append(
      event('call.rescued', call, STARTED + 5_000, { by: 'keeper', reason: 'service-gone', channel: '1.1' }),
    )
  }
  t.match((await snapshot(open)).call, exactly({ decision: 'failed', rescued_at: at(5) }))
  t.match((await snapshot(decided)).call, exactly({ decision: 'refused', rescued_at: at(5) }))
})

/** Every order of the items. */
const ordersOf = <T>(items: readonly T[]): T[][] =>
  items.length < 2
    ? [[...items]]
    : items.flatMap((first, i) => ordersOf(items.toSpliced(i, 1)).map(rest => [first, ...rest]))

t.test('two withdrawals of a call count each, in every order and in any batches', async t => {
  for (const order of ordersOf([0, 1, 2, 3]))
    for (const size of [1, 2, 4]) {
      const call = newCallId()
      const yeses = [answered(call), answered(call, 'granted', 'marketing')] as const
      await append(started(call), ...yeses)
      const events = [
        prepared(call, yeses[0]),
        prepared(call, yeses[1], 'marketing'),
        event('consent.withdrawn', call, STARTED + 12_000, { purposes: ['service'], keep: false }),
        event('consent.withdrawn', call, STARTED + 12_000, { purposes: ['marketing'], keep: true }),
      ]
      const ordered = order.map(i => events[i]!)
      for (let i = 0; i < ordered.length; i += size) await append(...ordered.slice(i, i + size))
      const { answer, recording } = await snapshot(call)
      const timeOf = (rows: { purpose: string }[], column: string) =>
        rows.map(row => [row.purpose, (row as Record<string, unknown>)[column]]).sort()
      const told = `order ${order}, batches of ${size}`
      t.strictSame(
        timeOf(answer, 'withdrawn_at'),
        [
          ['marketing', at(12)],
          ['service', at(12)],
        ],
        told,
      )
      t.strictSame(
        timeOf(recording, 'revoked_at'),
        [
          ['marketing', null],
          ['service', at(12)],
        ],
        told,
      )
    }
})

t.test('an event that is given twice with other values counts alike in one batch and in two', async t => {
  const rowsOf = async (size: 'one batch' | 'two batches') => {
    const { call, recording, events } = recordedCall()
    const again = [
      event('call.answered', call, STARTED + 60_000, { line: '200', policy: 2 }),
      event('call.decided', call, STARTED + 61_000, { decision: 'refused' }),
      event('call.released', call, STARTED + 62_000, { next: 'hangup', tapped: false }),
      event('recording.finished', call, STARTED + 63_000, { recording, state: 'truncated', seconds: 1 }),
      event('recording.failed', call, STARTED + 64_000, { recording, purpose: 'service', reason: 'store' }),
      event('call.ended', call, STARTED + 65_000, { cause: 17, phase: 'talking' }),
    ]
    for (const batch of size === 'one batch' ? [[...events, ...again]] : [events, again])
      await append(...batch)
    const found = await snapshot(call)
    const { answered_at, decision, decided_at, next, tapped, released_at, ended_at, cause } = found.call[0]!
    const { state, seconds, ended_at: finished } = found.recording[0]!
    return {
      ...{ answered_at, decision, decided_at, next, tapped, released_at, ended_at, cause },
      ...{ state, seconds, finished },
    }
  }
  const apart = await rowsOf('two batches')
  t.strictSame(await rowsOf('one batch'), apart)
  t.match(apart, { answered_at: at(1), state: 'finished', seconds: 8.5 })
})

t.test('an empty or failed recording has its state and its end', async t => {
  for (const type of ['recording.empty', 'recording.failed'] as const) {
    const call = newCallId()
    const yes = answered(call)
    const recording = newRecordingId()
    await append(started(call), yes, prepared(call, yes, 'service', recording))
    const data = type === 'recording.empty' ? { recording } : { recording, purpose: null, reason: 'store' }
    await append(event(type, call, STARTED + 9_000, data as never))
    t.match(
      (await snapshot(call)).recording,
      exactly({ state: type.slice('recording.'.length), ended_at: at(9) }),
    )
  }
})

t.test('a recording that fails with audio on disk is finished as truncated', async t => {
  const { call, recording, events } = recordedCall()
  await append(...events.slice(0, 10))
  await append(
    event('recording.failed', call, STARTED + 9_000, { recording, purpose: 'service', reason: 'store' }),
  )
  t.match((await snapshot(call)).recording, exactly({ state: 'recording' }))
  await append(
    event('recording.finished', call, STARTED + 9_500, { recording, state: 'truncated', seconds: 4 }),
  )
  t.match((await snapshot(call)).recording, exactly({ state: 'truncated', seconds: 4 }))
})

t.test('the last start of each node, by its name', async t => {
  const start = (node: string, seconds: number, keys: string[]) =>
    event('service.started', null, at(seconds).getTime(), { version: '1', node, keys, purposes: [] })
  const starts = [start('hall', 0, ['old']), start('hall', 1, ['new', 'other']), start('silent', 0, [])]
  await append(...starts)
  const read = () => db.selectFrom('node_start').select(['name', 'at', 'keys']).orderBy('name').execute()
  const expected = [
    { name: 'hall', at: at(1), keys: ['new', 'other'] },
    { name: 'silent', at: at(0), keys: [] },
  ]
  t.strictSame(await read(), expected)
  const { id } = await db
    .selectFrom('event')
    .where('uuid', '=', starts[0]!.id)
    .select('id')
    .executeTakeFirstOrThrow()
  const { sql } = PROJECTION.find(({ type }) => type === 'service.started')!
  await asService.query(sql, [[id]])
  t.strictSame(await read(), expected, 'an earlier start that enters again changes nothing')
})

t.test('calls and recordings state their owner, and parts their location', async t => {
  const { call, events } = recordedCall()
  const stated: Record<string, object> = { 'recording.prepared': { pbx: 'since' } }
  const later = (one: CallEvent) => one.type === 'recording.part-started' && one.data.number === 2
  const stating = (one: CallEvent) => ({ ...stated[one.type], ...(later(one) && { location: 'elsewhere' }) })
  await append(...events.map(one => ({ ...one, data: { ...one.data, ...stating(one) } }) as CallEvent))
  const found = await snapshot(call)
  matchEach(t, found.call, [{ node: SERVICE }])
  matchEach(t, found.recording, [{ node: SERVICE, pbx: 'since' }])
  matchEach(t, found.part, [{ location: 'disk' }, { location: 'elsewhere' }])
  const unstated = recordedCall()
  await append(...unstated.events)
  t.match(await snapshot(unstated.call), { recording: [{ pbx: null }] })
})

t.test('an event that changes no table enters like any other', async t => {
  await append(event('service.stopped', null, STARTED, { reason: 'SIGTERM' }))
  await append(event('recording.failed', null, STARTED, { recording: null, purpose: null, reason: 'x' }))
  const found = await db
    .selectFrom('event')
    .select('type')
    .where('call_id', 'is', null)
    .orderBy('id')
    .execute()
  t.strictSame(found.slice(-2), [{ type: 'service.stopped' }, { type: 'recording.failed' }])
})

t.test('every statement plans against the schema', async () => {
  for (const { sql } of PROJECTION) await asService.query(sql, [[]])
})
