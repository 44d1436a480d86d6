// Real: PostgreSQL, journal, key stores, disk store, sealing. Fake: the clock, which is minutes or a day ahead.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { PartWriter } from '../../../../src/audio/part-writer.js'
import { event } from '../../../../src/core/events.js'
import {
  type CallId,
  newNodeId,
  newPartId,
  newRecordingId,
  type RecordingId,
} from '../../../../src/core/ids.js'
import { checkKeys } from '../../../../src/recordings/audit/audit-store.js'
import { destroyRecordings } from '../../../../src/recordings/destroy/destroy.js'
import { sweepKeys } from '../../../../src/recordings/destroy/sweep-keys.js'
import { placeHold, releaseHold } from '../../../../src/recordings/retain/holds.js'
import type { PartInfo } from '../../../../src/vault/crypto/types.js'
import { openKeyStore } from '../../../../src/vault/keys/key-store.js'
import { exactly } from '../../../support/assertions/exactly.js'
import { sealCall, startArchiveSetup } from '../../../support/processes/archive-setup.js'
import { scratch, testDatabase } from '../../../support/processes/database.js'
import {
  journalGrantedCall,
  listFiles,
  makeRecorderParts,
} from '../../../support/processes/recorder-setup.js'

const database = await testDatabase(t)
const MINUTES = 11 * 60_000
const DAY = 25 * 3_600_000

t.test('only keys that nothing refers to are destroyed, with their containers', async t => {
  const { deps, journal, dir } = await makeRecorderParts(t, database)
  const due = '2030-01-01'
  /** A recording that the database knows as in progress. */
  const prepare = async () => {
    const { call, grants } = await journalGrantedCall(journal)
    const recording = newRecordingId()
    const basis = grants[0]!.basis.event
    journal.note(
      event('recording.prepared', call, Date.now(), {
        recording,
        purpose: 'service',
        basis,
        due,
        tap: 'x',
        service: newNodeId(),
      }),
    )
    return { call, recording, grants }
  }
  const end = async ({ call, recording }: Awaited<ReturnType<typeof prepare>>) => {
    journal.note(event('recording.finished', call, Date.now(), { recording, state: 'truncated', seconds: 1 }))
    await journal.idle()
  }
  const recorded = await prepare()
  const { call, grants, recording } = recorded
  const mute = { ...deps, journal: { append: async () => {}, note: () => {}, noteDurably: async () => {} } }
  const part = async (of: RecordingId, tools: typeof deps, ofCall: CallId = call) => {
    const info: PartInfo = {
      recording: of,
      part: newPartId(),
      number: 1,
      call: ofCall,
      line: '100',
      purpose: 'service',
      basis: grants[0]!.basis.event,
      codec: 'alaw',
    }
    const prepared = await PartWriter.prepare(info, due, tools)
    t.teardown(() => prepared.abandon())
    return prepared
  }
  const block = { leg: 'caller', sample: 0, arrivedAt: Date.now(), bytes: Buffer.alloc(1000, 1) } as const

  const known = await part(recording, deps)
  await known.write(block)
  const running = await part(recording, deps)
  const unused = await part(recording, deps)
  // The service was killed after the container had audio, and before the journal knew it.
  const unannounced = await part(recording, mute)
  await unannounced.write(block)
  const ofAnotherDatabase = await part(newRecordingId(), mute)
  await ofAnotherDatabase.write(block)
  const withoutHeader = await part(newRecordingId(), mute)
  const object = `service/2026/01/01/${withoutHeader.id}.ctry`
  await (await deps.store.create(object)).close()
  const damaged = await part(newRecordingId(), mute)
  const damagedObject = `service/2026/01/01/${damaged.id}.ctry`
  await (await deps.store.create(damagedObject)).close()
  writeFileSync(deps.store.locate(damagedObject), 'no container')
  await journal.idle()

  const names = async (folder: string) =>
    (await listFiles(join(dir, folder))).map(path => path.split('/').pop()!.replace('.ctry', '')).sort()
  const sweep = (ahead: number) => {
    const clock = { ...deps.clock, now: () => Date.now() + ahead }
    return sweepKeys({ ...deps, clock }, new Set([running.id]))
  }
  const left = 2
  t.strictSame(await sweep(0), { destroyed: 0, ofDestroyed: 0, left: 0 }, 'young keys are left alone')
  t.strictSame(
    await sweep(DAY),
    { destroyed: 0, ofDestroyed: 0, left },
    'so are all of a recording that has not ended',
  )
  await end(recorded)
  t.strictSame(
    await sweep(MINUTES),
    { destroyed: 1, ofDestroyed: 0, left },
    'what was sealed and never journalled',
  )
  const other = await prepare()
  await journal.idle()
  t.strictSame(
    await sweep(DAY),
    { destroyed: 0, ofDestroyed: 0, left },
    'what another recording may still begin under',
  )
  await end(other)
  t.strictSame(await sweep(DAY), { destroyed: 2, ofDestroyed: 0, left }, 'what no recording can begin under')
  const kept = [known.id, running.id, ofAnotherDatabase.id, damaged.id].sort()
  t.strictSame(await names('keys'), kept)
  t.strictSame(await names('store'), [known.id, ofAnotherDatabase.id, damaged.id].sort())
  const remaining = [...(await names('keys')), ...(await names('store'))]
  for (const { id } of [unused, unannounced, withoutHeader])
    t.notOk(remaining.includes(id), 'no file is left of it')
})

