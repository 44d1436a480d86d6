// Real: PostgreSQL, journal, transparency log, stores, sealed containers, ZIP, both verifiers, Debian's Python. Fake: none.
// Long: four times as many changed files.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { decodeG711 } from '../../../lab/audio/g711.js'
import { Secret } from '../../../src/core/secret.js'
import { type Connection, connect } from '../../../src/db/connection.js'
import type { Database } from '../../../src/db/database.js'
import { verifyLog } from '../../../src/log/verify/verify-log.js'
import { exportPerson } from '../../../src/rights/export-person.js'
import { unzip } from '../../support/assertions/unzip.js'
import { person } from '../../support/data/actors.js'
import { mutate, mutations } from '../../support/fuzz/mutations.js'
import { fuzzRuns } from '../../support/fuzz/seeded.js'
import { sealCall, startArchiveSetup } from '../../support/processes/archive-setup.js'
import { python } from '../../support/processes/python.js'
import { listFiles } from '../../support/processes/recorder-setup.js'
import { judge, verify } from '../../support/processes/second-verifier.js'
import { journalAndLog, logSettingsIn, someEvents, updateLog } from '../../support/processes/tlog.js'

/** Changed files of the log. Each is verified twice with a real database. */
const CHANGED = fuzzRuns(40, 160)

const place = await startArchiveSetup(t)
const { deps, logSetup, identity, store } = place
const settings = logSettingsIn(logSetup.dir)
const out = t.testdir({ 'identity.json': identity })
const talk = await sealCall(place, '+7201')
// Two tiles of leaves, and one above them. Each changed file costs a walk over all leaves.
await journalAndLog(logSetup.url(), settings, someEvents(265))
const key = (await readFile(join(settings.dir, 'key.pub'), 'utf8')).trim()
const rows = join(out, 'events.jsonl')
const personal = join(out, 'personal.jsonl')
const owner = await logSetup.superuser()
t.teardown(() => owner.close())

/** Writes the rows as `psql -XAtc` prints them with PGTZ=UTC. */
async function exportRows() {
  await owner.query(`set timezone to 'UTC'`)
  for (const [path, query] of [
    [rows, 'select row_to_json(event)::text as row from event order by id'],
    [personal, 'select row_to_json(event_personal)::text as row from event_personal'],
  ] as const) {
    const { rows: lines } = await owner.query<{ row: string }>(query)
    await writeFile(path, lines.map(({ row }) => `${row}\n`).join(''))
  }
}
await exportRows()

t.test('a copy for a person has the verifier, which verifies its receipts without this program', async t => {
  const log = { dir: settings.dir, keyFile: '', origin: '', witness: undefined, timestamps: undefined }
  const config = { identities: new Secret(identity), log, operator: undefined }
  const file = join(out, 'copy.zip')
  const request = { number: '+7201', file, recipients: [], purposes: [], reason: 'asked in writing' }
  await exportPerson({ ...deps, config }, person('officer'), request)
  const folder = join(out, 'copy')
  for (const [name, bytes] of await unzip(await readFile(file))) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), bytes)
  }
  const documents = (await readdir(join(folder, 'receipts'))).map(name => join(folder, 'receipts', name))
  t.equal(documents.length, 2)
  for (const path of documents) {
    t.match(await verify('receipt', path, '--key', key), { code: 0, out: /Holds\.\n$/ })
    const forged = join(out, 'forged.json')
    await writeFile(forged, (await readFile(path, 'utf8')).replaceAll('"granted"', '"refused"'))
    t.match(await verify('receipt', forged, '--key', key), { code: 1, err: /Does not hold/ })
  }
  const handed = await readdir(join(folder, 'verify'))
  t.ok(handed.includes('__main__.py') && handed.includes('README.md') && !handed.includes('batch.py'))
  const { program } = await python()
  t.ok(program, 'it runs on Debian alone')
})

