// Real: PostgreSQL, journal, key store with two mirrors, disk store. Fake: the clock, the content of containers and keys.
import { mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '../../../../src/core/clock.js'
import { event } from '../../../../src/core/events.js'
import type { ActId, RecordingId } from '../../../../src/core/ids.js'
import { acquireSessionLock } from '../../../../src/db/session-lock.js'
import { discardActs } from '../../../../src/recordings/destroy/acts.js'
import { destroyRecordings } from '../../../../src/recordings/destroy/destroy.js'
import { placeHold } from '../../../../src/recordings/retain/holds.js'
import { previewPurge, runPurge } from '../../../../src/recordings/retain/run-purge.js'
import { exactly } from '../../../support/assertions/exactly.js'
import {
  type Archive,
  type ArchivedRecording,
  type FillOptions,
  fillArchive,
  isOnDisk,
  openArchive,
} from '../../../support/data/archive.js'
import { told } from '../../../support/data/told-events.js'
import { scratch, testDatabase } from '../../../support/processes/database.js'
import { withoutCommit } from '../../../support/processes/without-commit.js'

const database = await testDatabase(t)
const { db, server } = database
const utc = (day: string) => Date.parse(`${day}T00:00:00Z`)
const clockAt = (at: number) => ({ ...systemClock, now: () => at })

/** Makes an own archive in the shared database, in which the previous test has left nothing due. */
async function archive(
  t: Test,
  at: number,
): Promise<Archive & { fill(wanted: FillOptions): Promise<ArchivedRecording[]> }> {
  const opened = await openArchive(await scratch(t), db, server.url)
  t.teardown(() => opened.deps.journal.stop())
  const deps = { ...opened.deps, clock: clockAt(at) }
  return { ...opened, deps, fill: wanted => fillArchive(opened, server.adminUrl, wanted) }
}

const rowsOf = (kept: readonly ArchivedRecording[]) =>
  db
    .selectFrom('recording')
    .leftJoin('act_item', 'act_item.recording', 'recording.id')
    .where(
      'id',
      'in',
      kept.map(({ recording }) => recording),
    )
    .select(['id', 'state', 'recording.act', 'destroyed_at', 'act_item.act as item', 'act_item.person'])
    .execute()
const states = async (kept: readonly ArchivedRecording[]) => [
  ...new Set((await rowsOf(kept)).map(({ state }) => state)),
]

t.test('31 days later all due recordings are destroyed, and the act lists them', async t => {
  const now = utc('2026-03-03')
  const archived = await archive(t, now)
  const due = await archived.fill({ count: 700 })
  const later = await archived.fill({ count: 3, due: `date '2026-03-04'` })
  const running = await archived.fill({
    count: 2,
    state: 'recording',
    preparedAt: `timestamptz '2026-03-02 23:50Z'`,
  })
  const empty = await archived.fill({ count: 1, state: 'empty' })
  t.match(await previewPurge(db, { at: now, personalDays: 30 }), {
    due: 700,
    destroyed: 0,
    held: 0,
    failed: 0,
    act: null,
  })
  t.ok(
    due.every(kept => isOnDisk(archived, kept)),
    'a forecast touches nothing',
  )

  const report = await runPurge(archived.deps, { at: now, by: 'olga' })
  t.match(report, { due: 700, destroyed: 700, held: 0, failed: 0, number: 1 })
  t.notOk(
    due.some(kept => isOnDisk(archived, kept)),
    'key and container are gone, on both mirrors',
  )
  t.ok([...later, ...running].every(kept => isOnDisk(archived, kept)))
  t.strictSame(await states(running), ['recording'])
  t.strictSame(await states(empty), ['empty'])
  for (const row of await rowsOf(due)) {
    t.match(row, { state: 'destroyed', act: report!.act, item: report!.act })
    t.match(row.person, /^\*{8}\d{4}$/)
  }

  const act = await db.selectFrom('act').where('id', '=', report!.act!).selectAll().executeTakeFirstOrThrow()
  t.match(act, { number: 1, cause: 'term', by: 'olga', keep_until: '2029-03-03' })
  t.ok(act.closed_at)
  const events = await told(db)
    .where('type', 'in', ['act.closed', 'purge.finished'])
    .selectAll()
    .orderBy('id')
    .execute()
  t.match(
    events,
    exactly(
      { type: 'act.closed', data: { act: report!.act, number: 1, recordings: 700, keepUntil: '2029-03-03' } },
      { type: 'purge.finished', data: { due: 700, destroyed: 700, held: 0, failed: 0, act: report!.act } },
    ),
  )
  t.match(
    await runPurge(archived.deps, { at: now, by: 'olga' }),
    { due: 0, destroyed: 0, act: null },
    'a second run',
  )
  t.equal((await db.selectFrom('act').selectAll().execute()).length, 1)
})

t.test('after forty days of downtime the next purge catches up, and held recordings stay', async t => {
  const now = utc('2026-04-20')
  const archived = await archive(t, now)
  const due = await archived.fill({ count: 120, due: `date '2026-03-10' + (n % 40)::int` })
  const lost = await archived.fill({ count: 2, state: 'recording', due: `date '2026-03-11'` })
  const [one, ofCaller, expired] = due as [ArchivedRecording, ArchivedRecording, ArchivedRecording]
  const hold = { kind: 'hold', reason: 'lawsuit', by: 'olga', expiresAt: null } as const
  await placeHold(archived.deps, { ...hold, on: { recording: one.recording } })
  await placeHold(archived.deps, { ...hold, on: { number: ofCaller.caller } })
  await placeHold(archived.deps, { ...hold, on: { call: expired.call }, expiresAt: new Date(now - 1) })

  t.match(await previewPurge(db, { at: now, personalDays: 30 }), { due: 125, held: 2 })
  // Five recordings of the previous test are also due now. Their files are in another archive.
  const report = await runPurge(archived.deps, { at: now, by: 'consentry' })
  t.match(report, { due: 125, destroyed: 120, held: 2, failed: 0, missing: 5, number: 2 })
  t.ok(isOnDisk(archived, one) && isOnDisk(archived, ofCaller))
  t.strictSame(await states([one, ofCaller]), ['finished'])
  t.notOk([...due.slice(2), ...lost].some(kept => isOnDisk(archived, kept)))
  t.strictSame(await states([...due.slice(2), ...lost]), ['destroyed'])
  const lostToo = { at: now, by: 'consentry', lost: true }
  t.match(await runPurge(archived.deps, lostToo), { due: 5, destroyed: 5, held: 2, missing: 0 })
  t.match(await runPurge(archived.deps, { at: now, by: 'consentry' }), { due: 0, destroyed: 0, held: 2 })
})

t.test(
  'withdrawn recordings get an act of their own despite holds, and a hold prevents an erasure',
  async t => {
    const now = utc('2026-04-21')
    const archived = await archive(t, now)
    const [withdrawn, erased, kept] = (await archived.fill({ count: 3, due: `date '2027-01-01'` })) as [
      ArchivedRecording,
      ArchivedRecording,
      ArchivedRecording,
    ]
    await archived.deps.journal.append(
      [event('consent.withdrawn', withdrawn.call, now - 1_000, { purposes: ['service'], keep: false })],
      10_000,
    )
    await db
      .updateTable('recording')
      .set({ revoked_at: new Date(now) } as never)
      .where('id', 'in', [erased.recording, kept.recording])
      .execute()
    for (const { recording } of [withdrawn, kept])
      await placeHold(archived.deps, {
        kind: 'block',
        reason: 'r',
        by: 'b',
        expiresAt: null,
        on: { recording },
      })
    const report = await runPurge(archived.deps, { at: now, by: 'consentry' })
    t.match(report, { due: 2, destroyed: 2, held: 3 })
    const acts = new Map((await rowsOf([withdrawn, erased, kept])).map(({ id, act }) => [id, act]))
    t.equal(acts.get(kept.recording), null)
    const causes = await db
      .selectFrom('act')
      .where(
        'id',
        'in',
        [...acts.values()].filter(act => act !== null),
      )
      .select(['id', 'cause'])
      .execute()
    const causeOf = (recording: RecordingId) => causes.find(({ id }) => id === acts.get(recording))?.cause
    t.equal(causeOf(withdrawn.recording), 'withdrawal')
    t.equal(causeOf(erased.recording), 'erasure')
    t.ok(isOnDisk(archived, kept))
  },
)

t.test('a key under another day is found and destroyed', async t => {
  const archived = await archive(t, utc('2026-04-22'))
  const moved = await archived.fill({ count: 5, due: `date '2026-04-22'` })
  for (const folder of archived.keys) {
    mkdirSync(join(folder, 'service', '2026-05-30'), { recursive: true })
    for (const { part, due } of moved)
      renameSync(join(folder, 'service', due, part), join(folder, 'service', '2026-05-30', part))
  }
  t.match(await runPurge(archived.deps, { at: utc('2026-04-22'), by: 'consentry' }), {
    destroyed: 5,
    failed: 0,
  })
  t.notOk(moved.some(kept => isOnDisk(archived, { ...kept, due: '2026-05-30' })))
})

t.test('only one purge runs at a time', async t => {
  const now = utc('2026-04-23')
  const archived = await archive(t, now)
  await archived.fill({ count: 300, due: `date '2026-04-23'` })
  const reports = await Promise.all(
    [1, 2, 3].map(() => runPurge(archived.deps, { at: now, by: 'consentry' })),
  )
  const done = reports.filter(report => report !== undefined)
  t.ok(done.length >= 1)
  t.equal(
    done.reduce((sum, { destroyed }) => sum + destroyed, 0),
    300,
  )

  await acquireSessionLock(database.asService, { name: 'purge', purpose: 'purge' })
  t.equal(await runPurge(archived.deps, { at: now, by: 'consentry' }), undefined, 'and another one says so')
  await database.asService.query('select pg_advisory_unlock_all()')
  t.ok(await runPurge(archived.deps, { at: now, by: 'consentry' }))
})

t.test('a destruction without recordings leaves no act', async t => {
  const archived = await archive(t, utc('2026-04-23'))
  const before = await db.selectFrom('act').select('id').execute()
  const what = { cause: 'erasure', reason: 'asked', by: 'olga' } as const
  const nothing = { act: null, number: null, destroyed: 0, held: [], failed: [], missing: [] }
  t.strictSame(await destroyRecordings(archived.deps, what, []), nothing)
  const [empty] = await archived.fill({ count: 1, state: 'empty' })
  t.strictSame(await destroyRecordings(archived.deps, what, [[empty!.recording]]), nothing)
  t.strictSame(await db.selectFrom('act').select('id').execute(), before)
})

t.test('acts are deleted after their retention, and their numbers are not used again', async t => {
  const acts = await db.selectFrom('act').select(['id', 'number']).orderBy('number').execute()
  t.strictSame(
    acts.map(({ number }) => number),
    acts.map((_, i) => i + 1),
    'without a gap',
  )
  const now = utc('2029-04-23')
  const archived = await archive(t, now)
  const [due] = await archived.fill({ count: 1, due: `date '2029-04-01'` })
  await withoutCommit(t, database.asOwner, 'act', () => discardActs(archived.deps, now))
  const events = () => told(db).where('type', '=', 'act.discarded').select('data').execute()
  t.strictSame(await events(), [], 'of a deletion there are event and deletion, or neither')
  const report = await runPurge(archived.deps, { at: now, by: 'consentry' })
  const number = acts.length + 1
  t.equal(report!.number, number)
  const left = await db.selectFrom('act').select(['id', 'number']).execute()
  t.strictSame(left, [{ id: report!.act, number }])
  t.equal((await rowsOf([due!]))[0]?.item, report!.act)
  const items = await db.selectFrom('act_item').select('recording').execute()
  t.strictSame(items, [{ recording: due!.recording }], 'the entries went with their acts')
  const discarded = await events()
  t.strictSame(discarded.map(({ data }) => data['act'] as ActId).sort(), acts.map(({ id }) => id).sort())
})

t.test('only a lab may purge for a future moment', async t => {
  const archived = await archive(t, utc('2029-05-01'))
  await t.rejects(runPurge(archived.deps, { at: utc('2029-06-01'), by: 'consentry' }), {
    code: 'config.invalid',
  })
  await database.asOwner.query('insert into lab default values')
  t.ok(await runPurge(archived.deps, { at: utc('2029-06-01'), by: 'consentry' }))
})
