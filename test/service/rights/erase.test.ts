// Real: PostgreSQL, journal, transparency log, key store, disk store, sealed containers. Fake: a journal that fails for one event.
import t from 'tap'
import type { EventType } from '../../../src/core/events.js'
import type { EventSink } from '../../../src/core/ports.js'
import { sql } from '../../../src/db/database.js'
import { readCall } from '../../../src/journal/read/timeline.js'
import { listHolds, placeHold, releaseHold } from '../../../src/recordings/retain/holds.js'
import { findPerson } from '../../../src/rights/collect-person.js'
import { correctPerson } from '../../../src/rights/correct-person.js'
import { erasePerson } from '../../../src/rights/erase-person.js'
import { openRequest } from '../../../src/rights/requests.js'
import { exactly, none } from '../../support/assertions/exactly.js'
import { person } from '../../support/data/actors.js'
import { toldEvents } from '../../support/data/told-events.js'
import { CALLED_AT, sealCall, startArchiveSetup } from '../../support/processes/archive-setup.js'
import { listFiles } from '../../support/processes/recorder-setup.js'
import { logSettingsIn, updateLog, verifyDatabase } from '../../support/processes/tlog.js'
import { withoutCommit } from '../../support/processes/without-commit.js'

const place = await startArchiveSetup(t)
const { deps, logSetup } = place
const officer = person('officer')
const erase = (number: string) => erasePerson(deps, officer, { number, reason: 'asked in writing' })
const hold = { kind: 'hold', reason: 'a claim', by: 'boss', expiresAt: null } as const
const settings = logSettingsIn(logSetup.dir)

/** Counts calls as a manager's statistics do. */
const statistics = () =>
  deps.db
    .selectFrom('call')
    .select(eb => [
      'line',
      'decision',
      sql<string>`date(started_at)::text`.as('day'),
      eb.fn.countAll<number>().as('n'),
    ])
    .groupBy(['line', 'decision', 'day'])
    .orderBy('n')
    .execute()

/** Lists the tables that contain a word in any row. */
async function textsOf(word: string): Promise<string[]> {
  const superuser = await logSetup.superuser()
  const { rows } = await superuser.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' order by table_name`,
  )
  const found: string[] = []
  for (const { name } of rows) {
    const hits = await superuser.query<{ n: number }>(
      `select count(*)::int as n from "${name}" t where strpos(t::text, $1) > 0`,
      [word],
    )
    if (hits.rows[0]!.n > 0) found.push(name)
  }
  superuser.cut()
  return found
}

t.test('no table names an erased caller, and statistics do not change', async t => {
  const mine = await sealCall(place, '+79160000001', {
    answers: { service: 'granted', marketing: 'granted' },
  })
  const refused = await sealCall(place, '+79160000001', {
    answers: { service: 'refused' },
    at: CALLED_AT + 60_000,
  })
  const other = await sealCall(place, '+79160000002')
  await findPerson(deps, officer, '+79160000001')
  await openRequest(deps, officer, {
    number: '+79160000001',
    kind: 'erasure',
    law: '152-fz',
    receivedOn: '2026-06-01',
  })
  const { hold: over } = await placeHold(deps, { ...hold, on: { number: '+79160000001' } })
  await releaseHold(deps, over, { kind: 'hold', reason: 'settled', by: 'boss' })
  const counted = await statistics()
  /** Key files on both mirrors, and containers. */
  const stored = async () =>
    (await listFiles(logSetup.dir)).filter(file => /keys|mirror|store/.test(file)).length
  t.equal(await stored(), 3 * 3, 'three recordings are stored')
  t.not((await textsOf('+79160000001')).length, 0)

  const erased = await erase('+79160000001')
  t.match(erased, { calls: 2, recordings: 2, stays: none })
  t.strictSame(await textsOf('+79160000001'), [], 'the number stands in no table')
  t.strictSame(await statistics(), counted)
  t.match(await readCall(deps.db, deps.locate, mine.call), {
    caller: null,
    decision: 'granted',
    recordings: exactly({ state: 'destroyed' }, { state: 'destroyed' }),
  })
  t.match(await readCall(deps.db, deps.locate, refused.call), { caller: null, decision: 'refused' })
  t.equal(await stored(), 3, 'only the recording of the other caller is stored')
  t.match(await findPerson(deps, officer, '+79160000002'), {
    recordings: exactly({ id: other.recordings['service'], state: 'finished' }),
  })

  const act = await deps.db
    .selectFrom('act')
    .selectAll()
    .where('id', '=', erased.act!)
    .executeTakeFirstOrThrow()
  t.match(act, { cause: 'erasure', reason: 'asked in writing', by: 'officer', number: 1 })
  const items = await deps.db.selectFrom('act_item').select('person').where('act', '=', erased.act!).execute()
  t.strictSame(
    items.map(({ person }) => person),
    ['********0001', '********0001'],
    'the act says whose, masked',
  )
  const requests = await deps.db.selectFrom('rights_request').selectAll().execute()
  t.match(requests, exactly({ number: '********0001', outcome: 'erased', closed_by: 'officer' }))

  await updateLog(logSetup.url(), settings)
  t.strictSame((await verifyDatabase(logSetup.url(), settings.dir)).faults, [], 'the journal verifies')
  t.match(
    await erase('+79160000001'),
    { calls: 0, recordings: 0, act: null, stays: none },
    'again, there is nothing left',
  )
})

