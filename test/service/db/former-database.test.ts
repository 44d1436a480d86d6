// Real: PostgreSQL with the project's own migrations. Fake: the list of applied migrations, as a version before the first release left it.
import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Connection } from '../../../src/db/connection.js'
import { migrate } from '../../../src/db/migrate.js'
import { migrationDir, migrationNames } from '../../../src/db/migration-files.js'
import { checkSchema } from '../../../src/db/schema.js'
import { scratch, testDatabase } from '../../support/processes/database.js'

const FORMER = ['001.journal.sql', '002.calls.sql', '041.rewrite-personal.sql', '042.group-refusal.sql']

const appliedIn = async (owner: Connection) =>
  (await owner.query<{ name: string }>('select name from kysely_migration order by name')).rows.map(
    ({ name }) => name,
  )

async function leaveApplied(owner: Connection, names: readonly string[]): Promise<void> {
  await owner.query('delete from kysely_migration')
  for (const name of names)
    await owner.query('insert into kysely_migration values ($1, $2)', [name, new Date().toISOString()])
}

t.test('a database that has all migrations before the first release goes on', async t => {
  const { asOwner, asService, server } = await testDatabase(t)
  await leaveApplied(asOwner, FORMER)
  await asService.query(
    `insert into event (uuid, at, type, data) values (gen_random_uuid(), now(), 'service.stopped', '{}')`,
  )
  await t.rejects(checkSchema(server.url), {
    code: 'db.migration',
    message: /older schema.*consentry migrate/,
  })

  t.strictSame(await migrate(server.adminUrl, { service: 'consentry' }), { applied: [] })
  await checkSchema(server.url)
  t.strictSame(await appliedIn(asOwner), await migrationNames(migrationDir()))
  t.same((await asService.query('select type from event')).rows, [{ type: 'service.stopped' }])
})

t.test('it takes later migrations in the same run', async t => {
  const { asOwner, server } = await testDatabase(t)
  await leaveApplied(asOwner, FORMER)
  const later = join(await scratch(t), 'migrations')
  await cp(migrationDir(), later, { recursive: true })
  await writeFile(join(later, '998.more.sql'), 'create table more (id int)')
  t.strictSame(await migrate(server.adminUrl, {}, later), { applied: ['998.more.sql'] })
  await checkSchema(server.url, later)
})

t.test('a database without the last of them is refused, and stays as it is', async t => {
  const { asOwner, server } = await testDatabase(t)
  const some = FORMER.slice(0, -1)
  await leaveApplied(asOwner, some)
  const refused = {
    code: 'db.migration',
    message: /before the first release, without 042\.group-refusal\.sql.*give Consentry an empty database/,
  }
  await t.rejects(migrate(server.adminUrl), refused)
  await t.rejects(checkSchema(server.url), refused)
  t.strictSame(await appliedIn(asOwner), some)
})
