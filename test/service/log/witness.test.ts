// Real: PostgreSQL, transparency log, the witness with its files and its HTTP server. Fake: the log of the second test.
// That log signs whatever it is told to sign.
import { createHash, generateKeyPairSync } from 'node:crypto'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { openDatabase } from '../../../src/db/database.js'
import { LogFiles } from '../../../src/log/log-files.js'
import { checkpointOf, checkpointText } from '../../../src/log/notes/checkpoint.js'
import { createSigningKey, readSigningKey, type SigningKey } from '../../../src/log/notes/log-key.js'
import {
  COSIGNATURE,
  cosign,
  parseNote,
  parseVerifier,
  signatureLine,
  signBytes,
  verifies,
} from '../../../src/log/notes/note.js'
import { requireMemory, WitnessBook } from '../../../src/log/notes/witness.js'
import { startLog } from '../../../src/log/start-log.js'
import { type Hash, leafHash, toBytes, toHash } from '../../../src/log/tree/hash.js'
import { consistencyRanges } from '../../../src/log/tree/proof.js'
import { startWitnessServer } from '../../../src/log/witness-server.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { silent, until } from '../../support/processes/database.js'
import {
  faultLines,
  journalAndLog,
  logSettingsIn,
  ORIGIN,
  someEvents,
  startLogSetup,
  verifyDatabase,
} from '../../support/processes/tlog.js'
import { NaiveTree } from '../../unit/log/naive-tree.js'

const NAME = 'witness.example.org/w1'
const home = await startLogSetup(t)

/** A witness of some logs, opened on its folder. */
async function witnessOf(dir: string, logs: string[], known?: SigningKey) {
  const key = known ?? (await createSigningKey(join(dir, 'witness.key'), NAME, COSIGNATURE))
  const book = new WitnessBook({ dir, name: NAME, key, logs: logs.map(log => parseVerifier(log)!) })
  const server = await startWitnessServer({ host: '127.0.0.1', port: 0 }, book)
  t.teardown(() => server.close())
  return {
    url: server.url,
    key: key.verifier,
    book,
    again: () => new WitnessBook({ dir, name: NAME, key, logs: logs.map(log => parseVerifier(log)!) }),
  }
}

t.test('a growing log is cosigned, and a fork or roll-back is not', async t => {
  const settings = logSettingsIn(home.dir)
  await journalAndLog(home.url(), settings, someEvents(300))
  const server = await home.superuser('postgres')
  for (const name of ['older', 'fork']) await server.query(`create database ${name} template consentry`)
  await server.close()
  for (const name of ['older', 'fork']) {
    const copy = logSettingsIn(join(home.dir, name))
    await cp(settings.dir, copy.dir, { recursive: true })
    await cp(settings.keyFile, copy.keyFile)
  }
  const log = (await readFile(join(settings.dir, 'key.pub'), 'utf8')).trim()
  const witness = await witnessOf(join(home.dir, 'witness'), [log])
  const watched = { witness: { url: witness.url, key: witness.key } }
  const verifier = parseVerifier(witness.key)!
  const hash = createHash('sha256').update(ORIGIN).digest('hex')
  const seen = async () => (await fetch(`${witness.url}/${hash}/checkpoint`)).text()

  t.equal((await fetch(`${witness.url}/${hash}/checkpoint`)).status, 404)
  for (const count of [1, 250, 3])
    await journalAndLog(home.url(), { ...settings, ...watched }, someEvents(count))
  const note = parseNote(await seen())!
  t.equal(checkpointOf(await seen())!.size, 554)
  t.ok(verifies(note, verifier) && verifies(note, parseVerifier(log)!))
  const db = openDatabase(home.url(), CONNECTION_LIMIT_MS)
  const lines = await db.selectFrom('log_cosignature').select(['size', 'line']).orderBy('size').execute()
  await db.close()
  t.same(lines.at(-1)?.size, 554)
  t.ok(
    note.signatures.some(({ line }) => line === lines.at(-1)!.line),
    'the database has the cosignature',
  )
  t.match(await new LogFiles(settings.dir).checkpoint(), NAME, 'and what is published')

  const witnessed = [{ note: await seen(), where: 'witness' }]
  t.strictSame(faultLines(await verifyDatabase(home.url(), settings.dir, { witnessed })), [])
  const expected = { fork: /forked/, older: /rolled back/ }
  for (const [name, count, fault] of [
    ['older', 3, 'rolled-back: witness 554'],
    ['fork', 300, 'forked: witness 554'],
  ] as const) {
    const copy = { ...logSettingsIn(join(home.dir, name)), ...watched }
    await journalAndLog(home.url(name), logSettingsIn(join(home.dir, name)), someEvents(count))
    const other = startLog(copy, home.url(name), silent)
    await until(() => other.state.witness !== undefined)
    await other.stop()
    t.match(other.state.witness, expected[name], `${name}: the log says so`)
    t.strictSame(faultLines(await verifyDatabase(home.url(name), copy.dir, { witnessed })), [fault])
  }
  t.equal(checkpointOf(await seen())!.size, 554, 'the witness stays with what it has cosigned')
})

