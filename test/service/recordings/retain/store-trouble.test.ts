// Real: PostgreSQL, journal, key store with two mirrors, disk store. Fake: the content of containers and keys, the refusals.
import { mkdirSync, rmdirSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { AppError } from '../../../../src/core/errors.js'
import { type PurgeDeps, runPurge } from '../../../../src/recordings/retain/run-purge.js'
import type { KeyStore } from '../../../../src/vault/keys/key-store.js'
import type { ObjectStore } from '../../../../src/vault/store/store.js'
import {
  type Archive,
  type ArchivedRecording,
  fillArchive,
  hasKey,
  isOnDisk,
  openArchive,
} from '../../../support/data/archive.js'
import { scratch, testDatabase } from '../../../support/processes/database.js'

const { db, server } = await testDatabase(t)
const AT = Date.parse('2026-03-03T00:00:00Z')
const run = (deps: PurgeDeps) => runPurge(deps, { at: AT, by: 'consentry' })

async function archive(t: Test): Promise<Archive> {
  const opened = await openArchive(await scratch(t), db, server.url)
  t.teardown(() => opened.deps.journal.stop())
  return opened
}

const refusal = () => new AppError('store.unwritable', 'refused', { retryable: true })

/** Puts a folder in place of a file. Not even root can overwrite or unlink it. */
function obstruct(path: string): () => void {
  unlinkSync(path)
  mkdirSync(path)
  return () => rmdirSync(path)
}

t.test('a refusal of a store is tried again in the same run', async t => {
  const archived = await archive(t)
  const due = await fillArchive(archived, server.adminUrl, { count: 20 })
  const { keyStore, store } = archived.deps
  const refused = new Set<string>()
  const first = (name: string) => !refused.has(name) && refused.add(name)
  const moody: Partial<KeyStore> = {
    find: part => keyStore.find(part),
    async destroyAll(refs) {
      const refusing = refs.filter(({ part }, i) => i % 4 === 0 && first(part))
      const { absent, failed } = await keyStore.destroyAll(refs.filter(ref => !refusing.includes(ref)))
      for (const ref of refusing) failed.set(ref, refusal())
      return { absent, failed }
    },
  }
  const moodyStore: Partial<ObjectStore> = {
    location: store.location,
    has: name => store.has(name),
    async removeAll(names) {
      const refusing = names.filter((name, i) => i % 5 === 0 && first(name))
      const failed = await store.removeAll(names.filter(name => !refusing.includes(name)))
      for (const name of refusing) failed.set(name, refusal())
      return failed
    },
  }
  const deps = { ...archived.deps, keyStore: moody as KeyStore, store: moodyStore as ObjectStore }
  t.match(await run(deps), { due: 20, destroyed: 20, failed: 0, number: 1, acts: { length: 1 } })
  t.ok(refused.size > 5)
  t.notOk(due.some(kept => isOnDisk(archived, kept)))
})

t.test(
  'a recording that a store keeps refusing is reported as failed, and the next run finishes it in the same act',
  async t => {
    const archived = await archive(t)
    const due = await fillArchive(archived, server.adminUrl, { count: 10 })
    const [one, other, ...rest] = due as [ArchivedRecording, ArchivedRecording, ...ArchivedRecording[]]
    const clear = [
      obstruct(join(archived.store, one.object)),
      obstruct(join(archived.keys[1]!, 'service', other.due, other.part)),
    ]
    const first = await run(archived.deps)
    t.match(first, { due: 10, destroyed: 8, failed: 2, number: null })
    t.notOk(rest.some(kept => isOnDisk(archived, kept)))
    t.notOk(hasKey(archived, one), 'where only the container is left, it opens no more')
    t.ok(isOnDisk(archived, other), 'where a mirror may have the key, the container stays')
    const rows = await db
      .selectFrom('recording')
      .where('id', 'in', [one.recording, other.recording])
      .select(['state', 'act'])
      .execute()
    const begun = { state: 'destroying', act: first!.act }
    t.strictSame(rows, [begun, begun])

    for (const free of clear) free()
    const second = await run(archived.deps)
    t.match(second, { due: 2, destroyed: 2, failed: 0, act: first!.act, number: 2 })
    t.notOk(due.some(kept => isOnDisk(archived, kept)))
    const items = await db.selectFrom('act_item').where('act', '=', first!.act!).select('recording').execute()
    t.equal(items.length, 10)
  },
)

t.test('if the journal does not confirm an event, the journal still has the event only once', async t => {
  const archived = await archive(t)
  const due = await fillArchive(archived, server.adminUrl, { count: 5 })
  const { journal } = archived.deps
  const deps: PurgeDeps = {
    ...archived.deps,
    journal: {
      note: () => {},
      async append(events, timeoutMs) {
        await journal.append(events, timeoutMs)
        if (events[0]?.type === 'recording.destroyed') throw new AppError('journal.timeout', 'not confirmed')
      },
    },
  }
  t.match(await run(deps), { due: 5, destroyed: 5, failed: 0, number: 3 })
  const calls = due.map(({ call }) => call)
  const events = await db
    .selectFrom('event')
    .where('call_id', 'in', calls)
    .where('type', '=', 'recording.destroyed')
    .select('id')
    .execute()
  t.equal(events.length, 5)
})
