// Real: PostgreSQL, the schema with its grants, the table of roles in the documents. Fake: none.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { connect } from '../../../src/db/connection.js'
import { sqlState } from '../../../src/db/failure.js'
import { projectRoot } from '../../../src/lib/process/project.js'
import { testDatabase } from '../../support/processes/database.js'

const ROLES = { service: 'consentry', console: 'consentry_console' }
const read = (path: string) => readFileSync(join(projectRoot(), path), 'utf8')
const rowsOf = (path: string) =>
  read(path)
    .trimEnd()
    .split('\n')
    .map(line => line.split('\t'))

const [head, ...documented] = rowsOf('docs/roles.tsv')
/** The documented cells of one kind. */
const cellsOf = (kind: string) =>
  documented.filter(row => row[0] === kind).map(([, name, service, console]) => ({ name, service, console }))

/** Every type of event, as the sources declare them. */
const types = readdirSync(join(projectRoot(), 'src/core'))
  .filter(name => name.endsWith('events.ts'))
  .flatMap(name =>
    [...read(`src/core/${name}`).matchAll(/^ {2}'([a-z-]+\.[a-z-]+)':/gm)].map(([, type]) => type!),
  )

const { asOwner, asService, server } = await testDatabase(t)
const asConsole = await connect(server.consoleUrl, 'test')
t.teardown(() => asConsole.cut())

t.test('each role may do with each table what the documents say, and nothing else', async t => {
  t.strictSame(head, ['kind', 'name', 'service', 'console'])
  const may = (role: string) => `concat_ws(', ',
    case when has_any_column_privilege('${role}', c.oid, 'select') then 'read' end,
    case when has_any_column_privilege('${role}', c.oid, 'insert') then 'add' end,
    case when has_any_column_privilege('${role}', c.oid, 'update') then 'change' end,
    case when has_table_privilege('${role}', c.oid, 'delete') then 'delete' end,
    case when has_table_privilege('${role}', c.oid, 'truncate, trigger, references') then 'more' end)`
  const { rows } = await asOwner.query<{ name: string; service: string; console: string }>(`
    select c.relname::text as name, ${may(ROLES.service)} as service, ${may(ROLES.console)} as console
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'p', 'm') order by 1`)
  t.strictSame(cellsOf('table'), rows)
})

t.test('each role may add each type of event as the documents say', async t => {
  t.ok(types.length > 100, `${types.length} types`)
  t.strictSame(
    cellsOf('event').map(({ name }) => name),
    [...types].sort(),
  )
  const insert = `insert into event (uuid, call_id, at, type, data) values (gen_random_uuid(), $1, now(), $2, '{}')`
  const mayAdd = async (role: typeof asService, type: string, call: string | null) => {
    await role.query('begin')
    try {
      await role.query(insert, [call, type])
      return 'add'
    } catch (error) {
      t.equal(sqlState(error), '42501', 'insufficient privilege')
      return ''
    } finally {
      await role.query('rollback')
    }
  }
  for (const { name, service, console } of cellsOf('event')) {
    t.equal(await mayAdd(asService, name!, null), service, `service, ${name}`)
    t.equal(await mayAdd(asConsole, name!, null), console, `console, ${name}`)
    if (console === 'add')
      t.equal(await mayAdd(asConsole, name!, '7b0d3c9e-2f5a-4c39-8f0e-6d4f0d7f9a10'), '', `${name} of a call`)
  }
})
