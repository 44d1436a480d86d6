// Real: PostgreSQL, journal, key store, disk store, sealed containers. Fake: a journal that refuses, one whose answers are lost.
import t from 'tap'
import { AppError } from '../../../../src/core/errors.js'
import { newCallId, newHoldId } from '../../../../src/core/ids.js'
import type { EventSink } from '../../../../src/core/ports.js'
import { listCalls, readCall } from '../../../../src/journal/read/timeline.js'
import { destroyRecordings } from '../../../../src/recordings/destroy/destroy.js'
import {
  listHolds,
  parseHoldTarget,
  placeHold,
  releaseHold,
} from '../../../../src/recordings/retain/holds.js'
import { exactly, none } from '../../../support/assertions/exactly.js'
import { CALLED_AT, sealCall, startArchiveSetup } from '../../../support/processes/archive-setup.js'

const place = await startArchiveSetup(t)
const { deps } = place
const stated = { kind: 'hold', reason: 'a claim', by: 'officer', expiresAt: null } as const
const stateOf = async (call: string) =>
  (await readCall(deps.db, deps.locate, call)).recordings.map(r => r.state)
const term = { cause: 'term', reason: 'test', by: 'test' } as const

t.test('the target of a hold is recognised', async t => {
  const { call, recordings } = await sealCall(place, '+7001')
  t.strictSame(await parseHoldTarget(deps.db, call), { call })
  t.strictSame(await parseHoldTarget(deps.db, recordings['service']!), { recording: recordings['service'] })
  t.strictSame(await parseHoldTarget(deps.db, '+7001'), { number: '+7001' })
  await t.rejects(parseHoldTarget(deps.db, newCallId()), { code: 'not-found' })
})

t.test('each kind of hold keeps its recordings until it is released', async t => {
  const mine = await sealCall(place, '+7002', { answers: { service: 'granted', marketing: 'granted' } })
  const other = await sealCall(place, '+7003', { at: CALLED_AT + 86_400_000 })
  const day = { from: new Date(CALLED_AT - 1_000), to: new Date(CALLED_AT + 3_600_000) }
  for (const [on, expected] of [
    [{ recording: mine.recordings['marketing']! }, ['finished', 'held']],
    [{ call: mine.call }, ['held', 'held']],
    [{ number: '+7002' }, ['held', 'held']],
    [day, ['held', 'held']],
  ] as const) {
    const { hold, kept, gone } = await placeHold(deps, { ...stated, on })
    t.ok(kept >= expected.filter(state => state === 'held').length, 'the answer counts them')
    t.equal(gone, 0)
    t.strictSame(await stateOf(mine.call), expected, Object.keys(on).join(' '))
    t.strictSame(await stateOf(other.call), ['finished'], 'nothing else is held')
    const kepts = Object.values(mine.recordings).filter((_, i) => expected[i] === 'held')
    const { held, act } = await destroyRecordings(deps, term, [kepts])
    t.same([held.toSorted(), act], [kepts.toSorted(), null], 'and destruction passes them over')
    await releaseHold(deps, hold, { kind: 'hold', reason: 'settled', by: 'officer' })
    t.strictSame(await stateOf(mine.call), ['finished', 'finished'], 'released')
  }
})

t.test('an expired hold keeps nothing, and a recording in progress stays in its state', async t => {
  const { call } = await sealCall(place, '+7004')
  await placeHold(deps, { ...stated, on: { call }, expiresAt: new Date(Date.now() - 1_000) })
  t.strictSame(await stateOf(call), ['finished'])
  const running = await sealCall(place, '+7004', { running: true })
  const { kept } = await placeHold(deps, { ...stated, on: { call: running.call } })
  t.equal(kept, 1, 'the hold keeps the running recording')
  t.strictSame(await stateOf(running.call), ['recording'])
})

t.test('a hold that comes too late reports the recordings as gone', async t => {
  const { call, recordings } = await sealCall(place, '+7005')
  await destroyRecordings(deps, term, [[recordings['service']!]])
  t.match(await placeHold(deps, { ...stated, on: { call } }), { kept: 0, gone: 1 })
  const [recording] = (await readCall(deps.db, deps.locate, call)).recordings
  t.match(recording, { state: 'destroyed', files: none })
})