t.test('a fork that both keys signed is found by any copy of a checkpoint of the other history', async t => {
  const copy = logSettingsIn(join(home.dir, 'fork'))
  const log = (await readFile(join(copy.dir, 'key.pub'), 'utf8')).trim()
  // The holder of the witness's key lets it forget what it has cosigned.
  const key = await readSigningKey(join(home.dir, 'witness', 'witness.key'), NAME, COSIGNATURE)
  const witness = await witnessOf(join(home.dir, 'forgetful'), [log], key)
  const watched = { ...copy, witness: { url: witness.url, key: witness.key } }
  await journalAndLog(home.url('fork'), watched, someEvents(1))
  const published = (await new LogFiles(copy.dir).checkpoint())!
  t.ok(verifies(parseNote(published)!, parseVerifier(witness.key)!), 'the witness cosigned it')
  const options = { key: log, witnessKeys: [witness.key] }
  t.strictSame(
    faultLines(await verifyDatabase(home.url('fork'), copy.dir, options)),
    [],
    'by itself it holds',
  )
  // Such as the checkpoint of a receipt that a caller was given.
  const kept = join(home.dir, 'kept.txt')
  await writeFile(kept, `${(await new LogFiles(logSettingsIn(home.dir).dir).checkpoint())!}\n`)
  t.strictSame(
    faultLines(await verifyDatabase(home.url('fork'), copy.dir, { ...options, checkpointFiles: [kept] })),
    ['forked: kept.txt 554'],
  )
})

t.test('requests are answered as in the specification', async t => {
  const key = await createSigningKey(join(home.dir, 'made-up.key'), ORIGIN)
  const stranger = await createSigningKey(join(home.dir, 'stranger.key'), ORIGIN)
  const tree = new NaiveTree(Array.from({ length: 20 }, (_, i) => `leaf ${i}`))
  const sign = (size: number, root: Hash = tree.mth(0, size), by = key, origin = ORIGIN) => {
    const text = checkpointText({ origin, size, root })
    return `${text}\n${signatureLine(parseVerifier(by.verifier)!, signBytes(by.secret, text))}`
  }
  const proof = (old: number, size: number) =>
    consistencyRanges(old, size).map(({ from, to }) => tree.mth(from, to))
  const body = (old: number, note: string, hashes: Hash[] = []) =>
    `old ${old}\n${hashes.map(hash => `${toBytes(hash).toString('base64')}\n`).join('')}\n${note}`
  const witness = await witnessOf(join(home.dir, 'strict'), [key.verifier])
  const post = async (text: string) => {
    const answer = await fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body: text })
    return { status: answer.status, body: await answer.text(), type: answer.headers.get('content-type') }
  }
  const other = leafHash('another')

  t.equal((await post(body(0, sign(5), [other]))).status, 422, 'a proof where none is due')
  const first = await post(body(0, sign(5)))
  t.equal(first.status, 200)
  t.match(first.body, /^— witness\.example\.org\/w1 [A-Za-z0-9+/]+=*\n$/)
  t.ok(
    verifies(
      parseNote(`${checkpointText({ origin: ORIGIN, size: 5, root: tree.mth(0, 5) })}\n${first.body}`)!,
      parseVerifier(witness.key)!,
    ),
  )
  t.equal((await post(body(5, sign(5)))).status, 200, 'the same again')
  const behind = await post(body(0, sign(9)))
  t.strictSame([behind.status, behind.body], [409, '5\n'])
  t.match(behind.type, /^text\/x\.tlog\.size/)
  const cases: [what: string, request: string, status: number][] = [
    ['another root of the same size', body(5, sign(5, other)), 409],
    ['no proof', body(5, sign(9)), 422],
    ['a wrong proof', body(5, sign(9), [...proof(5, 9).slice(1), other]), 422],
    ['another tree', body(5, sign(9, other), proof(5, 9)), 422],
    ['a smaller one', body(5, sign(4)), 400],
    ['another key', body(5, sign(9, tree.mth(0, 9), stranger), proof(5, 9)), 403],
    ['a signature that was touched', body(5, sign(9).replace('\n9\n', '\n10\n'), proof(5, 9)), 403],
    ['another log', body(5, sign(9, tree.mth(0, 9), key, 'elsewhere.example'), proof(5, 9)), 404],
    ['64 hashes', body(5, sign(9), Array(64).fill(other)), 400],
    ['no note', 'old 5\n\n', 400],
    ['nothing', '', 400],
    ['an old size that is no number', body(5, sign(9)).replace('old 5', 'old 05'), 400],
    ['a hash that is none', body(5, sign(9)).replace('\n', '\nabc\n'), 400],
  ]
  for (const [what, request, status] of cases) t.equal((await post(request)).status, status, what)
  t.equal(
    (await witness.again().addCheckpoint(body(0, sign(9)), 0)).body,
    '5\n',
    'it remembers across a restart',
  )
  t.equal((await post(body(5, sign(9), proof(5, 9)))).status, 200)
  const racing = await Promise.all([12, 13, 14, 15].map(size => post(body(9, sign(size), proof(9, size)))))
  t.strictSame(racing.map(({ status }) => status).sort(), [200, 409, 409, 409], 'of several at once, one')
})

