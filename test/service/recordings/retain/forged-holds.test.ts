// Real: PostgreSQL, journal, key store, disk store. Fake: the content of containers and keys.
import t from 'tap'
import { DAY_MS } from '../../../../src/core/clock.js'
import { event } from '../../../../src/core/events.js'
import { newActId } from '../../../../src/core/ids.js'
import { verifyDerived } from '../../../../src/recordings/audit/verify.js'
import { destroyRecordings } from '../../../../src/recordings/destroy/destroy.js'
import { type HoldTarget, placeHold, releaseHold } from '../../../../src/recordings/retain/holds.js'
import { runPurge } from '../../../../src/recordings/retain/run-purge.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { type ArchivedRecording, fillArchive, isOnDisk, openArchive } from '../../../support/data/archive.js'
import { scratch, testDatabase } from '../../../support/processes/database.js'

const AT = Date.parse('2026-03-03T00:00:00Z')
const STATED = { kind: 'hold', reason: 'lawsuit', by: 'olga', expiresAt: null } as const

const { db, asOwner, asService, server } = await testDatabase(t)
const archive = await openArchive(await scratch(t), db, server.url)
t.teardown(() => archive.deps.journal.stop())
const purge = () => runPurge(archive.deps, { at: AT, by: 'purge' })

/** Each way to hold one recording. */
const TARGETS: [string, (one: ArchivedRecording) => HoldTarget][] = [
  ['recording', ({ recording }) => ({ recording })],
  ['call', ({ call }) => ({ call })],
  ['number', ({ caller }) => ({ number: caller })],
  ['period', () => ({ from: new Date('2026-01-31T00:00Z'), to: new Date('2026-02-01T00:00Z') })],
]

/** Changes of the row of a hold, each of which lifts it. The role of the service may make the first. */
const CHANGES = [
  `update hold set released_at = now(), released_by = 'nobody' where id = $1`,
  `update hold set expires_at = placed_at where id = $1`,
  `update hold set recording = gen_random_uuid(), call_id = null, number = null, from_at = null, to_at = null where id = $1`,
]

for (const [kind, target] of TARGETS)
  t.test(`a hold on a ${kind} keeps its recording, whatever its row says`, async t => {
    const [one] = await fillArchive(archive, server.adminUrl, { count: 1 })
    const { hold } = await placeHold(archive.deps, { ...STATED, on: target(one!) })
    for (const change of CHANGES) {
      await asOwner.query(change, [hold])
      t.match(await purge(), { held: 1, destroyed: 0 }, change)
      t.ok(isOnDisk(archive, one!))
    }
    await asOwner.query(`update hold set released_at = null, released_by = null where id = $1`, [hold])
    await releaseHold(archive.deps, hold, STATED)
    t.match(await purge(), { held: 0, destroyed: 1 })
  })

t.test('a held recording that is marked for destruction is not destroyed', async t => {
  const [one] = await fillArchive(archive, server.adminUrl, { count: 1 })
  const { hold } = await placeHold(archive.deps, { ...STATED, on: { call: one!.call } })
  const act = newActId()
  await asService.query(`insert into act (id, cause, reason, by) values ($1, 'term', 'forged', 'nobody')`, [
    act,
  ])
  await asService.query(`update recording set state = 'destroying', act = $1 where id = $2`, [
    act,
    one!.recording,
  ])
  t.match(await purge(), { destroyed: 0, held: 1 })
  t.ok(isOnDisk(archive, one!))
  await releaseHold(archive.deps, hold, STATED)
  t.match(await purge(), { destroyed: 1 })
})

t.test(
  'an act of a withdrawal that the journal does not have destroys nothing, and verify names it',
  async t => {
    const [held] = (await fillArchive(archive, server.adminUrl, { count: 1 })) as [ArchivedRecording]
    const { hold } = await placeHold(archive.deps, { ...STATED, on: { call: held.call } })
    const act = newActId()
    await asService.query(
      `insert into act (id, cause, reason, by) values ($1, 'withdrawal', 'forged', 'nobody')`,
      [act],
    )
    const forge = ({ recording }: ArchivedRecording) =>
      asService.query(`update recording set state = 'destroying', act = $1 where id = $2`, [act, recording])
    await forge(held)
    t.match(await purge(), { destroyed: 0, held: 1, failed: 1 })
    t.ok(isOnDisk(archive, held))
    const { faults } = await verifyDerived(db)
    t.ok(faults.some(({ where, what }) => where === `act ${act}` && what.startsWith('cause ')))
    await releaseHold(archive.deps, hold, STATED)
    t.match(await purge(), { destroyed: 1 }, 'it goes when it is due, in an act of its own')
    const row = await db
      .selectFrom('act_item')
      .innerJoin('act', 'act.id', 'act_item.act')
      .where('recording', '=', held.recording)
      .select('cause')
      .executeTakeFirst()
    t.strictSame(row, { cause: 'term' })
    t.notOk(isOnDisk(archive, held))
  },
)

