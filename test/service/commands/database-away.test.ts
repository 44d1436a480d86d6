// Real: the command as a separate process, PostgreSQL, which is frozen, empty or absent. Fake: none.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { reservePort } from '../../../src/lib/process/reserve-port.js'
import { consentry } from '../../support/processes/command.js'
import { scratch, startPrepared } from '../../support/processes/database.js'

const dir = await scratch(t)
const server = await startPrepared(t, join(dir, 'postgres'))
const { host } = new URL(server.url)
const settings = { CONSENTRY_DATA: dir, CONSENTRY_IDENTITY: '[]' }

/** Asserts that a command ends with a message and exit code 1, without a stack and without a password. */
async function isRefused(t: Test, env: Record<string, string>, words: RegExp, ...args: string[]) {
  const { code, out, err } = await consentry({ ...settings, ...env }, ...args)
  t.match({ code, out, err }, { code: 1, out: '', err: words }, `${args.join(' ')}: ${err}`)
  t.notMatch(err, /\n\s+at /)
  for (const url of Object.values(env)) t.notOk(err.includes(new URL(url).password), 'no password')
}

t.test('a command says that the database does not answer', async t => {
  const words = new RegExp(
    `The database "consentry" at ${host} cannot be reached: .*; check that PostgreSQL runs there`,
  )
  const env = { DATABASE_URL: server.url }
  process.kill(server.pid, 'SIGSTOP')
  try {
    await Promise.all([
      isRefused(t, env, words, 'calls'),
      isRefused(t, env, words, 'open', randomUUID()),
      isRefused(
        t,
        {},
        /reached: .* It is the service's own, in .*postgres: see that consentry serve runs/,
        'verify',
      ),
      isRefused(t, env, words, 'line', 'list'),
      isRefused(t, { DATABASE_ADMIN_URL: server.adminUrl }, words, 'migrate', '--role', 'consentry'),
    ])
  } finally {
    process.kill(server.pid, 'SIGCONT')
  }
})

t.test('a command says that nothing listens on the port, or that the password is wrong', async t => {
  // No other program of this machine gets the port while this test runs.
  const port = await reservePort('tcp')
  const nobody = `postgres://consentry:geheim@127.0.0.1:${port}/consentry`
  const wrong = new URL(server.url)
  wrong.password = 'geheim'
  await Promise.all([
    isRefused(
      t,
      { DATABASE_URL: nobody },
      /127\.0\.0\.1:\d+ cannot .* \(ECONNREFUSED\); .*DATABASE_URL/,
      'calls',
    ),
    isRefused(
      t,
      { DATABASE_URL: wrong.href },
      /password is wrong \(SQLSTATE 28P01\); check DATABASE_URL$/m,
      'hold',
      'list',
    ),
    isRefused(
      t,
      { DATABASE_URL: server.url, DATABASE_ADMIN_URL: nobody },
      /\(ECONNREFUSED\); .*DATABASE_ADMIN_URL/,
      'migrate',
    ),
  ])
})

t.test('a command says that the server has no such database', async t => {
  const missing = new URL(server.url)
  missing.pathname = '/elsewhere'
  const words = new RegExp(`"elsewhere" at ${host} cannot .*no such database .*3D000\\); check DATABASE_URL`)
  await isRefused(t, { DATABASE_URL: missing.href }, words, 'calls')
})

t.test('migrate says that the owner’s server does not know the role', async t => {
  const other = new URL(server.url)
  other.username = 'recorder'
  await isRefused(
    t,
    { DATABASE_URL: other.href, DATABASE_ADMIN_URL: server.adminUrl },
    /Check that DATABASE_ADMIN_URL names the right server\. .*create role "recorder" login/,
    'migrate',
  )
})

t.test('a command says that the database has no schema', async t => {
  const empty = new URL(server.adminUrl)
  empty.pathname = '/postgres'
  await isRefused(
    t,
    { DATABASE_URL: empty.href },
    /no schema that this role may use: run `consentry migrate`/,
    'calls',
  )
})
