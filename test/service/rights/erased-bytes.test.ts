// Real: PostgreSQL and its files, journal, key store, disk store, sealed containers. Fake: none.
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { DAY_MS, systemClock } from '../../../src/core/clock.js'
import type { Connection } from '../../../src/db/connection.js'
import { type Db, openDatabase, sql } from '../../../src/db/database.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { startServiceJobs } from '../../../src/main/jobs.js'
import { placeHold, releaseHold } from '../../../src/recordings/retain/holds.js'
import { rewritePersonalTables } from '../../../src/recordings/retain/rewrite-personal-tables.js'
import { findPerson } from '../../../src/rights/collect-person.js'
import { correctPerson } from '../../../src/rights/correct-person.js'
import { erasePerson } from '../../../src/rights/erase-person.js'
import { closeRequest, openRequest } from '../../../src/rights/requests.js'
import { none } from '../../support/assertions/exactly.js'
import { person } from '../../support/data/actors.js'
import { CALLED_AT, sealCall, startArchiveSetup } from '../../support/processes/archive-setup.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { until } from '../../support/processes/database.js'

const place = await startArchiveSetup(t)
const { deps, logSetup } = place
const officer = person('officer')
const superuser = await logSetup.superuser()
t.teardown(() => superuser.cut())
const erase = (number: string) => erasePerson(deps, officer, { number, reason: 'asked in writing' })
/** On a busy machine a table may be locked too long. */
const rewrite = () => until(async () => (await rewritePersonalTables(deps)) === 'rewritten')
const answers = { answers: { service: 'refused' } } as const

/** The files of the server that have a text, once everything that it keeps in memory is written. */
async function filesWith(text: string): Promise<string[]> {
  await superuser.query('checkpoint')
  const home = join(logSetup.dir, 'db')
  // The folder of the cluster is a link.
  const files = [...(await filesBelow(home)), ...(await filesBelow(join(home, 'cluster')))]
  const found: string[] = []
  // PostgreSQL may remove a file meanwhile.
  for (const file of files)
    if ((await readFile(file).catch(() => Buffer.alloc(0))).includes(text))
      found.push(file.slice(home.length))
  return found
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
}

