// Real: PostgreSQL, files of the transparency log, the HTTP server. Fake: none.
import { cp, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { codeOf } from '../../../src/core/errors.js'
import type { EventId } from '../../../src/core/ids.js'
import { newEventId } from '../../../src/core/ids.js'
import { openDatabase } from '../../../src/db/database.js'
import { startJournal } from '../../../src/journal/journal.js'
import { KEY_FILE } from '../../../src/log/folder-keys.js'
import { LogFiles } from '../../../src/log/log-files.js'
import { CHECKPOINTS_FILE } from '../../../src/log/log-folder.js'
import { checkpointOf } from '../../../src/log/notes/checkpoint.js'
import { parseNote, parseVerifier, verifies } from '../../../src/log/notes/note.js'
import { proveEvents } from '../../../src/log/prove.js'
import { startLog } from '../../../src/log/start-log.js'
import { decodeBundle } from '../../../src/log/tree/bundle.js'
import { leafHash, toHash } from '../../../src/log/tree/hash.js'
import { consistencyRanges, isConsistent, rootFromInclusion } from '../../../src/log/tree/proof.js'
import { decodeTile } from '../../../src/log/tree/tile.js'
import { TreeHashes } from '../../../src/log/tree/tree-hashes.js'
import { startServer } from '../../../src/main/http/server.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { silent, until } from '../../support/processes/database.js'
import {
  faultLines,
  journalAndLog,
  logSettingsIn,
  ORIGIN,
  someEvents,
  startLogSetup,
  updateLog,
  verifyDatabase,
} from '../../support/processes/tlog.js'

/** How soon after its commit an event is in the log, ms: docs/architecture.md. */
const LOGGED_MS = 1_000
/** Events that are timed. A busy machine delays some of them. A log that is too slow delays all, so that the quickest decides. */
const COMMITS = 5
/** Events in the log before and after the timed ones. */
const [EVENTS, SIZE] = [600, 600 + COMMITS]

const home = await startLogSetup(t)
const settings = logSettingsIn(join(home.dir, 'one'))
const server = await home.superuser('postgres')
await server.query('create database fresh template consentry')
await server.close()
const events = someEvents(EVENTS)
await journalAndLog(home.url(), settings, events)
const db = openDatabase(home.url(), CONNECTION_LIMIT_MS)
t.teardown(() => db.close())

t.test('committed events are in the log within a second, under a signed checkpoint', async t => {
  const log = startLog(settings, home.url(), silent)
  t.teardown(() => log.stop())
  await until(() => log.state.size === EVENTS)
  const journal = startJournal(home.url(), silent)
  t.teardown(() => journal.stop())
  let quickest = Number.POSITIVE_INFINITY
  for (let size = EVENTS + 1; size <= SIZE; size++) {
    await journal.append(someEvents(1), 60_000)
    const committed = performance.now()
    await until(() => log.state.size === size)
    quickest = Math.min(quickest, performance.now() - committed)
  }
  t.ok(
    quickest <= LOGGED_MS,
    `the quickest of ${COMMITS} events is in the log after ${Math.round(quickest)} ms`,
  )
  const note = (await log.files.checkpoint())!
  const verifier = parseVerifier(await readFile(join(settings.dir, KEY_FILE), 'utf8'))!
  t.ok(verifies(parseNote(note)!, verifier))
  t.equal(checkpointOf(note)!.origin, ORIGIN)
  t.ok((await readFile(join(settings.dir, CHECKPOINTS_FILE), 'utf8')).endsWith(`${note}\n`))
  t.equal((await stat(settings.keyFile)).mode & 0o777, 0o600, 'only its owner reads the key')
})

t.test('an event is proved by its leaf, which has no personal data', async t => {
  const ids = [0, 5, 255, 256, 599].map(i => events[i]!.id)
  const proof = await proveEvents(db, settings.dir, ids)
  const head = checkpointOf(proof.checkpoint)!
  t.equal(proof.events.length, ids.length, 'every event has a proof')
  for (const { leaf, index, path } of proof.events) {
    const hashes = path.map(hash => toHash(Buffer.from(hash, 'base64')))
    t.equal(rootFromInclusion(leafHash(leaf), index, head.size, hashes), head.root)
    t.notMatch(leaf, /79001234567/)
  }
  t.match(proof.events[0]!.leaf, /"personal":"[0-9a-f]{64}"/)
  const unknown = await proveEvents(db, settings.dir, [newEventId() as EventId]).catch(codeOf)
  t.equal(unknown, 'not-found')
})

t.test('every checkpoint extends every earlier one, by the tiles on disk', async t => {
  const files = new LogFiles(settings.dir)
  const hashes = new TreeHashes(files, SIZE)
  const root = await hashes.hashOf({ from: 0, to: SIZE })
  t.equal(root, checkpointOf((await files.checkpoint())!)!.root)
  for (const earlier of [1, 2, 255, 256, 257, 512, 600]) {
    const old = await hashes.hashOf({ from: 0, to: earlier })
    t.ok(isConsistent(earlier, old, SIZE, root, await hashes.hashesOf(consistencyRanges(earlier, SIZE))))
  }
})

t.test('erasing a person does not change the log', async t => {
  await db.deleteFrom('event_personal').where('event', '=', events[0]!.id).execute()
  t.strictSame(faultLines(await verifyDatabase(home.url(), settings.dir)), [])
})

t.test(
  'a second service follows into a folder of its own, and carries on with a copy of the key',
  async t => {
    const other = logSettingsIn(join(home.dir, 'two'))
    await updateLog(home.url(), other)
    const read = (dir: string, file: string) => readFile(join(dir, file), 'utf8')
    for (const file of ['checkpoint', CHECKPOINTS_FILE, KEY_FILE, 'tile/entries/001', 'tile/1/000.p/2'])
      t.equal(await read(other.dir, file), await read(settings.dir, file), file)
    t.equal(await stat(other.keyFile).catch(({ code }) => code), 'ENOENT', 'it makes no key of its own')

    const journal = startJournal(home.url(), silent)
    await journal.append(someEvents(2), 60_000)
    await journal.stop()
    const follower = startLog(other, home.url(), silent)
    await until(() => follower.state.size === SIZE)
    await follower.stop()
    t.notOk(follower.state.signs)
    t.equal(follower.state.size, SIZE, 'without the key it signs nothing')

    await cp(settings.keyFile, other.keyFile)
    await updateLog(home.url(), other)
    t.equal(checkpointOf(await read(other.dir, 'checkpoint'))!.size, SIZE + 2)
    await updateLog(home.url(), settings)
    t.equal(await read(other.dir, CHECKPOINTS_FILE), await read(settings.dir, CHECKPOINTS_FILE))
  },
)

t.test('services that start together create one log', async t => {
  const places = ['a', 'b', 'c', 'd'].map(name => logSettingsIn(join(home.dir, name)))
  const journal = startJournal(home.url('fresh'), silent)
  const logs = places.map(place => startLog(place, home.url('fresh'), silent))
  journal.note(...someEvents(50))
  await journal.stop()
  await until(() => logs.every(log => log.state.size === 50))
  await Promise.all(logs.map(log => log.stop()))
  t.equal(logs.filter(log => log.state.signs).length, 1, 'the one that was first has the key')
  const keys = await Promise.all(places.map(({ dir }) => readFile(join(dir, KEY_FILE), 'utf8')))
  t.equal(new Set(keys).size, 1)
  t.strictSame(faultLines(await verifyDatabase(home.url('fresh'), places[3]!.dir)), [])
})

t.test('lost or torn files are rebuilt from the journal', async t => {
  const tile = join(settings.dir, 'tile')
  const before = await readFile(join(tile, '0/000'))
  await rm(tile, { recursive: true })
  await updateLog(home.url(), settings)
  t.ok(before.equals(await readFile(join(tile, '0/000'))))
  t.strictSame(faultLines(await verifyDatabase(home.url(), settings.dir)), [])
  await rm(settings.dir, { recursive: true })
  await updateLog(home.url(), settings)
  t.strictSame(faultLines(await verifyDatabase(home.url(), settings.dir)), [])
})

t.test('the service publishes the log over HTTP', async t => {
  const files = new LogFiles(settings.dir)
  const metrics = { contentType: 'text/plain', text: async () => '' }
  const health = { parts: () => ({}), figures: () => ({}), metrics, log: files }
  const server = await startServer({ host: '127.0.0.1', port: 0 }, health)
  t.teardown(() => server.close())
  const get = (path: string) => fetch(`${server.url}/log/${path}`)
  const checkpoint = await get('checkpoint')
  t.equal(checkpoint.headers.get('content-type'), 'text/plain; charset=utf-8')
  t.equal(await checkpoint.text(), await files.checkpoint())
  const tile = await get('tile/0/001')
  t.equal(tile.headers.get('content-type'), 'application/octet-stream')
  t.match(tile.headers.get('cache-control'), /immutable/)
  const hashes = decodeTile(Buffer.from(await tile.arrayBuffer()))
  t.equal(hashes.length, 256)
  const bundle = decodeBundle(Buffer.from(await (await get('tile/entries/001')).arrayBuffer()))
  t.strictSame(bundle.map(leafHash), hashes, 'each entry hashes to its leaf')
  const narrow = decodeTile(Buffer.from(await (await get('tile/0/002.p/7')).arrayBuffer()))
  t.equal(narrow.length, 7, 'a partial tile of an earlier checkpoint is cut from the present one')
  for (const path of [
    'tile/0/009',
    'tile/0/002.p/255',
    'tile/7/000',
    'tile/0/..%2f..%2fcheckpoint',
    'key.pub',
  ])
    t.equal((await get(path)).status, 404, path)
})
