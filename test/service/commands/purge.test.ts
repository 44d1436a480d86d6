// Real: PostgreSQL, journal, the command as a process of its own, folders. Fake: what is in containers and keys.
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { LOCKS } from '../../../src/db/locks.js'
import { fillArchive, isOnDisk, openArchive } from '../../support/archive.js'
import { consentry } from '../../support/command.js'
import { scratch, testDatabase } from '../../support/database.js'

const { db, server, asService } = await testDatabase(t)

/** Some recordings that are due, and the settings that name where they are. */
async function site(t: Test, count: number) {
  const dir = await scratch(t)
  const archive = await openArchive(dir, db, server.url, { mirrors: 1 })
  t.teardown(() => archive.deps.journal.stop())
  const kept = await fillArchive(archive, server.adminUrl, { count })
  const env = {
    DATABASE_URL: server.url,
    CONSENTRY_DATA: join(dir, 'data'),
    CONSENTRY_STORE: `file:${archive.store}`,
    CONSENTRY_KEYSTORE: `file:${archive.keys[0]}`,
  }
  return { archive, kept, env, dir }
}

t.test('a purge beside another one, or beside a rotation, says that it did nothing', async t => {
  const { archive, kept, env } = await site(t, 1)
  await asService.query('select pg_advisory_lock($1)', [LOCKS.purge])
  const told = await consentry(env, 'purge')
  t.match(told, { code: 1, out: /^Another purge or a key rotation is running; this one did nothing\./ })
  const { code, out } = await consentry(env, 'purge', '--json')
  t.match({ code, out: JSON.parse(out) }, { code: 1, out: { busy: true, destroyed: 0 } })
  t.ok(isOnDisk(archive, kept[0]!))
  await asService.query('select pg_advisory_unlock($1)', [LOCKS.purge])
  t.match(await consentry(env, 'purge'), { code: 0 })
  t.notOk(isOnDisk(archive, kept[0]!))
})