const inTables = (files: readonly string[]) => files.filter(file => file.includes('/base/'))
const elsewhere = (files: readonly string[]) => files.filter(file => !/\/(base|pg_wal)\//.test(file))

/** Has the service purge each second, at a time when the calls of `CALLED_AT` are past their retention. */
async function purgeEachSecond(work: () => Promise<void>): Promise<void> {
  const clock = { ...systemClock, now: () => CALLED_AT + 33 * DAY_MS }
  const jobs = startServiceJobs({ ...deps, clock }, { retention: '* * * * * *', audit: '0 0 1 1 *' })
  await work().finally(() => jobs.stop())
}

/** What docs/rights.md has a superuser run, so that the write-ahead log is written over at once. */
async function writeOverLog(connection: Connection): Promise<void> {
  const page = await readFile(join(projectRoot(), 'docs', 'rights.md'), 'utf8')
  await connection.query(/^do \$\$\n.*?^\$\$;$/ms.exec(page)![0])
}

t.test(
  'an erased number is in no file of the server but its write-ahead log, and there as documented',
  async t => {
    const [number, digits, other] = ['+79161234501', '9161234501', '9161234502']
    await sealCall(place, number)
    await sealCall(place, number, { ...answers, at: CALLED_AT + 60_000 })
    await sealCall(place, `+7${other}`, answers)
    await findPerson(deps, officer, number)
    const asked = { number, kind: 'access', law: '152-fz', receivedOn: '2026-06-01' } as const
    const { id } = await openRequest(deps, officer, asked)
    await closeRequest(deps, officer, id, `a copy for ${number} was sent`)
    const held = { kind: 'hold', reason: `a claim of 8${digits}`, by: 'boss', expiresAt: null } as const
    const { hold } = await placeHold(deps, { ...held, on: { number } })
    await releaseHold(deps, hold, { kind: 'hold', reason: 'settled', by: 'boss' })
    t.ok(
      inTables(await filesWith(digits)).length > 3,
      'tables of events, holds and requests have it, and indexes',
    )

    const erased = await erase(number)
    t.match(erased, { calls: 2, recordings: 1, stays: none })
    if (erased.bytes !== 'rewritten') await rewrite()

    const after = await filesWith(digits)
    t.strictSame(inTables(after), [])
    t.strictSame(elsewhere(after), [])
    t.not(after.length, 0, 'the write-ahead log has it')
    await writeOverLog(superuser)
    t.strictSame(await filesWith(digits), [])
    t.not(inTables(await filesWith(other)).length, 0, 'another number is found where it belongs')
  },
)

t.test('so it is with a number that was corrected, and with one whose retention is over', async t => {
  const wrong = '9161234503'
  await sealCall(place, `+7${wrong}`, { ...answers, at: CALLED_AT + 60 * DAY_MS })
  await correctPerson(deps, officer, { number: `+7${wrong}`, to: '+79161234504', reason: 'a mistake' })
  if (inTables(await filesWith(wrong)).length > 0) await rewrite()
  t.strictSame(inTables(await filesWith(wrong)), [])
  const old = '9161234505'
  await sealCall(place, `+7${old}`, answers)
  t.not(inTables(await filesWith(old)).length, 0)
  await purgeEachSecond(async () => {
    await until(async () => inTables(await filesWith(old)).length === 0)
  })
})

t.test('rows that a transaction may still read stay until it is over', async t => {
  const digits = '9161234506'
  await sealCall(place, `+7${digits}`, { ...answers, at: CALLED_AT + 60 * DAY_MS })
  const reader = await logSetup.superuser()
  t.teardown(() => reader.cut())
  await reader.query(
    'set idle_in_transaction_session_timeout = 0; begin isolation level repeatable read; select from call',
  )
  t.match(await erase(`+7${digits}`), { calls: 1 })
  t.not(inTables(await filesWith(digits)).length, 0)
  await reader.query('commit')
  await purgeEachSecond(async () => {
    await until(async () => inTables(await filesWith(digits)).length === 0)
  })
})

t.test('a table that others use is not waited for long', async t => {
  const digits = '9161234507'
  await sealCall(place, `+7${digits}`, { ...answers, at: CALLED_AT + 60 * DAY_MS })
  const writer = await logSetup.superuser()
  t.teardown(() => writer.cut())
  await writer.query(
    'set idle_in_transaction_session_timeout = 0; begin; lock table hold in row exclusive mode',
  )
  t.match(await erase(`+7${digits}`), { calls: 1, bytes: 'busy' })
  await writer.query('commit')
})

t.test('a large table is not rewritten while calls come, and its owner may do it', async t => {
  const digits = '9161234508'
  await sealCall(place, `+7${digits}`, { ...answers, at: CALLED_AT + 60 * DAY_MS })
  // The connection checks no foreign keys.
  await superuser.query(`insert into event_personal (event, data, salt)
    select gen_random_uuid(), jsonb_build_object('caller', '+4930' || i), '' from generate_series(1, 100000) i`)
  t.match(await erase(`+7${digits}`), { calls: 1, bytes: 'too-large' })
  t.not(inTables(await filesWith(digits)).length, 0)
  await superuser.query('vacuum full event_personal')
  t.strictSame(inTables(await filesWith(digits)), [])
})

t.test('the service may have these tables rewritten and no others, and the console none', async t => {
  const rewriteOne = (db: Db, table: string) => sql`select rewrite_personal(${table})`.execute(db)
  await rewriteOne(deps.db, 'hold')
  await t.rejects(rewriteOne(deps.db, 'event'), { code: '42501' })
  const console = openDatabase(logSetup.consoleUrl, CONNECTION_LIMIT_MS)
  await t.rejects(rewriteOne(console, 'hold'), { code: '42501' })
  await console.close()
})