t.test('an empty log has the root of the empty tree', async t => {
  const key = await createSigningKey(join(home.dir, 'empty.key'), ORIGIN)
  const { book } = await witnessOf(join(home.dir, 'empty'), [key.verifier])
  const request = (root: Hash) => {
    const text = checkpointText({ origin: ORIGIN, size: 0, root })
    return `old 0\n\n${text}\n${signatureLine(parseVerifier(key.verifier)!, signBytes(key.secret, text))}`
  }
  t.equal((await book.addCheckpoint(request(leafHash('')), 0)).status, 422)
  t.equal((await book.addCheckpoint(request(toHash(createHash('sha256').digest())), 0)).status, 200)
})

t.test('a witness without its memory cosigns nothing', async t => {
  const key = await createSigningKey(join(home.dir, 'lost.key'), ORIGIN)
  const dir = join(home.dir, 'lost')
  await requireMemory(dir, true)
  const { book, again } = await witnessOf(dir, [key.verifier])
  const request = (root: Hash) => {
    const text = checkpointText({ origin: ORIGIN, size: 1, root })
    return `old 0\n\n${text}\n${signatureLine(parseVerifier(key.verifier)!, signBytes(key.secret, text))}`
  }
  t.equal((await book.addCheckpoint(request(leafHash('one')), 0)).status, 200)
  await requireMemory(dir, false)
  await rm(join(dir, createHash('sha256').update(ORIGIN).digest('hex')))
  await t.rejects(again().addCheckpoint(request(leafHash('other')), 0), { code: 'journal.inconsistent' })
  const lost = { code: 'config.invalid', message: /its memory of the logs is lost/ }
  await rm(join(dir, 'cosigned.txt'))
  await t.rejects(requireMemory(dir, false), lost)
  await rm(dir, { recursive: true })
  await t.rejects(requireMemory(dir, false), lost)
})

t.test('every cosignature of the database is verified', async t => {
  const settings = logSettingsIn(home.dir)
  const superuser = await home.superuser()
  t.teardown(() => superuser.close())
  const { checked, faults } = await verifyDatabase(home.url(), settings.dir)
  t.ok(checked.cosignatures > 2)
  t.strictSame(faults, [])
  const secret = generateKeyPairSync('ed25519').privateKey
  const { rows } = await superuser.query<{ note: string }>('select note from log_checkpoint where size = 554')
  const { text } = parseNote(rows[0]!.note)!
  await superuser.query('insert into log_cosignature values (554, $1), (554, $2)', [
    cosign(text, 'stranger.example', secret, Date.now()).trim(),
    'nothing',
  ])
  await superuser.query(`update log_cosignature set size = 554 where size = 551`)
  t.strictSame(faultLines(await verifyDatabase(home.url(), settings.dir)), [
    'cosignature-forged: log_cosignature 554',
    'cosignature-forged: log_cosignature 554',
    'cosignature-forged: log_cosignature 554',
  ])
})
