// Real: PostgreSQL, Debian's pgbouncer before it. Fake: none.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { labPort } from '../../../lab/ports.js'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'
import { newCallId } from '../../../src/core/ids.js'
import { Secret } from '../../../src/core/secret.js'
import { checkServer } from '../../../src/db/check-server.js'
import { openDatabase, sql } from '../../../src/db/database.js'
import { withoutRoot } from '../../../src/db/embedded/binaries.js'
import { startJournal } from '../../../src/journal/journal.js'
import { asked } from '../../support/data/call-events.js'
import { APPEND_LIMIT_MS } from '../../support/data/journal.js'
import { NetworkProxy } from '../../support/lab/network-proxy.js'
import { BEGIN_HELD, scratch, silent, testDatabase, until } from '../../support/processes/database.js'

t.setTimeout(300_000)

const { pgbouncer } = await prepareTools(['pgbouncer'])
const { server, asOwner } = await testDatabase(t)

/** Starts a pooler in front of the database, with a number of sessions at most. @returns the service's URL through the pooler */
async function pooler(t: Test, mode: 'session' | 'transaction', sessions = 20): Promise<string> {
  const { port, username, password, pathname } = new URL(server.url)
  const own = await labPort('tcp')
  const file = join(await scratch(t), 'pgbouncer.ini')
  const lines = [
    '[databases]',
    `consentry = host=127.0.0.1 port=${port} user=${username} password=${password}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${own}`,
    'unix_socket_dir =',
    'auth_type = any',
    `pool_mode = ${mode}`,
    `default_pool_size = ${sessions}`,
  ]
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o644 })
  const [program, ...args] = withoutRoot([join(pgbouncer, 'bin', 'pgbouncer'), file])
  const child = spawn(program!, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  t.teardown(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null) await once(child, 'exit')
  })
  await until(() => {
    if (child.exitCode !== null) throw new Error(log)
    return log.includes('process up')
  })
  return `postgres://${username}@127.0.0.1:${own}${pathname}`
}

t.test('a pooler that shares sessions between transactions is refused', async t => {
  const url = await pooler(t, 'transaction')
  await t.rejects(checkServer(new Secret(url), silent), {
    code: 'config.invalid',
    message: /pool_mode = session/,
  })
})

t.test('a pooler that keeps a session for each connection is accepted', async t => {
  const url = await pooler(t, 'session')
  await checkServer(new Secret(url), silent)
  const journal = startJournal(url, silent)
  await journal.append([asked(newCallId(), 1)], APPEND_LIMIT_MS)
  await journal.stop()
  const db = openDatabase(url)
  let heard = 0
  const listener = db.listen('line_changed', () => heard++)
  await until(() => heard === 1)
  const other = await db.connect('test')
  await other.query('notify line_changed')
  await t.resolves(
    until(() => heard === 2),
    'a notification arrives through the pooler',
  )
  await other.close()
  await listener.stop()
  await db.close()
})

/** Asserts that a query which waits for a lock is left to wait, through several looks at the database. */
async function longQuery(t: Test, url: string, prepare: (url: string) => Promise<unknown> = async () => {}) {
  const network = await NetworkProxy.startForTest(t, url)
  const db = openDatabase(network.url)
  t.teardown(() => db.close())
  await sql`select 1`.execute(db)
  await prepare(url)
  await asOwner.query(`${BEGIN_HELD}; lock table installation in access exclusive mode`)
  const before = network.connectionAttempts
  const query = sql`select count(*) from installation`.execute(db)
  await until(() => network.connectionAttempts >= before + 3)
  await asOwner.query('commit')
  await t.resolves(query)
}

t.test('a long query is not ended because the pooler has no session for a look', async t => {
  await longQuery(t, await pooler(t, 'session', 1))
})

t.test(
  'a long query is not ended because it does not run in the session that its client began with',
  async t => {
    await longQuery(t, await pooler(t, 'transaction'), async url => {
      // It holds that session, and does nothing in it.
      const other = openDatabase(url)
      const held = await other.connect('test')
      t.teardown(async () => {
        held.cut()
        await other.close()
      })
      await held.query(BEGIN_HELD)
    })
  },
)
