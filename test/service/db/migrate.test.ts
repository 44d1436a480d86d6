// Real: PostgreSQL with the project's own migrations. Fake: none.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { connect } from '../../../src/db/connection.js'
import { startEmbedded } from '../../../src/db/embedded.js'
import { describeFailure, sqlState } from '../../../src/db/failure.js'
import { migrate } from '../../../src/db/migrate.js'
import { migrationDir, migrationNames } from '../../../src/db/migration-files.js'
import { scratch, silent, testDatabase } from '../../support/processes/database.js'

const EVENT = `insert into event (uuid, at, type, data) values (gen_random_uuid(), now(), 'service.stopped', '{}')`

t.test('several migrations at once migrate the schema once', async t => {
  const server = await startEmbedded({ dir: join(await scratch(t), 'db'), log: silent })
  t.teardown(() => server.stop())
  const done = await Promise.all(
    Array.from({ length: 5 }, () => migrate(server.adminUrl, { service: 'consentry' })),
  )
  t.equal(done.filter(({ applied }) => applied.length > 0).length, 1)
  t.strictSame(
    done.flatMap(({ applied }) => applied),
    await migrationNames(migrationDir()),
  )
  t.strictSame(await migrate(server.adminUrl, { service: 'consentry' }), { applied: [] })
})

t.test('a failing migration rolls back those before it, and is named', async t => {
  const server = await startEmbedded({ dir: join(await scratch(t), 'db'), log: silent })
  t.teardown(() => server.stop())
  const dir = join(await scratch(t), 'migrations')
  await mkdir(dir)
  await writeFile(join(dir, '001.good.sql'), 'create table good (id int); create table better (id int);')
  await writeFile(join(dir, '002.bad.sql'), 'create table bad (id nonsense);')
  await writeFile(join(dir, 'notes.txt'), 'not SQL')
  await t.rejects(migrate(server.adminUrl, {}, dir), {
    code: 'db.migration',
    message: /002\.bad\.sql.*nonsense/,
  })
  const owner = await connect(server.adminUrl, 'test')
  t.strictSame((await owner.query(`select to_regclass('good') as good`)).rows, [{ good: null }])
  await owner.close()
})

t.test('a missing database is reported as unavailable', async t => {
  await t.rejects(migrate('postgres://nobody:x@127.0.0.1:1/none'), {
    code: 'db.unavailable',
    retryable: true,
  })
})

t.test('the journal cannot be rewritten', async t => {
  const { asOwner, asService, server } = await testDatabase(t)
  await asService.query(EVENT)
  const attempts = [
    `update event set data = '{"a": 1}'`,
    'update event set id = default where false',
    'delete from event',
    'truncate event cascade',
  ]
  for (const text of attempts) {
    const asItself = await asService.query(text).catch(sqlState)
    t.equal(asItself, '42501', `the service's role may not: ${text}`)
    const asItsOwner = await asOwner.query(text).catch(sqlState)
    t.equal(asItsOwner, '23001', `the trigger refuses its owner: ${text}`)
  }
  const upsert = `${EVENT.replace('gen_random_uuid()', '(select uuid from event)')} on conflict (uuid) do update set at = now()`
  t.equal(await asService.query(upsert).catch(sqlState), '42501')
  t.equal(await asOwner.query(upsert).catch(sqlState), '23001')
  t.equal(
    await asOwner
      .query(`insert into event (id, uuid, at, type, data) values (7, gen_random_uuid(), now(), 'a.b', '{}')`)
      .catch(sqlState),
    '428C9',
    'nobody chooses an id',
  )
  t.strictSame((await asService.query('select data from event')).rows, [{ data: {} }])
  for (const text of [
    'drop table event',
    'alter table event disable trigger insert_only',
    'create table own (id int)',
  ])
    t.equal(await asService.query(text).catch(sqlState), '42501', `the service's role may not: ${text}`)
  t.strictSame(
    await migrate(server.adminUrl, { service: 'consentry' }),
    { applied: [] },
    'a further run changes nothing',
  )
})

