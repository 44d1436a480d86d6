// Real: PostgreSQL, stores on disk, the command under a false clock. Fake: the mistakes are planted; no service runs.
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { LinePolicy } from '../../../../src/core/policy.js'
import { connect } from '../../../../src/db/connection.js'
import { openDatabase } from '../../../../src/db/database.js'
import { readAccess } from '../../../../src/db/embedded/access.js'
import { expectedMarking, noteMarked } from '../../../../src/db/installation.js'
import { openKeyStore } from '../../../../src/vault/keys/key-store.js'
import { openStore } from '../../../../src/vault/store/store.js'
import { MARK_FILE } from '../../../../src/vault/volume.js'
import { assertFound, assertSound, look, NEEDED } from '../../../support/check/planted.js'
import { recipient } from '../../../support/data/config.js'
import { consentry, consentryWithin } from '../../../support/processes/command.js'
import { CONNECTION_LIMIT_MS } from '../../../support/processes/connection-limit.js'
import { scratch, startPrepared } from '../../../support/processes/database.js'
import { falseClock } from '../../../support/processes/false-clock.js'
import { inNamespace } from '../../../support/processes/namespace.js'

t.setTimeout(300_000)
const dir = await scratch(t)
const server = await startPrepared(t, join(dir, 'db'))
const superUrl = async () => {
  const { port, passwords } = await readAccess(join(dir, 'db'))
  return `postgres://postgres:${passwords.postgres}@127.0.0.1:${port}/consentry`
}
const asOwner = await connect(server.adminUrl, 'test')
t.teardown(() => asOwner.cut())

const [store, keys] = [join(dir, 'store'), join(dir, 'keys')]
const settings = {
  DATABASE_URL: server.url,
  DATABASE_CONSOLE_URL: server.consoleUrl,
  CONSENTRY_DATA: join(dir, 'data'),
  CONSENTRY_STORE: `file:${store}`,
  CONSENTRY_KEYSTORE: `file:${keys}`,
  CONSENTRY_RECIPIENTS: JSON.stringify([recipient]),
}
await mkdir(settings.CONSENTRY_DATA)
// As a service does at its first start.
const db = openDatabase(server.url, CONNECTION_LIMIT_MS)
t.teardown(() => db.close())
const marking = await expectedMarking(db, 'service')
await openStore(settings.CONSENTRY_STORE, marking)
await openKeyStore(settings.CONSENTRY_KEYSTORE, marking)
await noteMarked(db)

t.test('of a sound database and sound stores nothing is found', async t => {
  for (const check of ['database', 'schema', 'journal', 'clock', 'store', 'key-store', 'keys'] as const)
    await assertSound(t, check, { settings })
})

