import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { labPort } from '../../../lab/ports.js'
import { prepareTools } from '../../../lab/tools/prepare-tools.js'
import { checkServer } from '../../../src/db/check-server.js'
import { openDatabase } from '../../../src/db/database.js'
import { withoutRoot } from '../../../src/db/embedded/binaries.js'
import { startJournal } from '../../../src/journal/journal.js'
import { newCallId } from '../../../src/shared/ids.js'
import { Secret } from '../../../src/shared/secret.js'
import { asked } from '../../support/data/call-events.js'
import { APPEND_LIMIT_MS } from '../../support/data/journal.js'
import { scratch, silent, testDatabase, until } from '../../support/processes/database.js'

// Real: PostgreSQL, and Debian's pgbouncer before it. Nothing is fake.

t.setTimeout(300_000)

const { pgbouncer } = await prepareTools(['pgbouncer'])
const { server } = await testDatabase(t)

/** Starts a pooler in front of the database. @returns the service's URL through the pooler */
async function pooler(t: Test, mode: 'session' | 'transaction'): Promise<string> {
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
  await until(() => heard === 2)
  await other.close()
  await listener.stop()
  await db.close()
})