t.test('a key that another node could not reach when it destroyed the recording is destroyed', async t => {
  const place = await startArchiveSetup(t)
  const { deps } = place
  const [due, kept] = [await sealCall(place, '+7401'), await sealCall(place, '+7402')]
  const ids = [Object.values(due.recordings)]
  // The other node has the containers, and a volume of keys of its own.
  const elsewhere = await openKeyStore(`file:${join(await scratch(t), 'keys')}`)
  const term = { cause: 'term', reason: 'test', by: 'test' } as const
  t.match(await destroyRecordings({ ...deps, keyStore: elsewhere }, term, ids), { destroyed: 1 })

  const clock = { ...deps.clock, now: () => Date.now() + MINUTES }
  const audit = async () => (await checkKeys(deps, clock.now())).faults
  t.match(await audit(), exactly({ kind: 'destroyed-present', recording: ids[0]![0] }))
  const sweep = (at: typeof clock) => sweepKeys({ ...deps, clock: at }, new Set())
  t.match(await sweep({ ...clock, now: () => Date.now() }), { destroyed: 0 }, 'a young key is left alone')
  t.strictSame(await sweep(clock), { destroyed: 1, ofDestroyed: 1, left: 0 })
  t.strictSame(await audit(), [])
  t.equal(await deps.keyStore.find(due.part!), undefined, 'on no mirror')
  t.ok(await deps.keyStore.find(kept.part!), 'the key of a recording that is kept stays')
  t.strictSame(await sweep(clock), { destroyed: 0, ofDestroyed: 0, left: 0 })
})

t.test('the key of a recording that only an event or only a row calls destroyed stays', async t => {
  const place = await startArchiveSetup(t)
  const { deps, logSetup } = place
  const [told, marked] = [await sealCall(place, '+7403'), await sealCall(place, '+7404')]
  const owner = await logSetup.superuser()
  t.teardown(() => owner.cut())
  const recording = told.recordings['service']!
  await owner.query(
    `insert into event (uuid, call_id, at, type, data) values (gen_random_uuid(), $1, now(), 'recording.destroyed', $2)`,
    [told.call, JSON.stringify({ recording })],
  )
  await owner.query(`update recording set state = 'destroyed', destroyed_at = now() where id = $1`, [
    marked.recordings['service'],
  ])
  const clock = { ...deps.clock, now: () => Date.now() + DAY }
  t.match(await sweepKeys({ ...deps, clock }, new Set()), { destroyed: 0 })
  for (const { part } of [told, marked]) t.ok(await deps.keyStore.find(part!))
})

t.test('a hold keeps a key whose recording is falsely called destroyed by its row and an event', async t => {
  const place = await startArchiveSetup(t)
  const { deps, logSetup } = place
  const { call, part, recordings } = await sealCall(place, '+7405')
  const placed = { kind: 'hold', reason: 'a claim', by: 'officer', expiresAt: null, on: { call } } as const
  const { hold } = await placeHold(deps, placed)
  const owner = await logSetup.superuser()
  t.teardown(() => owner.cut())
  const recording = recordings['service']!
  await owner.query(
    `insert into event (uuid, call_id, at, type, data) values (gen_random_uuid(), $1, now(), 'recording.destroyed', $2)`,
    [call, JSON.stringify({ recording })],
  )
  await owner.query(`update recording set state = 'destroyed', destroyed_at = now() where id = $1`, [
    recording,
  ])
  const clock = { ...deps.clock, now: () => Date.now() + DAY }
  t.match(await sweepKeys({ ...deps, clock }, new Set()), { destroyed: 0, left: 1 })
  t.ok(await deps.keyStore.find(part!))
  await releaseHold(deps, hold, placed)
  t.match(await sweepKeys({ ...deps, clock }, new Set()), { destroyed: 1 })
})