t.test('a container opens to the audio of the call', async t => {
  const files = await listFiles(logSetup.dir)
  const container = files.find(path => path.startsWith(store) && path.includes(talk.part!))!
  const keyFile = files.find(path => path.endsWith(`/${talk.part}`))!
  const wav = join(out, 'part.wav')
  const opening = ['--key-file', keyFile, '--identity', join(out, 'identity.json'), '--wav', wav]
  t.match(await verify('container', container, ...opening), { code: 0, out: /the file is whole/ })
  const [left, right] = talk.spoken.map(bytes => decodeG711(bytes, 'alaw')) as [Int16Array, Int16Array]
  const frames = Array.from({ length: left.length }, (_, i) => [left[i]!, right[i] ?? 0]).flat()
  t.ok((await readFile(wav)).subarray(44).equals(Buffer.from(Int16Array.from(frames).buffer)))
})

t.test('the log and all rows hold, and a changed row or personal part is found', async t => {
  const log = ['log', settings.dir, '--key', key, '--anchors', join(settings.dir, 'checkpoints.txt')]
  const withRows = [...log, '--events', rows, '--personal', personal]
  t.match(await verify(...withRows), {
    code: 0,
    out: /leaves hold\.\n\d+ of \d+ events are as they were logged/,
  })
  const changes: [string, RegExp][] = [
    [`update event set data = data || '{"attempt": 9}' where id = 40`, /event 40 is not what was logged/],
    [`update event set at = at + interval '1 microsecond' where id = 41`, /event 41 is not what was logged/],
    [`delete from event where id = 42`, /event 43 is not what was logged/],
    [
      `update event_personal set data = '{"caller": "+1"}' where event = (select uuid from event where personal_hash is not null limit 1)`,
      /the personal part of event/,
    ],
  ]
  for (const [change, words] of changes) {
    await owner.query('begin')
    await owner.query(change)
    await exportRows()
    await owner.query('rollback')
    t.match(await verify(...withRows), { code: 1, err: words }, change)
  }
  await exportRows()
})

/** A database whose connections are opened once: each verification begins a transaction on one, and closing it ends that. */
function keptConnections(url: string): Database {
  const idle: Connection[] = []
  t.teardown(() => Promise.all(idle.map(connection => connection.close())))
  const open = async (): Promise<Connection> => {
    const connection = idle.pop() ?? (await connect(url, 'verify'))
    const close = async () => {
      await connection.query('rollback')
      idle.push(connection)
    }
    return { ...connection, close }
  }
  return { connect: open } as unknown as Database
}

t.test('tiles and checkpoints: both verifiers accept and refuse the same', async t => {
  // The copy of the first test is in the journal, too.
  await updateLog(logSetup.url(), settings)
  await exportRows()
  const files = (await listFiles(settings.dir)).map(path => relative(settings.dir, path)).sort()
  t.ok(files.includes('tile/1/000.p/1') && files.includes('tile/entries/000'))
  const db = keptConnections(logSetup.url())
  const changes = fc.sample(fc.tuple(fc.nat(files.length - 1), mutations), CHANGED)
  const cases = []
  // One folder is not changed.
  for (const [which, all] of [[0, []] as const, ...changes]) {
    const name = files[which]!
    const path = join(settings.dir, name)
    const whole = await readFile(path)
    const changed = mutate(whole, all)
    await writeFile(path, changed)
    const { faults } = await verifyLog({ db, dir: settings.dir, key })
    await writeFile(path, whole)
    const asked = {
      kind: 'log',
      folder: settings.dir,
      key,
      events: rows,
      changed: { [name]: changed.toString('base64') },
    }
    cases.push({ asked, name, ours: faults.map(({ kind, where }) => `${kind} ${where}`) })
  }
  const theirs = await judge(cases.map(({ asked }) => asked))
  const differing = cases.filter(({ ours }, i) => (ours.length === 0) !== theirs[i])
  t.strictSame(
    differing.map(({ name, ours, asked }) => [
      name,
      ours,
      Buffer.from(asked.changed[name]!, 'base64').subarray(0, 99).toString(),
    ]),
    [],
    `${differing.length} of ${cases.length} verdicts differ`,
  )
  t.ok(theirs.includes(false) && theirs.includes(true))
})