t.test('a hold prevents an erasure; after its release the erasure can be completed', async t => {
  const kept = await sealCall(place, '+79160000003')
  const free = await sealCall(place, '+79160000003', { at: CALLED_AT + 60_000 })
  const { hold: placed } = await placeHold(deps, { ...hold, on: { call: kept.call } })
  const recording = kept.recordings['service']!
  t.match(await erase('+79160000003'), {
    calls: 1,
    recordings: 1,
    stays: exactly({
      call: kept.call,
      why: 'held',
      holds: exactly({ hold: placed, reason: 'a claim' }),
      recordings: exactly(recording),
    }),
  })
  t.equal((await readCall(deps.db, deps.locate, free.call)).caller, null)
  t.match(await findPerson(deps, officer, '+79160000003'), {
    recordings: exactly({ id: recording, state: 'held' }),
  })
  const said = await deps.db
    .selectFrom('event')
    .select('data')
    .where('type', '=', 'person.erased')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  t.match(said!.data, { calls: 1, recordings: 1, held: 1 })

  await releaseHold(deps, placed, { kind: 'hold', reason: 'settled', by: 'boss' })
  t.match(await erase('+79160000003'), { calls: 1, recordings: 1, stays: none })
  t.strictSame(await textsOf('+79160000003'), [])
})

t.test('a hold on the number also keeps calls that were not recorded', async t => {
  await sealCall(place, '+79160000004', { answers: { service: 'refused' } })
  await placeHold(deps, { ...hold, on: { number: '+79160000004' } })
  t.match(await erase('+79160000004'), {
    calls: 0,
    recordings: 0,
    act: null,
    stays: exactly({ why: 'held', recordings: none }),
  })
  t.equal((await findPerson(deps, officer, '+79160000004')).calls.length, 1)
})

t.test('a recording in progress stays until it has ended, and is due from now on', async t => {
  const running = await sealCall(place, '+79160000005', { running: true, at: Date.now() - 60_000 })
  t.match(await erase('+79160000005'), {
    calls: 0,
    recordings: 0,
    stays: exactly({ call: running.call, why: 'running' }),
  })
  const row = await deps.db
    .selectFrom('recording')
    .select('revoked_at')
    .where('call_id', '=', running.call)
    .executeTakeFirstOrThrow()
  t.ok(row.revoked_at)
})

t.test('of a hold and an erasure at the same time, recordings reported as kept are kept', async t => {
  for (let round = 0; round < 20; round++) {
    const number = `+7916001${String(round).padStart(4, '0')}`
    const { call, recordings } = await sealCall(place, number)
    const [placed, erased] = await Promise.all([placeHold(deps, { ...hold, on: { call } }), erase(number)])
    const [recording] = (await readCall(deps.db, deps.locate, call)).recordings
    t.match(
      recording,
      { id: recordings['service'], state: placed.kept === 1 ? 'held' : 'destroyed' },
      `round ${round}`,
    )
    t.equal(placed.kept + placed.gone, 1)
    t.equal(erased.recordings, placed.gone)
  }
})

