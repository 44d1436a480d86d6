// Real: PostgreSQL, journal, key store with two mirrors, disk store. Fake: the content of containers and keys, some refusals.
import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { AppError } from '../../../../src/core/errors.js'
import { event } from '../../../../src/core/events.js'
import type { ActId } from '../../../../src/core/ids.js'
import { sql } from '../../../../src/db/database.js'
import { actDocument } from '../../../../src/recordings/acts/act-document.js'
import { findAct } from '../../../../src/recordings/acts/act-rows.js'
import { destroyRecordings } from '../../../../src/recordings/destroy/destroy.js'
import { type PurgeDeps, runPurge } from '../../../../src/recordings/retain/run-purge.js'
import { openKeyStore } from '../../../../src/vault/keys/key-store.js'
import { openStore } from '../../../../src/vault/store/store.js'
import { MARK_FILE } from '../../../../src/vault/volume.js'
import { exactly, none } from '../../../support/assertions/exactly.js'
import {
  type Archive,
  type ArchivedRecording,
  fillArchive,
  isOnDisk,
  openArchive,
} from '../../../support/data/archive.js'
import { scratch, testDatabase } from '../../../support/processes/database.js'

const { db, server } = await testDatabase(t)
const AT = Date.parse('2026-03-03T00:00:00Z')
const run = (deps: PurgeDeps, lost = false) => runPurge(deps, { at: AT, by: 'consentry', lost })

/** Makes an own archive in the shared database, in which the previous test has left nothing due. */
async function archive(t: Test, count: number) {
  const dir = await scratch(t)
  const archived = await openArchive(dir, db, server.url)
  t.teardown(() => archived.deps.journal.stop())
  return { dir, archived, due: await fillArchive(archived, server.adminUrl, { count }) }
}

/** The same stores, but empty except for the marks of their volumes, as on another machine. */
async function elsewhere({ deps, keys, store }: Archive, dir: string): Promise<PurgeDeps> {
  const moved = async (folder: string) => {
    const other = join(dir, `other-${folder.split('/').at(-1)}`)
    await cp(join(folder, MARK_FILE), join(other, MARK_FILE), { recursive: true })
    return other
  }
  const others = await Promise.all(keys.map(moved))
  return {
    ...deps,
    store: await openStore(`file:${await moved(store)}`),
    keyStore: await openKeyStore(others.map(folder => `file:${folder}`).join(',')),
  }
}

const statesOf = async (kept: readonly ArchivedRecording[]) => {
  const ids = kept.map(({ recording }) => recording)
  const rows = await db.selectFrom('recording').where('id', 'in', ids).select('state').execute()
  return rows.map(({ state }) => state).sort()
}

/** The text of the act. */
async function shown(act: ActId): Promise<string> {
  let page = ''
  for await (const piece of actDocument(db, await findAct(db, act), 'en', undefined)) page += piece
  return page
}