t.test('equal times of a withdrawal and of what was revoked are no withdrawal', async t => {
  const [one] = await fillArchive(archive, server.adminUrl, { count: 1, due: `date '2099-01-01'` })
  const { hold } = await placeHold(archive.deps, { ...STATED, on: { call: one!.call } })
  await asService.query(`update answer set withdrawn_at = '2026-02-01' where call_id = $1`, [one!.call])
  await asService.query(`update recording set revoked_at = '2026-02-01' where id = $1`, [one!.recording])
  t.match(await purge(), { held: 1, destroyed: 0 })
  t.ok(isOnDisk(archive, one!))
  await releaseHold(archive.deps, hold, STATED)
  t.match(await purge(), { destroyed: 1 })
})

t.test('a release that only an event states, or a correction, ends no hold', async t => {
  const [one] = await fillArchive(archive, server.adminUrl, { count: 1 })
  const { hold } = await placeHold(archive.deps, { ...STATED, on: { number: one!.caller } })
  const insert = `insert into event (uuid, call_id, at, type, data) values (gen_random_uuid(), $1, now(), $2, $3)`
  await asService.query(insert, [null, 'hold.released', { hold }])
  await asService.query(insert, [one!.call, 'person.corrected', {}])
  t.match(await purge(), { held: 1, destroyed: 0 })
  t.ok(isOnDisk(archive, one!))
  await releaseHold(archive.deps, hold, STATED)
  t.match(await purge(), { destroyed: 1 })
})

t.test('a number that is not the logged one does not take a recording from its hold', async t => {
  const [one] = await fillArchive(archive, server.adminUrl, { count: 1 })
  const { hold } = await placeHold(archive.deps, { ...STATED, on: { number: one!.caller } })
  await asService.query(
    `with gone as (delete from event_personal where data ->> 'caller' = $1 returning event, salt)
      insert into event_personal (event, data, salt) select event, '{"caller": "+1"}', salt from gone`,
    [one!.caller],
  )
  t.match(await purge(), { held: 1, destroyed: 0 })
  t.ok(isOnDisk(archive, one!))
  await releaseHold(archive.deps, hold, STATED)
  t.match(await purge(), { destroyed: 1 })
})

t.test('a withdrawal ends a hold, also after an erasure', async t => {
  const [one] = await fillArchive(archive, server.adminUrl, { count: 1, due: `date '2099-01-01'` })
  await asService.query(`update recording set revoked_at = '2026-02-01' where id = $1`, [one!.recording])
  await placeHold(archive.deps, { ...STATED, on: { call: one!.call } })
  t.match(await purge(), { held: 1, destroyed: 0 })
  const withdrawn = event('consent.withdrawn', one!.call, AT, { purposes: ['service'], keep: false })
  await archive.deps.journal.append([withdrawn], 10_000)
  t.match(await purge(), { held: 0, destroyed: 1 })
  t.notOk(isOnDisk(archive, one!))
})

t.test('the event of a destruction has the cause of its act', async t => {
  const [one] = await fillArchive(archive, server.adminUrl, { count: 1 })
  const act = newActId()
  await asService.query(`insert into act (id, cause, reason, by) values ($1, 'term', 'due', 'purge')`, [act])
  await asService.query(`update recording set state = 'destroying', act = $1 where id = $2`, [
    act,
    one!.recording,
  ])
  const request = { cause: 'erasure', reason: 'asked', by: 'olga' } as const
  t.match(await destroyRecordings(archive.deps, request, [[one!.recording]]), { destroyed: 1 })
  const destroyed = await db
    .selectFrom('event')
    .where('type', '=', 'recording.destroyed')
    .where('call_id', '=', one!.call)
    .select('data')
    .execute()
  matchEach(t, destroyed, [{ data: { act, cause: 'term' } }])
})

t.test('nothing is destroyed while the number of a hold is not the logged one', async t => {
  const [one] = await fillArchive(archive, server.adminUrl, { count: 1 })
  const { hold } = await placeHold(archive.deps, { ...STATED, on: { number: one!.caller } })
  await asService.query(`delete from event_personal where data ->> 'number' = $1`, [one!.caller])
  await t.rejects(purge(), { code: 'journal.inconsistent', message: new RegExp(hold) })
  t.ok(isOnDisk(archive, one!))
  await releaseHold(archive.deps, hold, STATED)
  t.match(await purge(), { destroyed: 1 })
})

t.test('a recording whose caller is gone is kept while there is a hold on a number', async t => {
  const [one] = await fillArchive(archive, server.adminUrl, { count: 1 })
  const { hold } = await placeHold(archive.deps, { ...STATED, on: { number: one!.caller } })
  await asService.query(`delete from event_personal where data ->> 'caller' = $1`, [one!.caller])
  t.match(await purge(), { destroyed: 0, held: 1 })
  t.ok(isOnDisk(archive, one!))
  await releaseHold(archive.deps, hold, STATED)
  t.match(await purge(), { destroyed: 1 })
})

t.test('an expired hold keeps nothing', async t => {
  const [one] = await fillArchive(archive, server.adminUrl, { count: 1 })
  const expiresAt = new Date(AT - DAY_MS)
  await placeHold(archive.deps, { ...STATED, on: { call: one!.call }, expiresAt })
  t.match(await purge(), { destroyed: 1, held: 0 })
})
