// Real: the command as a separate process, PostgreSQL, which is frozen, empty or absent. Fake: none.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { reservePort } from '../../../src/process/reserve-port.js'
import { consentry } from '../../support/processes/command.js'
import { scratch, startPrepared } from '../../support/processes/database.js'

const dir = await scratch(t)
const server = await startPrepared(t, join(dir, 'postgres'))
const { host } = new URL(server.url)
const settings = { CONSENTRY_DATA: dir, CONSENTRY_IDENTITY: '[]' }

/** It ends by itself, with words and without a stack, and exit code 1. */
async function told(t: Test, env: Record<string, string>, words: RegExp, ...args: string[]) {
  const { code, out, err } = await consentry({ ...settings, ...env }, ...args)
  t.match({ code, out, err }, { code: 1, out: '', err: words }, `${args.join(' ')}: ${err}`)
  t.notMatch(err, /\n\s+at /)
  for (const url of Object.values(env)) t.notOk(err.includes(new URL(url).password), 'no password')
}

t.test('a database that takes connections and never answers', async t => {
  const words = new RegExp(
    `The database "consentry" at ${host} cannot be reached: .*; check that PostgreSQL runs there`,
  )
  const env = { DATABASE_URL: server.url }
  process.kill(server.pid, 'SIGSTOP')
  try {
    await Promise.all([
      told(t, env, words, 'calls'),
      told(t, env, words, 'open', randomUUID()),
      told(
        t,
        {},
        /reached: .* It is the service's own, in .*postgres: see that consentry serve runs/,
        'verify',
      ),
      told(t, env, words, 'line', 'list'),
      told(t, { DATABASE_ADMIN_URL: server.adminUrl }, words, 'migrate', '--role', 'consentry'),
    ])
  } finally {
    process.kill(server.pid, 'SIGCONT')
  }
})

t.test('a port where nobody listens, and a password that is not the role’s', async t => {
  // Nobody else on this machine draws it while this test runs.
  const port = await reservePort('tcp')
  const nobody = `postgres://consentry:geheim@127.0.0.1:${port}/consentry`
  const wrong = new URL(server.url)
  wrong.password = 'geheim'
  await Promise.all([
    told(t, { DATABASE_URL: nobody }, /127\.0\.0\.1:\d+ cannot .* \(ECONNREFUSED\); .*DATABASE_URL/, 'calls'),
    told(
      t,
      { DATABASE_URL: wrong.href },
      /password is wrong \(SQLSTATE 28P01\); check DATABASE_URL$/m,
      'hold',
      'list',
    ),
    told(
      t,
      { DATABASE_URL: server.url, DATABASE_ADMIN_URL: nobody },
      /\(ECONNREFUSED\); .*DATABASE_ADMIN_URL/,
      'migrate',
    ),
  ])
})

t.test('a database that is none of the server’s', async t => {
  const missing = new URL(server.url)
  missing.pathname = '/elsewhere'
  const words = new RegExp(`"elsewhere" at ${host} cannot .*no such database .*3D000\\); check DATABASE_URL`)
  await told(t, { DATABASE_URL: missing.href }, words, 'calls')
})

t.test('a role that the owner’s server does not know', async t => {
  const other = new URL(server.url)
  other.username = 'recorder'
  await told(
    t,
    { DATABASE_URL: other.href, DATABASE_ADMIN_URL: server.adminUrl },
    /Check that DATABASE_ADMIN_URL names the right server\. .*create role "recorder" login/,
    'migrate',
  )
})

t.test('a database in which nobody made the tables', async t => {
  const empty = new URL(server.adminUrl)
  empty.pathname = '/postgres'
  await told(
    t,
    { DATABASE_URL: empty.href },
    /no schema that this role may use: run `consentry migrate`/,
    'calls',
  )
})