t.test('placing and releasing are journalled, without the number', async t => {
  const { hold } = await placeHold(deps, { ...stated, on: { number: '+7006' } })
  await releaseHold(deps, hold, { kind: 'hold', reason: 'settled', by: 'judge' })
  const events = await deps.db
    .selectFrom('event')
    .leftJoin('event_personal', 'event_personal.event', 'event.uuid')
    .select(['type', 'event.data', 'event_personal.data as personal'])
    .where('type', 'in', ['hold.placed', 'hold.released'])
    .orderBy('id', 'desc')
    .limit(2)
    .execute()
  t.strictSame(events.reverse(), [
    {
      type: 'hold.placed',
      data: { hold, kind: 'hold', on: 'number', expiresAt: null },
      personal: { by: 'officer', number: '+7006', reason: 'a claim' },
    },
    { type: 'hold.released', data: { hold }, personal: { by: 'judge', reason: 'settled' } },
  ])
})

t.test('holds are listed with their number of recordings, and can be released once', async t => {
  await sealCall(place, '+7007')
  await sealCall(place, '+7007')
  const { hold } = await placeHold(deps, { ...stated, on: { number: '+7007' } })
  t.match(
    (await listHolds(deps.db)).find(({ id }) => id === hold),
    { keeps: 2, inForce: true, on: { number: '+7007' }, reason: 'a claim' },
  )
  const released = { kind: 'hold', reason: 'settled', by: 'officer' } as const
  await t.rejects(
    releaseHold(deps, hold, { ...released, kind: 'block' }),
    { code: 'not-found' },
    'a hold is no block',
  )
  await releaseHold(deps, hold, released)
  await t.rejects(releaseHold(deps, hold, released), { code: 'not-found' })
  await t.rejects(releaseHold(deps, newHoldId(), released), { code: 'not-found' })
  t.notOk((await listHolds(deps.db)).some(({ id }) => id === hold))
  t.match(
    (await listHolds(deps.db, { all: true })).find(({ id }) => id === hold),
    { keeps: 0, inForce: false },
  )
})

t.test('a hold that the journal refuses is not placed', async t => {
  const { call } = await sealCall(place, '+7008')
  const journal = {
    ...deps.journal,
    append: async () => {
      throw new Error('away')
    },
    note: () => {},
  }
  await t.rejects(placeHold({ ...deps, journal }, { ...stated, on: { call } }), { message: 'away' })
  t.strictSame(await stateOf(call), ['finished'])
  t.strictSame(
    (await listCalls(deps.db, deps.locate, { caller: '+7008' })).map(({ id }) => id),
    [call],
  )
})

t.test('a hold whose confirmation is lost is listed as the journal has it, and can be released', async t => {
  const { call, recordings } = await sealCall(place, '+7009')
  /** The database commits, and its answer never comes. */
  const journal: EventSink = {
    async append(events, timeoutMs) {
      await deps.journal.append(events, timeoutMs)
      throw new AppError('journal.timeout', 'no answer')
    },
    note: () => {},
  }
  const unsure = { ...deps, journal }
  await t.rejects(placeHold(unsure, { ...stated, on: { call } }), { code: 'journal.timeout' })
  const listed = async () =>
    (await listHolds(deps.db, { all: true })).filter(({ on }) => 'call' in on && on.call === call)
  const [placed] = await listed()
  t.match(placed, { inForce: true, keeps: 1, reason: 'a claim', by: 'officer' })
  const ids = [Object.values(recordings)]
  t.match(await destroyRecordings(deps, term, ids), { destroyed: 0, held: ids[0] })
  const released = { kind: 'hold', reason: 'settled', by: 'judge' } as const
  await t.rejects(releaseHold(unsure, placed!.id, released), { code: 'journal.timeout' })
  t.match(await listed(), exactly({ id: placed!.id, inForce: false, keeps: 0 }))
  t.match(await destroyRecordings(deps, term, ids), { destroyed: 1 })
})