t.test('of an erasure there are event and deletion, or neither, and then it can be run again', async t => {
  const number = '+79160000006'
  const { call } = await sealCall(place, number)
  await openRequest(deps, officer, { number, kind: 'erasure', law: '152-fz', receivedOn: '2026-10-05' })
  const erasures = async () => (await toldEvents(deps.db, 'person.erased')).length
  const before = await erasures()
  const owner = await logSetup.superuser()
  await withoutCommit(t, owner, 'rights_request', () => erase(number))
  owner.cut()
  t.equal(await erasures(), before, 'no event says that it was erased')
  t.match(await findPerson(deps, officer, number), {
    calls: exactly({ id: call }),
    recordings: exactly({ state: 'destroyed' }),
  })
  t.match(await erase(number), { calls: 1, recordings: 0, stays: none })
  t.strictSame(await textsOf(number), [])
})

t.test('an interrupted correction keeps all holds, and can be run again', async t => {
  const [wrong, right] = ['+79160000007', '+79160000008']
  const { call } = await sealCall(place, wrong)
  await placeHold(deps, { ...hold, on: { number: wrong } })
  const stated = { number: wrong, to: right, reason: 'misread' }
  const stateOf = async () => (await readCall(deps.db, deps.locate, call)).recordings[0]!.state
  for (const type of ['person.corrected', 'hold.released'] as const) {
    const journal = without(deps.journal, type)
    await t.rejects(correctPerson({ ...deps, journal }, officer, stated), { message: 'cut short' })
    t.equal(await stateOf(), 'held', type)
    if (type === 'person.corrected') continue
    t.strictSame(await textsOf(wrong), ['event_personal', 'hold'], 'only in the hold that is to be released')
  }
  t.equal(await correctPerson(deps, officer, stated), 0)
  t.strictSame(
    (await listHolds(deps.db)).filter(({ on }) => 'number' in on && on.number === wrong),
    [],
  )
  t.match(await findPerson(deps, officer, right), {
    calls: exactly({ id: call }),
    holds: exactly({ reason: 'a claim' }),
  })
  t.equal(
    (await listHolds(deps.db)).filter(({ on }) => 'number' in on && on.number === right).length,
    1,
    'once',
  )
})

t.test('a correction that is cut off after its events moves the requests when it is run again', async t => {
  const [wrong, right] = ['+79160000009', '+79160000010']
  const { call } = await sealCall(place, wrong)
  const kind = { kind: 'correction', law: '152-fz', receivedOn: '2026-06-01' } as const
  const { id } = await openRequest(deps, officer, { number: wrong, ...kind })
  const stated = { number: wrong, to: right, reason: 'misread' }
  /** The events are committed, and the process is killed. */
  const journal: EventSink = {
    ...without(deps.journal, 'person.corrected'),
    append: async (...given) => {
      await deps.journal.append(...given)
      throw new Error('cut off')
    },
  }
  await t.rejects(correctPerson({ ...deps, journal }, officer, stated), { message: 'cut off' })
  t.match(await findPerson(deps, officer, wrong), { calls: none, requests: exactly({ id }) })
  t.equal(await correctPerson(deps, officer, stated), 0, 'the call has the correct number already')
  t.match(await findPerson(deps, officer, right), { calls: exactly({ id: call }), requests: exactly({ id }) })
  await t.rejects(correctPerson(deps, officer, stated), { code: 'not-found' }, 'nothing is left to be done')
})

/** A journal that fails for events of this type. */
const without = (journal: EventSink, type: EventType): EventSink => ({
  append: async (events, timeoutMs) => {
    if (events.some(event => event.type === type)) throw new Error('cut short')
    return journal.append(events, timeoutMs)
  },
  note: (...events) => journal.note(...events),
})
