// Real: PostgreSQL, journal, key store, disk store, sealed recordings, destruction, audit. Fake: a part in a store that this
// installation does not have.
import t from 'tap'
import { event } from '../../../../src/core/events.js'
import { newPartId } from '../../../../src/core/ids.js'
import { DISK, type PartLocation } from '../../../../src/core/part-location.js'
import { auditStore } from '../../../../src/recordings/audit/audit-store.js'
import { verifyRecordings } from '../../../../src/recordings/audit/verify-recordings.js'
import { destroyRecordings, findMissing } from '../../../../src/recordings/destroy/destroy.js'
import { removeAudio } from '../../../../src/recordings/destroy/remove-audio.js'
import { withParts } from '../../../../src/recordings/open/find-parts.js'
import { partBegun } from '../../../support/data/call-events.js'
import { storeRecording } from '../../../support/data/stored-recording.js'
import { startArchiveSetup } from '../../../support/processes/archive-setup.js'

const ELSEWHERE = 'elsewhere' as PartLocation

t.test('a part in a store that is not here is neither opened, missing nor removed', async t => {
  const home = await startArchiveSetup(t)
  const { deps } = home
  const { db, journal, keyStore, store } = deps
  const { recording, object, key } = await storeRecording(home)
  const { call_id: call } = await db
    .selectFrom('recording')
    .where('id', '=', recording)
    .select('call_id')
    .executeTakeFirstOrThrow()
  t.equal(await withParts(deps, recording, async parts => parts.length), 1, 'it opens at first')
  t.ok((await auditStore(deps)).ok)

  const part = newPartId()
  const moved = `service/2026/10/05/${part}.ctry`
  const began = { ...partBegun, recording, part, number: 2, object: moved, location: ELSEWHERE }
  await journal.append([event('recording.part-started', call, Date.now(), began)], 60_000)
  await keyStore.put({ ...key, part }, await keyStore.get(key))
  // The same name in the store that is here: it is another container.
  await (await store.create(moved)).close()
  const rows = await db
    .selectFrom('part')
    .where('recording_id', '=', recording)
    .orderBy('number')
    .select(['object', 'location'])
    .execute()
  t.strictSame(rows, [
    { object, location: DISK },
    { object: moved, location: ELSEWHERE },
  ])

  const away = { code: 'store.unwritable', message: /"elsewhere"/ }
  await t.rejects(
    withParts(deps, recording, async () => undefined),
    away,
  )
  await t.rejects(auditStore(deps), away)
  await t.rejects(verifyRecordings(deps, recording), away)

  const act = {
    id: recording,
    call,
    purpose: 'service',
    due: key.due,
    act: newPartId() as never,
    cause: 'term' as const,
    parts: [{ id: part, object: moved, location: ELSEWHERE }],
  }
  t.strictSame(await removeAudio(deps, [act]), new Set([recording]), 'the recording is not called destroyed')
  t.ok(await store.has(moved), 'the container of that name here stays')
})

t.test(
  'a recording whose only part lies elsewhere is not missing, although this store has nothing of it',
  async t => {
    const home = await startArchiveSetup(t)
    const { deps } = home
    const { recording, key, object } = await storeRecording(home)
    await deps.keyStore.destroy(key)
    await deps.store.remove(object)
    const superuser = await home.logSetup.superuser()
    t.teardown(() => superuser.cut())
    t.strictSame(await findMissing(deps, [recording], Date.now()), new Set([recording]))
    await superuser.query(`update part set location = 'elsewhere' where object = $1`, [object])
    t.strictSame(await findMissing(deps, [recording], Date.now()), new Set())
  },
)

t.test('a destruction removes the containers of this store and stays open for the one elsewhere', async t => {
  const home = await startArchiveSetup(t)
  const { deps } = home
  const { recording, object } = await storeRecording(home)
  const whole = await storeRecording(home)
  const superuser = await home.logSetup.superuser()
  t.teardown(() => superuser.cut())
  await superuser.query(`update part set location = 'elsewhere' where object = $1`, [object])
  const request = { cause: 'erasure', reason: 'asked to', by: 'tester' } as const
  const done = await destroyRecordings(deps, request, [[recording, whole.recording]])
  t.match(done, { destroyed: 1, failed: [recording], missing: [], number: null })
  t.ok(await deps.store.has(object))
  t.notOk(await deps.store.has(whole.object))

  await superuser.query(`update part set location = 'disk' where object = $1`, [object])
  const again = await destroyRecordings(deps, request, [[recording]])
  t.match(again, { destroyed: 1, failed: [] })
  t.notOk(await deps.store.has(object))
})