const countEvents = async (kept: readonly ArchivedRecording[]) => {
  const calls = kept.map(({ call }) => call)
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from event
    where type = 'recording.destroyed' and call_id = any(${calls})`.execute(db)
  return rows[0]!.count
}

t.test(
  'a purge with the wrong stores destroys nothing, and reports how many recordings it did not find',
  async t => {
    const { dir, archived, due } = await archive(t, 700)
    const before = await db.selectFrom('act').select('id').execute()
    const report = await run(await elsewhere(archived, dir))
    t.match(report, { due: 700, destroyed: 0, failed: 0, missing: 700, act: null, acts: none })
    t.strictSame([...new Set(await statesOf(due))], ['finished'], 'they are as they were')
    t.equal(await countEvents(due), 0)
    t.strictSame(await db.selectFrom('act').select('id').execute(), before, 'no act was opened')
    const [event] = await db
      .selectFrom('event')
      .where('type', '=', 'purge.finished')
      .select('data')
      .orderBy('id', 'desc')
      .limit(1)
      .execute()
    t.match(event!.data, { due: 700, destroyed: 0, missing: 700 })
    t.match(await run(archived.deps), { due: 700, destroyed: 700, missing: 0 }, 'where they are, they go')
    t.notOk(due.some(kept => isOnDisk(archived, kept)))
  },
)

t.test('a purge with the volumes of two purposes swapped destroys nothing', async t => {
  const { dir, archived, due } = await archive(t, 5)
  const swapped = async (right: string) => {
    const empty = join(dir, `marketing-${right.split('/').at(-1)}`)
    await cp(join(right, MARK_FILE), join(empty, MARK_FILE), { recursive: true })
    return `service=file:${empty} marketing=file:${right}`
  }
  rmSync(join(archived.keys[1]!, 'service'), { recursive: true })
  const deps = {
    ...archived.deps,
    store: await openStore(await swapped(archived.store)),
    keyStore: await openKeyStore(await swapped(archived.keys[0]!)),
  }
  t.match(await run(deps), { due: 5, destroyed: 0, missing: 5 })
  t.equal(await countEvents(due), 0)
  t.match(await run(archived.deps), { destroyed: 5, missing: 0 })
})

t.test('a recording of which only a part is found is destroyed', async t => {
  const { archived, due } = await archive(t, 5)
  const [container, mirror, day, nothing, unclear] = due as [
    ArchivedRecording,
    ArchivedRecording,
    ArchivedRecording,
    ArchivedRecording,
    ArchivedRecording,
  ]
  const pathOf = ({ object }: ArchivedRecording) => join(archived.store, object)
  const keyOf = (folder: string, { due, part }: ArchivedRecording, under = due) =>
    join(folder, 'service', under, part)
  const [first, second] = archived.keys as [string, string]
  for (const kept of [container, nothing]) for (const folder of archived.keys) rmSync(keyOf(folder, kept))
  for (const kept of [mirror, day, nothing, unclear]) rmSync(pathOf(kept))
  rmSync(keyOf(first, mirror))
  const moved = keyOf(first, day, '2027-01-01')
  mkdirSync(dirname(moved), { recursive: true })
  renameSync(keyOf(first, day), moved)
  rmSync(keyOf(second, day))
  const { store } = archived.deps
  const has = async (name: string) => {
    if (name === unclear.object) throw new AppError('store.unwritable', 'EIO')
    return store.has(name)
  }
  const deps = { ...archived.deps, store: { ...store, has, removeAll: store.removeAll.bind(store) } }
  t.match(await run(deps), { due: 5, destroyed: 4, failed: 0, missing: 1 })
  t.strictSame(await statesOf([nothing]), ['finished'])
  t.notOk(due.some(kept => isOnDisk(archived, kept)))
  t.match(await run(archived.deps, true), { destroyed: 1, missing: 0 })
})

t.test('with `lost`, recordings that no store has get an act of their own', async t => {
  const { archived, due } = await archive(t, 3)
  const [lost] = due as [ArchivedRecording, ArchivedRecording, ArchivedRecording]
  for (const folder of archived.keys) rmSync(join(folder, 'service', lost.due, lost.part))
  rmSync(join(archived.store, lost.object))
  const report = await run(archived.deps, true)
  t.match(report, { due: 3, destroyed: 3, missing: 0, acts: exactly({ destroyed: 2 }, { destroyed: 1 }) })
  const act = await db
    .selectFrom('act_item')
    .innerJoin('act', 'act.id', 'act_item.act')
    .where('act_item.recording', '=', lost.recording)
    .select(['act.id', 'act.cause', 'act.reason'])
    .executeTakeFirstOrThrow()
  t.match(act, {
    id: report!.act,
    cause: 'term',
    reason: /expired; they were found in no store, and are lost/,
  })
  t.equal(await countEvents(due), 3)
  const [usual] = report!.acts
  t.match(await shown(usual!.act), /the file with the encryption key of each recording was overwritten/)
  const page = await shown(act.id)
  t.match(page, /none: neither the key nor the encrypted file .* was found/, 'it claims no method')
  t.notMatch(page, /was overwritten/)
  const [closed] = await db
    .selectFrom('event')
    .where('type', '=', 'act.closed')
    .where(sql`data ->> 'act'`, '=', act.id)
    .select('data')
    .execute()
  t.match(closed!.data, { lost: true })
})

t.test('a withdrawn recording may be removed before anything is written', async t => {
  const { dir, archived, due } = await archive(t, 2)
  const away = await elsewhere(archived, dir)
  const [one, other] = due as [ArchivedRecording, ArchivedRecording]
  const destroy = (cause: 'withdrawal' | 'erasure', { recording }: ArchivedRecording) =>
    destroyRecordings(away, { cause, reason: 'taken back', by: 'consentry' }, [[recording]])
  const withdraw = ({ call }: ArchivedRecording) =>
    archived.deps.journal.append(
      [event('consent.withdrawn', call, Date.now(), { purposes: ['service'], keep: false })],
      10_000,
    )
  await withdraw(one)
  t.match(await destroy('withdrawal', one), { destroyed: 1, missing: none })
  t.match(await destroy('erasure', other), { destroyed: 0, missing: exactly(other.recording) })
  await withdraw(other)
  t.match(await destroy('erasure', other), { destroyed: 1, missing: none }, 'whoever asks for it then')
})

t.test('a recording that another run destroys between two searches is not missing', async t => {
  const { archived, due } = await archive(t, 1)
  const what = { cause: 'erasure', reason: 'asked', by: 'olga' } as const
  const { store } = archived.deps
  const ids = [due.map(({ recording }) => recording)]
  const has = async (name: string) => {
    t.match(await destroyRecordings(archived.deps, what, ids), { destroyed: 1, missing: none })
    return store.has(name)
  }
  t.match(await run({ ...archived.deps, store: { ...store, has } }), { destroyed: 0, failed: 0, missing: 0 })
  t.equal(await countEvents(due), 1)
})

t.test('an act that was begun is finished, even if no store has anything of its recordings', async t => {
  const { archived, due } = await archive(t, 2)
  const { journal } = archived.deps
  const cut: PurgeDeps = {
    ...archived.deps,
    journal: { note: () => {}, append: () => Promise.reject(new AppError('journal.refused', 'cut off')) },
  }
  await t.rejects(run(cut), { code: 'journal.refused' })
  t.notOk(due.some(kept => isOnDisk(archived, kept)))
  t.strictSame(await statesOf(due), ['destroying', 'destroying'])
  t.match(await run({ ...archived.deps, journal }), { destroyed: 2, missing: 0 })
})