t.test('a database that is not reached is found', async t => {
  const check = 'database' as const
  const found = /cannot be reached/
  const wrong = server.url.replace(/:[^:@/]+@/, ':wrong@')
  await assertFound(t, 'a wrong password', {
    ...{ check, settings: { ...settings, DATABASE_URL: wrong } },
    ...{ setting: /^DATABASE_URL$/, found: /role or its password is wrong/ },
  })
  await assertFound(t, 'a wrong port', {
    ...{ check, settings: { ...settings, DATABASE_URL: server.url.replace(/:\d+\//, ':1/') } },
    ...{ setting: /^DATABASE_URL$/, found },
  })
  const { state } = await look('journal', { settings: { ...settings, DATABASE_URL: wrong } })
  t.equal(state, 'unknown', 'what builds on it is not looked at')
})

t.test('a server whose log would have callers’ numbers is found', async t => {
  const superuser = await connect(await superUrl(), 'test')
  t.teardown(() => superuser.cut())
  await superuser.query('alter role consentry set log_error_verbosity = verbose')
  await assertFound(t, 'verbose errors', {
    ...{ check: 'database' as const, settings, setting: /^log_error_verbosity$/, found: /numbers/ },
  })
  await superuser.query('alter role consentry reset log_error_verbosity')
  await assertSound(t, 'database', { settings })
})

t.test('a database to which every role may connect is found', async t => {
  const superuser = await connect(await superUrl(), 'test')
  t.teardown(() => superuser.cut())
  await superuser.query('grant connect on database consentry to public')
  await assertFound(t, 'an open database', {
    ...{ check: 'database' as const, settings, setting: /^DATABASE_URL$/, found: /Every role may connect/ },
  })
  await superuser.query('revoke connect on database consentry from public')
  await assertSound(t, 'database', { settings })
})

t.test('a schema of another version is found, and a role of the console that may too much', async t => {
  const check = 'schema' as const
  const { rows } = await asOwner.query<{ name: string; timestamp: string }>(
    'delete from kysely_migration where name = (select max(name) from kysely_migration) returning name, timestamp',
  )
  const [last] = rows
  // The console has its own URL to the same schema.
  const { faults } = await look(check, { settings })
  t.strictSame(
    faults.map(({ setting }) => setting),
    ['DATABASE_URL', 'DATABASE_CONSOLE_URL'],
  )
  t.match(faults[0], { found: { en: /older schema/ }, remedy: { en: /consentry-migrate/ } })
  await asOwner.query('insert into kysely_migration (name, timestamp) values ($1, $2)', [
    last!.name,
    last!.timestamp,
  ])
  const alone = { ...settings, DATABASE_CONSOLE_URL: undefined }
  await asOwner.query(`insert into kysely_migration (name, timestamp) values ('9999-later', '')`)
  await assertFound(t, 'a newer schema', {
    check,
    settings: alone,
    setting: /^DATABASE_URL$/,
    found: /newer schema/,
  })
  await asOwner.query(`delete from kysely_migration where name = '9999-later'`)
  await assertFound(t, "the service's role for the console", {
    ...{ check, settings: { ...settings, DATABASE_CONSOLE_URL: server.url } },
    ...{ setting: /^DATABASE_CONSOLE_URL$/, found: /may change recordings/ },
  })
  await assertSound(t, check, { settings })
})

t.test('a database that refuses events, as a half-restored one does, is found', async t => {
  await asOwner.query(`create function refuse() returns trigger language plpgsql as
    $$ begin raise exception 'restoring' using errcode = 'P0001'; end $$`)
  await asOwner.query('create trigger refuse before insert on event for each row execute function refuse()')
  await assertFound(t, 'a trigger', {
    ...{ check: 'journal' as const, settings, setting: /^DATABASE_URL$/, found: /refuses every event/ },
    ...{ remedy: /restore it whole/ },
  })
  await asOwner.query('drop trigger refuse on event')
  await assertSound(t, 'journal', { settings })
  const { rows } = await asOwner.query<{ count: number }>('select count(*)::int as count from event')
  t.equal(rows[0]?.count, 0, 'the tests have left no event')
})

t.test('a wrong clock is found, by PostgreSQL and by the journal', async t => {
  const clock = await falseClock(join(dir, 'faketime'))
  await clock.move('+2d')
  const env = { ...NEEDED, ...settings, ...clock.env }
  const { code, out } = await consentry(env, 'check', '--only', 'clock', '--json')
  t.equal(code, 1)
  t.match(JSON.parse(out), {
    ok: false,
    checks: [
      {
        name: 'clock',
        state: 'fault',
        faults: [{ setting: 'PostgreSQL', found: { en: /One of them is wrong/ } }],
      },
    ],
  })
  await asOwner.query(`insert into event (uuid, at, type, data)
    values (gen_random_uuid(), now() - interval '60 days', 'purge.finished', '{}')`)
  await assertFound(t, 'a journal of long ago', {
    ...{ check: 'clock' as const, settings, setting: /^time-sync\.target$/, found: /Nothing is purged/ },
  })
})

t.test('a store that is not mounted, and a key store that takes nothing, are found', async t => {
  await rename(join(store, MARK_FILE), join(store, 'mark'))
  await assertFound(t, 'no mark', {
    ...{ check: 'store' as const, settings, setting: /^CONSENTRY_STORE$/, found: /without its mark/ },
  })
  await rename(join(store, 'mark'), join(store, MARK_FILE))
  const swapped = {
    ...settings,
    CONSENTRY_KEYSTORE: settings.CONSENTRY_STORE,
    CONSENTRY_STORE: settings.CONSENTRY_KEYSTORE,
  }
  await assertFound(t, 'one in place of the other', {
    ...{
      check: 'key-store' as const,
      settings: swapped,
      setting: /^CONSENTRY_KEYSTORE$/,
      found: /folder of recordings/,
    },
  })
  await rename(keys, `${keys}-gone`)
  await assertFound(t, 'no folder', {
    ...{ check: 'key-store' as const, settings, setting: /^CONSENTRY_KEYSTORE$/, found: /missing/ },
  })
  await rename(`${keys}-gone`, keys)
  await assertSound(t, 'key-store', { settings })
})

t.test('a full disk is found', async t => {
  const full = join(dir, 'full')
  await mkdir(full)
  const mount = `mount -t tmpfs -o size=40m none ${full}
cp ${join(store, MARK_FILE)} ${full}
head -c 20M /dev/zero > ${full}/other`
  const env = { ...NEEDED, ...settings, CONSENTRY_STORE: `file:${full}` }
  const { code, out } = await consentryWithin(inNamespace(mount), env, 'check', '--only', 'store', '--json')
  t.equal(code, 1, out)
  t.match(JSON.parse(out).checks[0].faults[0], { setting: 'CONSENTRY_STORE', found: { en: /takes nothing/ } })
  await rm(full, { recursive: true })
})

t.test('a purpose without a key or a place, and no keys at all, are found', async t => {
  const check = 'keys' as const
  const line = { mode: 'key', purposes: [{ purpose: 'marketing' }] } as unknown as LinePolicy
  const parts = { lines: async () => [line] }
  await assertFound(t, 'no key', {
    ...{ check, settings, parts, setting: /^CONSENTRY_RECIPIENTS$/, found: /marketing, which has no key/ },
  })
  const other = { ...recipient, purpose: 'marketing', keyId: 'marketing-1' }
  const own = {
    CONSENTRY_RECIPIENTS: JSON.stringify([recipient, other]),
    CONSENTRY_STORE: `service=file:${store}`,
  }
  await assertFound(t, 'no place', {
    ...{
      check,
      settings: { ...settings, ...own },
      parts,
      setting: /^CONSENTRY_STORE$/,
      found: /has no place/,
    },
  })
  await assertFound(t, 'nothing', {
    ...{ check, settings: { ...settings, CONSENTRY_RECIPIENTS: '[]' }, setting: /^CONSENTRY_RECIPIENTS$/ },
    ...{ remedy: /setup\/key/ },
  })
})
