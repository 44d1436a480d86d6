// Real: PostgreSQL, journal, transparency log, receipt, the second verifier. Fake: the calls, which are only events.
// Somebody removes or exchanges files of the log's keys after the key was rotated.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { codeOf } from '../../../src/core/errors.js'
import { event } from '../../../src/core/events.js'
import { openDatabase } from '../../../src/db/database.js'
import { formerKeyFile } from '../../../src/log/notes/log-key.js'
import { statementsIn } from '../../../src/log/notes/rotation.js'
import { rotateLogKey } from '../../../src/log/rotate-key.js'
import { checkFile } from '../../../src/receipts/check-file.js'
import { makeReceipt } from '../../../src/receipts/make-receipt.js'
import { renderDocument } from '../../../src/receipts/receipt.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { grantedCall } from '../../support/data/whole-calls.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { judge } from '../../support/processes/second-verifier.js'
import {
  faultLines,
  journalAndLog,
  logSettingsIn,
  someEvents,
  startLogSetup,
  verifyDatabase,
} from '../../support/processes/tlog.js'

const home = await startLogSetup(t)
const settings = logSettingsIn(home.dir)
const { dir, keyFile } = settings
const db = openDatabase(home.url(), CONNECTION_LIMIT_MS)
t.teardown(() => db.close())

const [keyOf, statementsOf] = [join(dir, 'key.pub'), join(dir, 'rotations.txt')]
const published = async () => (await readFile(keyOf, 'utf8')).trim()
const log = (count = 3) => journalAndLog(home.url(), settings, someEvents(count))
const verify = async (key?: string) => faultLines(await verifyDatabase(home.url(), dir, { key }))
const theirs = async (key: string) => (await judge([{ kind: 'log', folder: dir, key, changed: {} }]))[0]
const rotate = (keep?: string) =>
  rotateLogKey(db, {
    ...{ keyFile, keep },
    eventOf: statement =>
      event('log.key-rotated', null, Date.now(), { statement, by: 'anna', way: 'command' }),
  })

const before = grantedCall()
await journalAndLog(home.url(), settings, before.events)
const receipt = await makeReceipt(db, before.call, { log: dir, personal: true })
const firstKey = await published()
await rotate()
await log()
const newKey = await published()
const statements = await readFile(statementsOf, 'utf8')

t.test('removed statements are found, and the service writes them again', async t => {
  t.strictSame([await verify(), await theirs(newKey)], [[], true])
  await rm(statementsOf)
  for (const key of [firstKey, newKey])
    t.strictSame(await verify(key), ['rotation-missing: rotations.txt'], key)
  t.strictSame([await theirs(firstKey), await theirs(newKey)], [false, false])
  await log()
  t.equal(await readFile(statementsOf, 'utf8'), statements)
  t.strictSame([await verify(), await theirs(newKey)], [[], true])
})

t.test('a former key in place of the newest is found, and the service writes that one again', async t => {
  await writeFile(keyOf, `${firstKey}\n`)
  for (const key of [undefined, firstKey, newKey])
    t.strictSame(await verify(key), ['key-not-in-force: key.pub'], key ?? 'no key')
  await log()
  t.equal(await published(), newKey)
  t.strictSame(await verify(), [])
})

t.test(
  'whoever has the new key and the statement is told that an older document is of the former key',
  async t => {
    const bytes = Buffer.from(renderDocument(receipt))
    const given = statementsIn(statements)
    matchEach(t, checkFile(bytes, [newKey], given).faults, [
      { kind: 'receipt-key-unknown', what: /A given statement says that it signed until \d+ events/ },
    ])
    t.strictSame(checkFile(bytes, [firstKey], given).faults, [])
  },
)

t.test('a key that is already destroyed is not kept, and the rotation is finished without', async t => {
  await rotate()
  await log()
  await writeFile(formerKeyFile(keyFile), 'overwritten')
  t.equal(await rotate(join(home.dir, 'kept.pem')).catch(codeOf), 'key.missing')
  t.equal(await rotate(home.dir).catch(codeOf), 'request.invalid', 'a folder is no file')
  t.match(await rotate(), { continued: true })
  t.match(await rotate(join(home.dir, 'kept.pem')), { continued: false })
})
