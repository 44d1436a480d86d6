// Real: PostgreSQL, the project's own migrations, the command as a separate process. Fake: none.
// Alone: it takes long, and the files after it would wait.
import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { readAccess } from '../../../src/db/embedded/access.js'
import { startEmbedded } from '../../../src/db/embedded.js'
import { migrate } from '../../../src/db/migrate.js'
import { migrationDir, migrationNames } from '../../../src/db/migration-files.js'
import { checkSchema } from '../../../src/db/schema.js'
import { pbx } from '../../support/data/config.js'
import { consentry } from '../../support/processes/command.js'
import { scratch, silent } from '../../support/processes/database.js'

const dir = await scratch(t)
const server = await startEmbedded({ dir: join(dir, 'db'), log: silent })
t.teardown(() => server.stop())
const service = { DATABASE_URL: server.url, CONSENTRY_DATA: join(dir, 'data') }
const tap = { CONSENTRY_TAP_DIR: join(dir, 'tap') }
const serve = (more = {}) => consentry({ ...service, ...tap, ...pbx, ...more }, 'serve')

t.test('a service on a database without a schema says what to run, and ends', async t => {
  t.match(await serve(), { code: 1, err: /has no schema that this role may use: run `consentry migrate`/ })
})

t.test('the service refuses the owner’s password', async t => {
  const { code, err } = await serve({ DATABASE_ADMIN_URL: server.adminUrl })
  t.equal(code, 1)
  t.match(err, /DATABASE_ADMIN_URL: unset it for the service; only `consentry migrate` may have it/)
})

t.test('migrate needs the owner, and the service’s role', async t => {
  t.match(await consentry(service, 'migrate'), {
    code: 1,
    err: /DATABASE_ADMIN_URL: give the URL of the database.s owner/,
  })
  const owner = { DATABASE_ADMIN_URL: server.adminUrl }
  t.match(await consentry(owner, 'migrate'), { code: 2, err: /--role/ })
  const done = await consentry(owner, 'migrate', '--role', 'consentry', '--json')
  const applied = await migrationNames(migrationDir())
  t.same(JSON.parse(done.out), { applied, role: 'consentry', consoleRole: null })
  const both = await consentry(owner, 'migrate', '--role', 'consentry', '--console-role', 'consentry_console')
  t.match(both, { code: 0, out: /The roles consentry and consentry_console have their privileges/ })
  const console = { DATABASE_CONSOLE_URL: server.consoleUrl }
  t.match(await consentry({ ...service, ...owner, ...console }, 'migrate', '--json'), {
    code: 0,
    out: /"consoleRole": "consentry_console"/,
  })
  t.match(await consentry({ ...service, ...owner }, 'migrate'), {
    code: 0,
    out: /was up to date.*role consentry/,
  })
  t.match(await consentry(service, 'calls'), { code: 0 })
})

t.test('the service refuses a role that owns the tables, or is a superuser', async t => {
  const { port, passwords } = await readAccess(join(dir, 'db'))
  const superuser = `postgres://postgres:${passwords.postgres}@127.0.0.1:${port}/consentry`
  for (const url of [server.adminUrl, superuser])
    t.match(await serve({ DATABASE_URL: url }), {
      code: 1,
      err: /DATABASE_URL: its role owns the tables.*service's role.*consentry migrate/s,
    })
})

t.test('the message says whether the schema is older or newer', async t => {
  const newer = join(dir, 'newer')
  await cp(migrationDir(), newer, { recursive: true })
  await writeFile(join(newer, '998.more.sql'), 'create table more (id int)')
  await t.rejects(checkSchema(server.url, newer), {
    code: 'db.migration',
    message: /older schema, without 998\.more\.sql: run `consentry migrate`/,
  })
  await migrate(server.adminUrl, { service: 'consentry' }, newer)
  await checkSchema(server.url, newer)
  const told =
    /newer schema \(998\.more\.sql\) than this version of Consentry: run the version that made the schema/
  t.match(await serve(), { code: 1, err: told })
  t.match(await consentry(service, 'calls'), { code: 1, err: told })
  await rm(newer, { recursive: true })
})
