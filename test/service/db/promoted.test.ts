// Real: two PostgreSQL servers with streaming replication; the first is stopped at once, the second promoted. Fake: none.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { labPort } from '../../../lab/ports.js'
import { newCallId } from '../../../src/core/ids.js'
import { connect } from '../../../src/db/connection.js'
import { openDatabase, sql } from '../../../src/db/database.js'
import { readAccess } from '../../../src/db/embedded/access.js'
import { endWithParent, findBinaries, TOOL_ENV, withoutRoot } from '../../../src/db/embedded/binaries.js'
import { migrate } from '../../../src/db/migrate.js'
import { startJournal } from '../../../src/journal/journal.js'
import { asked } from '../../support/data/call-events.js'
import { APPEND_LIMIT_MS } from '../../support/data/journal.js'
import { scratch, silent, until } from '../../support/processes/database.js'
import { prepareDatabase } from '../../support/processes/prepared-database.js'

t.setTimeout(300_000)
const dir = join(await scratch(t), 'first')
await prepareDatabase(dir)
const { passwords } = await readAccess(dir)
const standby = join(await scratch(t), 'second')
// Both are copies of one cluster, so the second can follow the first.
await prepareDatabase(standby)
const ports = [await labPort('tcp'), await labPort('tcp')] as const
const urlAt = (places: string, role = 'consentry', password = passwords.service) =>
  `postgres://${role}:${password}@${places}/consentry`
const both = `127.0.0.1:${ports[0]},127.0.0.1:${ports[1]}`
const superuser = (port: number) =>
  connect(urlAt(`127.0.0.1:${port}`, 'postgres', passwords.postgres), 'test')

async function start(t: Test, folder: string, port: number) {
  const { postgres } = await findBinaries()
  const words = [
    '-D',
    join(folder, 'cluster'),
    '-k',
    '',
    '-p',
    String(port),
    '-c',
    'listen_addresses=127.0.0.1',
  ]
  const [program, ...args] = withoutRoot(endWithParent([postgres, ...words]))
  const child = spawn(program!, args, { env: TOOL_ENV, cwd: folder, stdio: 'ignore' })
  const ended = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGINT')
    await ended
  })
  return { kill: () => child.kill('SIGQUIT'), ended }
}

t.test('what was committed is on the server that is promoted, and everything goes on there', async t => {
  const primary = await start(t, dir, ports[0])
  const first = await reached(ports[0])
  await writeFile(join(standby, 'cluster', 'standby.signal'), '')
  const conninfo = `host=127.0.0.1 port=${ports[0]} user=postgres password=${passwords.postgres}`
  await writeFile(join(standby, 'cluster', 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`)
  await start(t, standby, ports[1])
  const second = await reached(ports[1])
  await first.query(`alter system set synchronous_standby_names = '*'`)
  await first.query('select pg_reload_conf()')
  await until(async () => {
    const { rows } = await first.query<{ sync_state: string }>('select sync_state from pg_stat_replication')
    return rows[0]?.sync_state === 'sync'
  })
  t.teardown(() => {
    first.cut()
    second.cut()
  })

  const reversed = urlAt(`127.0.0.1:${ports[1]},127.0.0.1:${ports[0]}`)
  const own = await connect(reversed, 'test')
  const { rows } = await own.query<{ standby: boolean }>('select pg_is_in_recovery() as standby')
  t.strictSame(rows, [{ standby: false }], 'the standby is passed by, although it is named first')
  own.cut()
  await t.resolves(
    migrate(
      urlAt(both, 'consentry_owner', passwords.owner).replace(
        both,
        `127.0.0.1:${ports[1]},127.0.0.1:${ports[0]}`,
      ),
      {
        service: 'consentry',
        console: 'consentry_console',
      },
    ),
    'the schema, too, is migrated on the primary',
  )

  const db = openDatabase(urlAt(both), 5_000)
  const journal = startJournal(urlAt(both), silent)
  t.teardown(async () => {
    await journal.stop()
    await db.close()
  })
  const before = newCallId()
  await journal.append([asked(before, 1)], APPEND_LIMIT_MS)
  await sql`select 1`.execute(db)

  primary.kill()
  await primary.ended
  const meanwhile = newCallId()
  journal.note(asked(meanwhile, 2))
  await second.query('select pg_promote()')
  const eventsOf = async () => {
    const found = await db
      .selectFrom('event')
      .select('call_id')
      .where('type', '=', 'consent.asked')
      .orderBy('id')
      .execute()
    return found.map(({ call_id }) => call_id)
  }
  await until(async () => (await eventsOf().catch(() => [])).length === 2)
  t.strictSame(await eventsOf(), [before, meanwhile])
  const after = newCallId()
  await until(() =>
    journal.append([asked(after, 3)], APPEND_LIMIT_MS).then(
      () => true,
      () => false,
    ),
  )
  t.equal((await eventsOf()).at(-1), after, 'answers are committed again')
  // Another text of the URL, for which this process does not know yet which server is there.
  const fresh = openDatabase(`${urlAt(both)}?target_session_attrs=read-write`, 5_000)
  t.teardown(() => fresh.close())
  const { rows: found } = await sql<{ one: number }>`select 1 as one`.execute(fresh)
  t.strictSame(found, [{ one: 1 }], 'a command that starts afterwards finds the server at once')
})

/** The superuser's connection, once the server lets it in. */
async function reached(port: number) {
  let connection: Awaited<ReturnType<typeof superuser>> | undefined
  await until(async () => {
    connection = await superuser(port).catch(() => undefined)
    return connection !== undefined
  })
  return connection!
}