t.test('the log’s own tables cannot be rewritten either', async t => {
  const { asOwner, asService } = await testDatabase(t)
  await asService.query(EVENT)
  await asService.query(`insert into log (origin, key) values ('a', 'b')`)
  await asService.query(
    `insert into log_checkpoint (size, last_event, root, note) values (1, 1, sha256(''), 'note')`,
  )
  await asService.query(`insert into log_cosignature values (1, 'line')`)
  for (const [table, column] of [
    ['log', 'key'],
    ['log_checkpoint', 'note'],
    ['log_cosignature', 'line'],
  ]) {
    for (const text of [
      `update ${table} set ${column} = 'c'`,
      `delete from ${table}`,
      `truncate ${table} cascade`,
    ]) {
      t.equal(await asService.query(text).catch(sqlState), '42501', `the service's role may not: ${text}`)
      t.equal(await asOwner.query(text).catch(sqlState), '23001', `the trigger refuses its owner: ${text}`)
    }
  }
  t.equal(await asService.query(`insert into log (origin, key) values ('c', 'd')`).catch(sqlState), '23505')
})

t.test('the service may erase personal data but not alter it', async t => {
  const { asService } = await testDatabase(t)
  const { rows } = await asService.query<{ uuid: string }>(`${EVENT} returning uuid`)
  const uuid = rows[0]!.uuid
  await asService.query(`insert into event_personal values ($1, '{"caller": "1"}', $2)`, [
    uuid,
    Buffer.alloc(16),
  ])
  t.equal(await asService.query(`update event_personal set data = '{}'`).catch(sqlState), '42501')
  await asService.query('delete from event_personal')
  t.strictSame((await asService.query('select count(*) as events from event')).rows, [{ events: 1 }])
})

t.test('the description of a failure quotes nothing of the row', async t => {
  const { asService } = await testDatabase(t)
  const text = `insert into event (uuid, at, type, data) values (gen_random_uuid(), now(), $1, '{}')`
  const error = await asService.query(text, ['+79001234567']).catch((error: unknown) => error)
  t.equal(describeFailure(error), 'SQLSTATE 23514 (event_type_check)')
  t.equal(
    describeFailure(Object.assign(new Error('connect to secret'), { code: 'ECONNREFUSED' })),
    'ECONNREFUSED',
  )
  t.equal(describeFailure(new Error('plain')), 'plain')
  t.equal(describeFailure(null), 'unknown failure')
})

t.test('the console may read calls and add to the journal, and may neither change nor destroy', async t => {
  const { server } = await testDatabase(t)
  const asConsole = await connect(server.consoleUrl, 'test')
  t.teardown(() => asConsole.close())
  await asConsole.query(EVENT.replace(/'[a-z-]+\.[a-z-]+'/, `'console.requested'`))
  for (const text of ['select from call', 'select from recording', 'select from line', 'select from token'])
    t.ok(await asConsole.query(text), text)
  for (const text of [
    'delete from event_personal',
    'update event set data = data',
    'update call set line = line',
    'update recording set state = state',
    'delete from token',
    `update token set revoked_by = 'x'`,
    `insert into token (id) values (gen_random_uuid())`,
    EVENT.replace(/'[a-z-]+\.[a-z-]+'/, `'hold.released'`),
    'select from act',
    'select from rights_request',
    'select from log_checkpoint',
    'create table own (id int)',
  ])
    t.equal(await asConsole.query(text).catch(sqlState), '42501', `the console's role may not: ${text}`)
})

t.test('service and console may not share a role', async t => {
  const { server } = await testDatabase(t)
  const shared = { service: 'consentry', console: 'consentry' }
  await t.rejects(migrate(server.adminUrl, shared), { code: 'config.invalid', message: /one of its own/ })
})
