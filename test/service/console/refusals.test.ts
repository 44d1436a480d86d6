// Real: the console's server without a socket, PostgreSQL with the console's role. Fake: a journal that refuses.
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { addToken, revokeToken } from '../../../src/accounts/tokens.js'
import { AppError } from '../../../src/core/errors.js'
import type { EventSink } from '../../../src/core/ports.js'
import { openDatabase } from '../../../src/db/database.js'
import { person } from '../../support/data/actors.js'
import { told } from '../../support/data/told-events.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { testConsole } from '../../support/processes/console.js'
import { until } from '../../support/processes/database.js'
import { openStream } from '../../support/processes/event-stream.js'
import { bodyOf, cookieValue, fromPage, readyUser, signInBy } from '../../support/processes/people.js'

/** Most pages of a session that are kept up to date. */
const OF_SESSION = 6

const anna = person('anna')

t.test('a token ends in time, and is revoked at once', async t => {
  const { app, deps, admin } = await testConsole(t)
  const me = async (token: string) =>
    (await app.inject({ url: '/api/v1/me', headers: { authorization: `Bearer ${token}` } })).statusCode
  const soon = new Date(deps.clock.now() + 60_000)
  const request = { name: 'monitor', roles: ['operator'], expiresAt: soon } as const
  const token = (await addToken(admin, anna, request)).reveal()
  t.equal(await me(token), 200)
  await t.rejects(addToken(admin, anna, request), { code: 'request.invalid', message: /already/ })
  await revokeToken(admin, anna, 'monitor')
  t.equal(await me(token), 401)
  await t.rejects(revokeToken(admin, anna, 'monitor'), { code: 'not-found' })
  const second = (await addToken(admin, anna, request)).reveal()
  const clock = { ...deps.clock, now: () => soon.getTime() }
  const later = await testConsole(t, { db: deps.db, clock })
  const expired = await later.app.inject({
    url: '/api/v1/me',
    headers: { authorization: `Bearer ${second}` },
  })
  t.equal(expired.statusCode, 401)
})

t.test('a token needs a name, a role, and an end to come', async t => {
  const { admin } = await testConsole(t)
  const good = { name: 'crm', roles: ['auditor'], expiresAt: null } as const
  for (const bad of [
    { ...good, name: '1' },
    { ...good, name: 'a b' },
    { ...good, roles: [] },
    { ...good, expiresAt: new Date(0) },
  ])
    await t.rejects(addToken(admin, anna, bad), { code: 'request.invalid' })
})

t.test('no request is answered that the journal does not have', async t => {
  const refusing = {
    append: async () => {
      throw new AppError('journal.unwritten', 'refused')
    },
    note: () => {},
  }
  const { app, tokens } = await testConsole(t, { journal: refusing })
  const answer = await app.inject({ url: '/api/v1/calls', headers: { authorization: tokens.supervisor } })
  t.match(answer, { statusCode: 503, headers: { 'content-type': /problem\+json/ } })
  t.match(answer.json(), { status: 503, detail: /journalled/ })
  const page = await app.inject({
    url: '/sign-in',
    headers: { accept: 'text/html', 'accept-language': 'en' },
  })
  t.match(page, { statusCode: 503, headers: { 'content-type': /^text\/html/, refresh: '10' } })
  t.match(
    page.body,
    /check whether it was done[\s\S]*The request could not be journalled/,
    'a person gets a page',
  )
})

