// Real: PostgreSQL and a copy of its cluster, the stores and a copy of the containers, the destruction. Fake: none.
// The copy of the cluster holds more than any dump. The identity is at hand throughout.
import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { codeOf } from '../../../src/core/errors.js'
import { event } from '../../../src/core/events.js'
import type { RecordingId } from '../../../src/core/ids.js'
import { type Database, openDatabase } from '../../../src/db/database.js'
import { startEmbedded } from '../../../src/db/embedded.js'
import { migrate } from '../../../src/db/migrate.js'
import { destroyRecordings } from '../../../src/recordings/destroy/destroy.js'
import { withParts } from '../../../src/recordings/open/find-parts.js'
import { decodeLegs } from '../../../src/recordings/open/open-recording.js'
import { openStore } from '../../../src/vault/store/store.js'
import { listFilesBelow, searchFiles } from '../../support/assertions/search-files.js'
import { type Archive, openArchive } from '../../support/data/archive.js'
import { type ArchiveSetup, sealCall } from '../../support/processes/archive-setup.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { scratch, silent } from '../../support/processes/database.js'
import { keyPair } from '../../unit/vault/fixture.js'

const dir = await scratch(t)
const places = { live: join(dir, 'live'), copy: join(dir, 'copy') }
const pairs = ['service', 'marketing'].map(keyPair)
const identities = pairs.flatMap(pair => pair.identities)

/** PostgreSQL on a folder of its own, with store and key store. */
async function open(place: string): Promise<{ archive: Archive; db: Database; close(): Promise<void> }> {
  const server = await startEmbedded({ dir: join(place, 'postgres'), log: silent })
  await migrate(server.adminUrl, { service: 'consentry' })
  const db = openDatabase(server.url, CONNECTION_LIMIT_MS)
  const archive = await openArchive(place, db, server.url)
  const close = async () => {
    await archive.deps.journal.stop()
    await db.close()
    await server.stop()
  }
  return { archive, db, close }
}

const recordings: Record<'term' | 'erasure' | 'withdrawal' | 'kept', RecordingId[]> = {
  term: [],
  erasure: [],
  withdrawal: [],
  kept: [],
}

const live = await open(places.live)
for (const ids of Object.values(recordings)) {
  for (let i = 0; i < 3; i++) {
    const recipients = pairs.flatMap(pair => pair.recipients)
    const placed = await sealCall({ deps: live.archive.deps, recipients } as ArchiveSetup, '+79001234567')
    ids.push(placed.recordings['service']!)
  }
}
const parts = await live.db.selectFrom('part').select(['id', 'recording_id', 'object']).execute()

/** The sealed key of each part, as bytes of its key file. */
const sealedKeys = await Promise.all(
  parts.map(async ({ id }) => {
    const { deps } = live.archive
    const file = (await deps.keyStore.get((await deps.keyStore.find(id))!)).toString()
    return { name: id, bytes: Buffer.from(JSON.parse(file).keys[0].sealed.slice(0, 40)) }
  }),
)
await live.close()
await cp(join(places.live, 'postgres'), join(places.copy, 'postgres'), { recursive: true })
await cp(join(places.live, 'store'), join(places.copy, 'store'), { recursive: true })

const now = await open(places.live)
const copy = await open(places.copy)
t.teardown(async () => {
  await now.close()
  await copy.close()
})
/** A person with the copies and the identity, who can still read the key store. */
const { keyStore } = now.archive.deps
const kept = { db: copy.db, store: await openStore(`file:${join(places.copy, 'store')}`), keyStore }
const opening = (ids: RecordingId[]) =>
  Promise.all(
    ids.map(id =>
      withParts(kept, id, parts => decodeLegs(parts, identities)).then(
        ({ seconds }) => (seconds > 0 ? 'opened' : 'empty'),
        codeOf,
      ),
    ),
  )

t.test('the copies open before the destruction', async t => {
  for (const [why, ids] of Object.entries(recordings))
    t.strictSame(await opening(ids), ['opened', 'opened', 'opened'], why)
})

t.test('neither the database nor the containers ever held a key', async t => {
  const files = [
    ...(await listFilesBelow(places.copy)),
    ...(await listFilesBelow(join(places.live, 'postgres'))),
  ]
  t.ok(files.length > 500, `${files.length} files`)
  t.strictSame(await searchFiles(files, sealedKeys), [])
  t.equal(
    (await searchFiles(await listFilesBelow(join(places.live, 'keys')), sealedKeys)).length,
    sealedKeys.length,
    'they are found where they are',
  )
})

/** Journals that the callers of these recordings withdrew. */
async function withdraw(ids: RecordingId[]): Promise<void> {
  const { db, journal } = now.archive.deps
  const rows = await db
    .selectFrom('recording')
    .where('id', 'in', ids)
    .select(['call_id', 'purpose'])
    .execute()
  const events = rows.map(({ call_id, purpose }) =>
    event('consent.withdrawn', call_id, Date.now(), { purposes: [purpose as 'service'], keep: false }),
  )
  await journal.append(events, 10_000)
}

for (const cause of ['term', 'erasure', 'withdrawal'] as const) {
  t.test(`destroyed by ${cause}, a recording opens from no earlier copy`, async t => {
    const ids = recordings[cause]
    if (cause === 'withdrawal') await withdraw(ids)
    const { destroyed, failed } = await destroyRecordings(
      now.archive.deps,
      { cause, reason: 'test', by: 'tester' },
      [ids],
    )
    t.strictSame([destroyed, failed], [3, []])
    for (const id of ids) {
      const { object } = parts.find(({ recording_id }) => recording_id === id)!
      t.ok((await readFile(kept.store.locate(object))).length > 30_000, 'the container is there, whole')
    }
    t.strictSame(await opening(ids), ['key.missing', 'key.missing', 'key.missing'])
  })
}

t.test('no remaining key opens a destroyed recording', async t => {
  const left: Buffer[] = []
  for await (const ref of keyStore.list()) left.push(await keyStore.get(ref))
  t.equal(left.length, 3)
  const gone = [...recordings.term, ...recordings.erasure, ...recordings.withdrawal]
  for (const id of gone) {
    const { object } = parts.find(({ recording_id }) => recording_id === id)!
    for (const wrappedKey of left) {
      const source = await kept.store.open(object)
      const outcome = await decodeLegs([{ source, wrappedKey }], identities).then(() => 'opened', codeOf)
      await source.close()
      t.equal(outcome, 'key.refused')
    }
  }
  const remains = await searchFiles(await listFilesBelow(dir), sealedKeys)
  const names = new Set(remains.map(found => found.slice(0, 36)))
  const keptParts = parts
    .filter(({ recording_id }) => recordings.kept.includes(recording_id))
    .map(({ id }) => id)
  t.strictSame([...names].sort(), keptParts.sort(), 'no file holds a destroyed key')
  t.strictSame(await opening(recordings.kept), ['opened', 'opened', 'opened'], 'what is kept opens')
})
