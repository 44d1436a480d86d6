// Real: PostgreSQL, journal, transparency log, witness, receipts, the command, the second verifier. Fake: the calls, which are only events.
import { createPrivateKey } from 'node:crypto'
import { cp, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { codeOf } from '../../../src/core/errors.js'
import { event } from '../../../src/core/events.js'
import { openDatabase } from '../../../src/db/database.js'
import { LogFiles } from '../../../src/log/log-files.js'
import { checkpointOf } from '../../../src/log/notes/checkpoint.js'
import { createSigningKey, formerKeyFile, nextKeyFile } from '../../../src/log/notes/log-key.js'
import {
  COSIGNATURE,
  parseNote,
  parseVerifier,
  signatureLine,
  signBytes,
  verifies,
} from '../../../src/log/notes/note.js'
import { parseRotation } from '../../../src/log/notes/rotation.js'
import { WitnessBook } from '../../../src/log/notes/witness.js'
import { rotateLogKey } from '../../../src/log/rotate-key.js'
import { startLog } from '../../../src/log/start-log.js'
import { checkFile } from '../../../src/receipts/check-file.js'
import { makeReceipt } from '../../../src/receipts/make-receipt.js'
import { type Receipt, renderDocument } from '../../../src/receipts/receipt.js'
import { grantedCall, refusedCall } from '../../support/data/whole-calls.js'
import { forgedStatements, logSigner } from '../../support/fakes/rotations.js'
import { consentry, tester } from '../../support/processes/command.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { silent, until } from '../../support/processes/database.js'
import { judge, verify as verifyInPython } from '../../support/processes/second-verifier.js'
import {
  faultLines,
  journalAndLog,
  logSettingsIn,
  ORIGIN,
  someEvents,
  startLogSetup,
  verifyDatabase,
} from '../../support/processes/tlog.js'

const home = await startLogSetup(t)
const settings = logSettingsIn(home.dir)
const { dir, keyFile } = settings
const db = openDatabase(home.url(), CONNECTION_LIMIT_MS)
t.teardown(() => db.close())
const owner = await home.superuser()
t.teardown(() => owner.close())

const published = async () => (await readFile(join(dir, 'key.pub'), 'utf8')).trim()
const newestNote = async () => (await new LogFiles(dir).checkpoint())!
const signedBy = async (key: string) => verifies(parseNote(await newestNote())!, parseVerifier(key)!)
const rotations = async () =>
  (await db.selectFrom('event').select('id').where('type', '=', 'log.key-rotated').execute()).length
const receiptOf = (call: string) => makeReceipt(db, call, { log: dir, personal: true })
const bytesOf = (receipt: Receipt) => Buffer.from(renderDocument(receipt))
const rotate = (more: { keep?: string } = {}, eventOf = rotated) =>
  rotateLogKey(db, { keyFile, eventOf, ...more })
const rotated = (statement: string) =>
  event('log.key-rotated', null, Date.now(), { statement, by: 'anna', way: 'command' })
const log = (count = 3) => journalAndLog(home.url(), settings, someEvents(count))
const verify = async (key?: string, more: object = {}) =>
  faultLines(await verifyDatabase(home.url(), dir, { key, ...more }))

const before = grantedCall()
await journalAndLog(home.url(), settings, [...before.events, ...someEvents(5)])
const firstKey = await published()
const firstPem = await readFile(keyFile, 'utf8')
const oldReceipt = await receiptOf(before.call)
const kept = join(home.dir, 'former.pem')

t.test('the command rotates the key while a service runs, which goes on with the new one', async t => {
  const service = startLog(settings, home.url(), silent)
  await until(() => service.state.size > 0)
  const size = checkpointOf(await newestNote())!.size
  const env = { DATABASE_URL: home.url(), CONSENTRY_DATA: home.dir }
  const done = await consentry(env, 'log', 'rotate-key', '--keep', kept, '--json')
  t.equal(done.code, 0, done.err)
  const told = JSON.parse(done.out)
  t.match(told, { from: firstKey, size, continued: false, kept })
  t.equal(parseRotation(told.statement)?.size, size, 'both keys have signed it')
  await until(() => service.state.size === size + 1)
  t.ok(await signedBy(told.to), 'the event that has the statement is under the new key')
  t.equal(await published(), told.to)
  t.equal(await readFile(join(dir, 'rotations.txt'), 'utf8'), `${told.statement}\n`)
  await service.stop()
  t.equal(await readFile(kept, 'utf8'), firstPem)
  t.equal((await stat(keyFile)).mode & 0o777, 0o600)
  t.strictSame(
    (await readdir(home.dir)).filter(name => name.startsWith('log.key')),
    ['log.key'],
    'nothing of the former key is left',
  )
  const { rows } = await owner.query<{ data: object }>(
    `select p.data from event_personal p join event e on e.uuid = p.event where e.type = 'log.key-rotated'`,
  )
  t.strictSame(rows, [{ data: { by: tester } }], 'the journal knows who did it')
  const shown = await consentry(env, 'log')
  t.match(shown.out, `${told.to}\n`)
  t.match(shown.out, told.statement)
})

t.test('the whole log holds under each key, and older receipts under theirs', async t => {
  const after = refusedCall()
  await journalAndLog(home.url(), settings, after.events)
  const newKey = await published()
  for (const key of [undefined, firstKey, newKey]) t.strictSame(await verify(key), [], key ?? 'no key')
  const receipts = [oldReceipt, await receiptOf(before.call), await receiptOf(after.call)] as const
  t.strictSame(
    receipts.map(({ consentryReceipt }) => consentryReceipt),
    [1, 1, 1],
  )
  const [file, trusted] = [join(home.dir, 'receipt.json'), join(home.dir, 'trusted.txt')]
  await writeFile(file, bytesOf(receipts[1]))
  await writeFile(trusted, `${newKey}\n\n${await readFile(join(dir, 'rotations.txt'), 'utf8')}`)
  t.match(await verifyInPython('receipt', file, '--key', trusted), { code: 0, out: /Holds\.\n$/ })
  t.match(await verifyInPython('log', dir, '--key', trusted), { code: 0, out: /leaves hold/ })
  const cases = receipts.flatMap((receipt, i) =>
    [firstKey, newKey].map(key => ({ receipt, key, holds: i > 0 || key === firstKey })),
  )
  const asked = cases.map(({ receipt, key }) => ({
    kind: 'receipt',
    content: bytesOf(receipt).toString('base64'),
    keys: [key],
  }))
  const theirs = await judge([...asked, folderAsked(firstKey), folderAsked(newKey)])
  t.strictSame(theirs, [...cases.map(({ holds }) => holds), true, true], 'so says the second verifier')
  for (const { receipt, key, holds } of cases)
    t.equal(checkFile(bytesOf(receipt), [key]).faults.length === 0, holds)
})

/** The log's folder for the second verifier, with other contents of some files. */
function folderAsked(key: string, changed: Record<string, string> = {}) {
  const contents = Object.entries(changed).map(([name, text]) => [name, Buffer.from(text).toString('base64')])
  return { kind: 'log', folder: dir, key, changed: Object.fromEntries(contents) }
}

t.test('what the former key signs after the rotation is found', async t => {
  const text = parseNote(await newestNote())!.text
  const forged = `${text}\n${signatureLine(parseVerifier(firstKey)!, signBytes(createPrivateKey(firstPem), text))}`
  const { size } = checkpointOf(forged)!
  const anchors = join(home.dir, 'anchors.txt')
  await writeFile(anchors, `${forged}\n`)
  t.strictSame(await verify(undefined, { checkpointFiles: [anchors] }), [
    `key-not-in-force: anchors.txt ${size}`,
  ])
  await owner.query('update log_checkpoint set note = $1 where size = $2', [forged, size])
  t.strictSame(await verify(), [`key-not-in-force: log_checkpoint ${size}`])
  const service = startLog({ ...settings, dir: join(home.dir, 'elsewhere') }, home.url(), silent)
  await until(() => service.state.stopped !== undefined)
  t.match(service.state.stopped, /not signed by the key of the log that is in force/)
  await service.stop()
  await owner.query('update log_checkpoint set note = $1 where size = $2', [await newestNote(), size])
  t.strictSame(await verify(), [])
  t.strictSame(await judge([folderAsked(await published(), { checkpoint: forged })]), [false])
})

t.test('a statement that is changed, missing or invented is found by both verifiers', async t => {
  const newKey = await published()
  const { rows } = await owner.query<{ id: number; statement: string }>(
    `select id, data ->> 'statement' as statement from event where type = 'log.key-rotated'`,
  )
  const [{ id, statement }] = rows as [{ id: number; statement: string }]
  const [from, to, thief] = [
    logSigner(ORIGIN, createPrivateKey(firstPem)),
    logSigner(ORIGIN, createPrivateKey(await readFile(keyFile, 'utf8'))),
    logSigner(ORIGIN),
  ]
  const forged = Object.entries(forgedStatements(statement, from, to, thief))
  const state = (note: string) =>
    owner.query(`update event set data = jsonb_set(data, '{statement}', to_jsonb($1::text)) where id = $2`, [
      note,
      id,
    ])
  // The file of the statements is only a copy of what the log has.
  const files = forged.map(([, note]) => folderAsked(newKey, { 'rotations.txt': `${note}\n` }))
  const theirs = await judge(files)
  for (const [i, [what, note]] of forged.entries()) {
    await writeFile(join(dir, 'rotations.txt'), `${note}\n`)
    const ours = await verify(newKey)
    t.equal(ours.length === 0, theirs[i], `${what}: ${ours.join(', ')}`)
    await state(note)
    await writeFile(join(dir, 'rotations.txt'), `${statement}\n`)
    const changed = await verify(newKey)
    t.ok(changed.includes(`rotation-forged: event ${id}`), what)
    t.ok(changed.includes(`event-changed: event ${id}`), what)
    t.ok(
      changed.some(fault => fault.startsWith('rotation-missing')),
      what,
    )
    await state(statement)
  }
  t.strictSame(await verify(newKey), [])
})

t.test(
  'a witness takes the new key when it is given the statement, and the former one no longer',
  async t => {
    const place = { dir: join(home.dir, 'witness'), name: 'witness.example/w' }
    const key = await createSigningKey(join(home.dir, 'witness.key'), place.name, COSIGNATURE)
    const logs = [parseVerifier(firstKey)!]
    const statements = [(await readFile(join(dir, 'rotations.txt'), 'utf8')).slice(0, -1)]
    const ask = async (note: string, given: readonly string[]) => {
      const book = new WitnessBook({ ...place, key, logs, rotations: given })
      return (await book.addCheckpoint(`old 0\n\n${note}`, Date.now())).status
    }
    const note = await newestNote()
    t.equal(await ask(note, []), 403, 'not without it')
    const { text } = parseNote(note)!
    const old = `${text}\n${signatureLine(parseVerifier(firstKey)!, signBytes(createPrivateKey(firstPem), text))}`
    t.equal(await ask(old, statements), 403, 'nor a newer checkpoint by the former key')
    t.equal(await ask(note, statements), 200)
  },
)

t.test('a run that was killed at any step is continued by the next, and the log goes on', async t => {
  const steps: [step: string, undo: (former: string) => Promise<void>][] = [
    [
      'after the commit',
      async former => {
        await rename(keyFile, nextKeyFile(keyFile))
        await cp(former, keyFile)
      },
    ],
    [
      'between both renames',
      async former => {
        await rename(keyFile, nextKeyFile(keyFile))
        await cp(former, formerKeyFile(keyFile))
      },
    ],
    ['before the former key is destroyed', async former => cp(former, formerKeyFile(keyFile))],
  ]
  for (const [step, undo] of steps) {
    const former = join(home.dir, `${steps.findIndex(([one]) => one === step)}.pem`)
    const count = await rotations()
    t.equal((await rotate({ keep: former })).continued, false, step)
    await undo(former)
    await log()
    t.ok(await signedBy(await published()), `${step}: the log goes on under the new key`)
    t.equal((await rotate()).continued, true, step)
    await log()
    t.strictSame(await verify(), [], step)
    t.equal(await rotations(), count + 1, step)
    t.strictSame(
      (await readdir(home.dir)).filter(name => name.startsWith('log.key')),
      ['log.key'],
      step,
    )
  }
})

t.test('a run that fails before the commit has changed nothing', async t => {
  const [key, count] = [await published(), await rotations()]
  const fail = () => {
    throw new Error('cut off')
  }
  await t.rejects(rotate({}, fail), /cut off/)
  const drawn = await readFile(nextKeyFile(keyFile), 'utf8')
  await log()
  t.ok(await signedBy(key), 'the log goes on under the key that it had')
  const taken = join(home.dir, 'taken')
  await writeFile(taken, 'another file')
  await t.rejects(rotate({ keep: taken }), { code: 'request.invalid', message: /holds something else/ })
  t.equal(await rotations(), count)
  const both = await Promise.all([rotate().catch(codeOf), rotate().catch(codeOf)])
  t.equal(await rotations(), count + 1, 'of two at once, one rotates')
  t.equal(await readFile(keyFile, 'utf8'), drawn, 'and uses the key that was drawn')
  const failures = both.filter(one => typeof one !== 'object')
  t.ok(failures.every(code => code === 'request.conflict') && failures.length < 2)
  t.equal(await rotate().catch(codeOf), 'request.conflict', 'the next one comes after it is in the log')
  await log()
  t.strictSame(await verify(firstKey), [])
})

t.test('a service with the former key follows the log and does not extend it', async t => {
  const other = logSettingsIn(join(home.dir, 'other'), { keyFile: kept })
  const service = startLog(other, home.url(), silent)
  await until(async () => service.state.size === checkpointOf(await newestNote())!.size)
  t.notOk(service.state.signs)
  await service.stop()
  await t.rejects(rotateLogKey(db, { keyFile: kept, eventOf: rotated }), { code: 'key.missing' })
})

t.test('a database without its rotations is found, and the log stops', async t => {
  await owner.query(`create table rotations as select * from event where type = 'log.key-rotated'`)
  await owner.query(`delete from event where type = 'log.key-rotated'`)
  const faults = await verify(firstKey)
  t.ok(faults.some(fault => fault.startsWith('event-missing')))
  t.ok(faults.some(fault => fault.startsWith('rotation-missing')))
  const service = startLog(settings, home.url(), silent)
  await until(() => service.state.stopped !== undefined)
  t.match(service.state.stopped, /contains another one/)
  await service.stop()
})