t.test('a page that the journal does not let in takes no place among those of its session', async t => {
  let refuses = false
  const journal: EventSink = {
    append: async (...words) => {
      if (refuses) throw new AppError('journal.unwritten', 'refused')
      await admin.journal.append(...words)
    },
    note: (...events) => admin.journal.note(...events),
  }
  const { app, people, admin } = await testConsole(t, { journal })
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/now/events`
  const { headers } = await people('operator')
  refuses = true
  for (let i = 0; i < OF_SESSION; i++) t.equal((await openStream(t, url, { ...headers })).status, 503)
  refuses = false
  t.equal((await openStream(t, url, { ...headers })).status, 200)
})

t.test('a database that hangs is answered with 503', async t => {
  const { app, tokens, databasePid } = await testConsole(t)
  const get = () => app.inject({ url: '/api/v1/lines', headers: { authorization: tokens.auditor } })
  t.equal((await get()).statusCode, 200)
  process.kill(databasePid, 'SIGSTOP')
  const backends = await childrenOf(databasePid)
  for (const pid of backends) process.kill(pid, 'SIGSTOP')
  const answer = await get()
  for (const pid of [...backends, databasePid]) process.kill(pid, 'SIGCONT')
  t.match(answer.json(), { status: 503 })
  await until(async () => (await get()).statusCode === 200)
})

t.test('a database that is away is answered with 503, and nobody is told where it is', async t => {
  const away = openDatabase('postgres://consentry@127.0.0.1:1/consentry')
  t.teardown(() => away.close())
  const { app, tokens } = await testConsole(t, { db: away })
  const answer = await app.inject({ url: '/api/v1/lines', headers: { authorization: tokens.auditor } })
  t.match(answer.json(), { status: 503, detail: /The database does not answer/ })
  t.notMatch(answer.body, /127\.0\.0\.1/)
})

t.test('requests without a valid token do not fill the journal, and keep nobody out', async t => {
  const { app, tokens, requests } = await testConsole(t)
  const statuses: number[] = []
  for (let i = 0; i < 62; i += 1) statuses.push((await app.inject('/api/v1/me')).statusCode)
  t.strictSame(statuses, [...Array(60).fill(401), 429, 429])
  t.equal((await requests()).length, 60)
  const known = await app.inject({ url: '/api/v1/me', headers: { authorization: tokens.auditor } })
  t.equal(known.statusCode, 200)
})

/** The processes that a process has started. */
const childrenOf = async (pid: number): Promise<number[]> =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').map(Number)

t.test(
  'one token may send 600 requests in a minute, refused ones included, and keeps no other out',
  async t => {
    const { app, deps, tokens, requests } = await testConsole(t)
    const get = (url: string, authorization: string) => app.inject({ url, headers: { authorization } })
    const statuses = new Set<number>()
    for (let i = 0; i < 300; i += 1) {
      statuses.add((await get('/api/v1/tokens', tokens.auditor)).statusCode)
      statuses.add((await get('/api/v1/calls?limit=x', tokens.auditor)).statusCode)
    }
    t.strictSame([...statuses], [403, 400])
    t.equal((await get('/api/v1/me', tokens.auditor)).statusCode, 429)
    t.equal((await get('/api/v1/me', tokens.operator)).statusCode, 200)
    t.equal((await requests()).length, 601)
    t.equal((await get('/api/v1/me', tokens.auditor)).statusCode, 429)
    const limited = () => told(deps.db).select('data').where('type', '=', 'console.limited').execute()
    await until(async () => (await limited()).length > 0)
    t.match(await limited(), { length: 1, 0: { data: { by: 'auditor', way: 'token', action: 'me.read' } } })
  },
)

t.test(
  'wrong tokens and sessions of one address are not looked for without end, and sign-in goes on',
  async t => {
    const { app, deps, tokens } = await testConsole(t, { clock: new FakeClock() })
    const rita = await readyUser(deps, 'rita')
    const get = (authorization: string, remoteAddress = '127.0.0.1') =>
      app.inject({ url: '/api/v1/me', headers: { authorization }, remoteAddress })
    t.equal((await get(tokens.auditor)).statusCode, 200)
    for (let i = 0; i < 60; i += 1) t.equal((await get(`Bearer consentry_${'a'.repeat(43)}`)).statusCode, 401)
    t.match((await get(tokens.operator)).json(), { status: 429, detail: /tokens or sessions that are none/ })
    t.equal((await get(tokens.auditor)).statusCode, 200, 'a token that was found before')
    t.equal((await get(tokens.operator, '10.0.0.9')).statusCode, 200, 'from another address')
    const old = fromPage('A'.repeat(43))
    t.equal((await app.inject({ url: '/sign-in', headers: { ...old } })).statusCode, 200)
    const signedIn = await signInBy(app, bodyOf(rita, deps.clock.now()), old)
    t.equal(signedIn.statusCode, 200, signedIn.body)
    const headers = fromPage(cookieValue(signedIn.headers['set-cookie']))
    t.equal((await app.inject({ url: '/api/v1/me', headers: { ...headers } })).statusCode, 200)
  },
)
