// Real: the console's server, with a socket for a slow body alone, PostgreSQL with the console's role, argon2id, the journal. Fake: the clock.
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import t from 'tap'
import { codeAt } from '../../../src/accounts/second-factor.js'
import { listSessions } from '../../../src/accounts/sessions.js'
import { disableUser } from '../../../src/accounts/users.js'
import { AppError } from '../../../src/core/errors.js'
import { readCompany } from '../../../src/lines/prompts/company.js'
import { person } from '../../support/data/actors.js'
import { told } from '../../support/data/told-events.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { testConsole } from '../../support/processes/console.js'
import { silent, until } from '../../support/processes/database.js'
import type { Browser } from '../../support/processes/people.js'
import {
  bodyOf,
  cookieValue,
  fromPage,
  readyUser,
  STEP_MS,
  signInBy,
} from '../../support/processes/people.js'

const get = (headers: object) => ({ url: '/api/v1/me', headers: { ...headers } })

t.test('signing in gives a new session each time, and the one before ends', async t => {
  const { app, deps, requests } = await testConsole(t, { clock: new FakeClock() })
  const maria = await readyUser(deps, 'maria')
  const chosen = 'A'.repeat(43)
  const first = await signInBy(app, bodyOf(maria, deps.clock.now()), fromPage(chosen))
  t.match(first.json(), { name: 'maria', roles: ['supervisor'] }, first.body)
  const one = cookieValue(first.headers['set-cookie'])
  t.match(one, /^[\w-]{43}$/)
  t.not(one, chosen, 'a value that somebody planted is never taken')
  t.equal(first.headers['set-cookie'], `consentry=${one}; Path=/; HttpOnly; SameSite=Strict`)
  t.notMatch(first.body, one)
  const malformed = await signInBy(app, {
    name: [maria.password],
    passphrase: 1,
    [maria.user]: maria.password,
  })
  t.equal(malformed.statusCode, 400)
  t.notMatch(malformed.body, maria.password, 'a refusal quotes nothing')
  t.equal((await app.inject(get(fromPage(chosen)))).statusCode, 401)
  t.match((await app.inject(get(fromPage(one)))).json(), { name: 'maria' })
  const second = await signInBy(app, bodyOf(maria, deps.clock.now() + STEP_MS), fromPage(one))
  t.equal(second.statusCode, 200, second.body)
  t.equal((await app.inject(get(fromPage(one)))).statusCode, 401, 'the session before has ended')
  const two = cookieValue(second.headers['set-cookie'])
  const out = await app.inject({ method: 'DELETE', url: '/api/v1/session', headers: { ...fromPage(two) } })
  t.equal(out.headers['set-cookie'], 'consentry=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0')
  t.equal((await app.inject(get(fromPage(two)))).statusCode, 401)
  const journalled = await requests()
  t.match(journalled[0], { by: 'maria', way: 'console', action: 'session.open', status: 200, token: null })
  t.match(journalled[0]!['session'], /^[0-9a-f-]{36}$/)
  const dump = JSON.stringify(await told(deps.db).select('data').execute())
  for (const secret of [one, two, maria.password, maria.totp]) t.notMatch(dump, secret)
})

t.test('a revoked session is refused at the next request', async t => {
  const { app, people } = await testConsole(t, { clock: new FakeClock() })
  const [maria, boss] = [await people('supervisor'), await people('administrator')]
  t.equal((await app.inject(get(maria.headers))).statusCode, 200)
  const revoked = await app.inject({
    ...{ method: 'DELETE', url: `/api/v1/sessions/${maria.actor.session}` },
    headers: { ...boss.headers },
  })
  t.equal(revoked.statusCode, 200, revoked.body)
  t.equal((await app.inject(get(maria.headers))).statusCode, 401)
})

t.test('a session that is revoked while the body arrives gets nothing done', async t => {
  const clock = new FakeClock()
  const { app, admin, deps, people, requests } = await testConsole(t, { clock })
  const { actor, headers } = await people('administrator')
  const boss = await people('administrator')
  const body = JSON.stringify({ name: 'Acme', language: 'en' })
  const url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/api/v1/company`
  const sent = { ...headers, 'content-type': 'application/json', 'content-length': body.length }
  const seen = { seen_at: new Date(clock.now() - 60_000) }
  await deps.db.updateTable('user_session').set(seen).where('id', '=', actor.session).execute()
  const slow = request(url, { method: 'PUT', headers: sent })
  slow.flushHeaders()
  // Whoever is let in is noted as seen.
  await until(async () => {
    const [session] = await listSessions(deps, boss.actor, actor.name)
    return session?.seenAt === new Date(clock.now()).toISOString()
  })
  await disableUser(admin, person('anna'), actor.name)
  clock.standStill(1_000)
  slow.end(body)
  const [answer] = (await once(slow, 'response')) as [IncomingMessage]
  answer.resume()
  t.equal(answer.statusCode, 401)
  t.equal((await readCompany(deps)).name, undefined)
  t.match((await requests()).at(-1), { by: actor.name, action: 'company.set', status: 401 })
})

t.test('a page of another origin gets nothing done', async t => {
  const { app, people, requests } = await testConsole(
    t,
    { clock: new FakeClock() },
    { CONSENTRY_CONSOLE_ORIGIN: 'http://consentry.test' },
  )
  const boss = await people('administrator')
  const { cookie } = boss.headers
  let count = 0
  const invite = async (headers: Record<string, string>) =>
    (
      await app.inject({
        ...{ method: 'POST', url: '/api/v1/users', headers: { cookie, ...headers } },
        payload: { name: `user${++count}`, roles: ['auditor'] },
      })
    ).statusCode
  const own = { 'sec-fetch-site': 'same-origin' }
  for (const [headers, status] of [
    [{}, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'same-site' }, 403],
    [{ 'sec-fetch-site': 'none' }, 403],
    [{ 'sec-fetch-site': 'cross-site', origin: 'http://consentry.test' }, 403],
    [{ origin: 'http://evil.test' }, 403],
    [{ origin: 'null' }, 403],
    [{ origin: 'https://consentry.test' }, 403],
    [{ origin: 'http://consentry.test' }, 201],
    [own, 201],
  ] as const)
    t.equal(await invite(headers as Record<string, string>), status, JSON.stringify(headers))
  t.match((await requests())[0], { by: boss.actor.name, action: 'user.invite', status: 403 })
  const body = { name: 'x', passphrase: 'y' }
  const foreign = await signInBy(app, body, { origin: 'http://evil.test' })
  t.match(foreign.json(), { status: 403, detail: /another page/ }, 'nor does it sign anybody in')
  t.equal((await signInBy(app, body)).statusCode, 401, 'a program says nothing of pages')
})

t.test('a token is never helped out by a cookie', async t => {
  const { app, people } = await testConsole(t, { clock: new FakeClock() })
  const boss = await people('administrator')
  const both = { ...boss.headers, authorization: 'Bearer consentry_none' }
  t.equal((await app.inject(get(both))).statusCode, 401)
  const twice = { ...boss.headers, cookie: `${boss.headers.cookie}; consentry=other` }
  t.equal((await app.inject(get(twice))).statusCode, 401, 'nor does one of two cookies count')
})

t.test('a cookie is for HTTPS only where the console is reached so', async t => {
  for (const settings of [
    { CONSENTRY_CONSOLE_ORIGIN: 'https://consentry.test' },
    { CONSENTRY_CONSOLE: '0.0.0.0:8081' },
    { CONSENTRY_CONSOLE_PROXIES: '127.0.0.1' },
  ]) {
    const { app, deps } = await testConsole(t, { clock: new FakeClock() }, settings as Record<string, string>)
    const eva = await readyUser(deps, 'eva')
    const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.7' }
    const { headers } = await signInBy(app, bodyOf(eva, deps.clock.now()), forwarded)
    const value = cookieValue(headers['set-cookie'])
    const expected = `__Host-consentry=${value}; Path=/; HttpOnly; SameSite=Strict; Secure`
    t.equal(headers['set-cookie'], expected, JSON.stringify(settings))
    const named = (name: string): Browser['headers'] => ({ ...fromPage(''), cookie: `${name}=${value}` })
    const status = async (name: string) =>
      (await app.inject(get({ ...named(name), ...forwarded }))).statusCode
    t.equal(await status('__Host-consentry'), 200)
    t.equal(await status('consentry'), 401, 'a name that another host may set does not count')
    const [session] = (
      await app.inject({ url: '/api/v1/sessions', headers: { ...named('__Host-consentry'), ...forwarded } })
    ).json()
    t.equal(session.address, 'CONSENTRY_CONSOLE_PROXIES' in settings ? '203.0.113.7' : '127.0.0.1')
  }
})

t.test('what a proxy says counts only from a proxy of the list, and nothing that came before it', async t => {
  const forged = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '198.51.100.9' }
  /** Who signs in, as the console sees it: from where, and whether by HTTPS. */
  const seen = async (settings: Record<string, string>, peer: string, headers: Record<string, string>) => {
    const { app, deps } = await testConsole(t, { clock: new FakeClock() }, settings)
    const eva = await readyUser(deps, 'eva')
    const signedIn = await signInBy(app, bodyOf(eva, deps.clock.now()), headers, peer)
    const [session] = await deps.db.selectFrom('user_session').select('address').execute()
    return [session?.address, /; Secure$/.test(String(signedIn.headers['set-cookie']))]
  }
  const listed = { CONSENTRY_CONSOLE_PROXIES: '127.0.0.1' }
  t.strictSame(await seen({}, '127.0.0.1', forged), ['127.0.0.1', false], 'no proxy is listed')
  t.strictSame(await seen(listed, '10.0.0.7', forged), ['10.0.0.7', false], 'another host than the proxy')
  const appended = { ...forged, 'x-forwarded-for': '198.51.100.9, 203.0.113.7' }
  t.strictSame(await seen(listed, '127.0.0.1', appended), ['203.0.113.7', true], 'the client wrote the first')
})

t.test('too many attempts say when the next one counts, and one address keeps no other out', async t => {
  const { app, deps } = await testConsole(t, { clock: new FakeClock() })
  const ivan = await readyUser(deps, 'ivan')
  const wrong = { ...bodyOf(ivan, deps.clock.now()), passphrase: 'not the passphrase' }
  for (let i = 0; i < 5; i += 1) t.equal((await signInBy(app, wrong)).statusCode, 401)
  const limited = await signInBy(app, bodyOf(ivan, deps.clock.now()))
  t.match(limited, { statusCode: 429, headers: { 'retry-after': '30' } })
  t.match(limited.json(), { detail: /Try again in/ })
  for (let i = 0; i < 240; i += 1)
    await app.inject({ method: 'POST', url: '/api/v1/session', remoteAddress: '10.0.0.3' })
  const flooded = await signInBy(app, wrong, {}, '10.0.0.3')
  t.match(flooded.json(), { status: 429, detail: /from this address/ })
  t.equal((await signInBy(app, bodyOf(ivan, deps.clock.now()), {}, '10.0.0.4')).statusCode, 200)
})

t.test('a whole life of a user by the API', async t => {
  const { app, deps, people } = await testConsole(t, { clock: new FakeClock() })
  const boss = await people('administrator')
  const send = async (
    method: 'POST' | 'PUT' | 'PATCH' | 'GET',
    url: string,
    headers: object,
    payload?: object,
  ) => app.inject({ method, url: `/api/v1${url}`, headers: { ...headers }, ...(payload && { payload }) })
  const invited = (await send('POST', '/users', boss.headers, { name: 'vera', roles: ['auditor'] })).json()
  const [origin, secret] = invited.link.split('/invitation#')
  t.equal(origin, 'http://localhost:8081')
  const begun = (await send('POST', '/invitations/begin', {}, { secret })).json()
  t.match(begun, { name: 'vera', roles: ['auditor'], optional: false, uri: /^otpauth:/ })
  const code = codeAt(begun.totp, deps.clock.now())
  const passphrase = 'eleven quiet herons'
  const accepted = await send('POST', '/invitations/accept', {}, { secret, passphrase, code })
  t.match(accepted.json(), { name: 'vera', recoveryCodes: { length: 10 } }, accepted.body)
  const [recovery] = accepted.json().recoveryCodes
  const signedIn = await signInBy(app, { name: 'vera', passphrase, code: recovery })
  const vera = fromPage(cookieValue(signedIn.headers['set-cookie']))
  t.strictSame((await send('GET', '/me/recovery-codes', vera)).json(), { left: 9 })
  const changed = await send('PUT', '/me/passphrase', vera, {
    present: passphrase,
    wanted: 'a lake without boats',
  })
  t.equal(changed.statusCode, 200, changed.body)
  const version = (await send('POST', '/rules', boss.headers, { text: 'Tell nobody.' })).json().version
  t.match((await send('GET', '/rules', vera)).json(), { mayHear: false, rules: { version } })
  await send('POST', '/rules/acknowledge', vera, { version })
  const [half, unwritable] = ['half \ud83d', /must not hold control characters/i]
  const train = (what: string) =>
    send('POST', '/users/vera/training', boss.headers, { what, on: '2026-01-20' })
  t.match((await train(half)).json(), { status: 400, detail: unwritable })
  const passkey = { secret, name: half, response: {} }
  const named = await send('POST', '/invitations/passkey/accept', {}, passkey)
  t.match(named.json(), { status: 400, detail: unwritable })
  await train('Course')
  t.match((await send('GET', '/rules', vera)).json(), { mayHear: true, reason: null })
  t.equal((await send('PATCH', '/users/vera', boss.headers, {})).statusCode, 400)
  t.equal((await send('PATCH', '/users/vera', boss.headers, { disabled: true })).statusCode, 200)
  t.equal((await send('GET', '/me', vera)).statusCode, 401)
  const listed = await send('GET', '/users', boss.headers)
  t.match(
    listed.json().find((one: { name: string }) => one.name === 'vera'),
    { state: 'disabled' },
  )
})

t.test('what was typed is neither in the log nor in an answer, also if the journal refuses', async t => {
  const lines: string[] = []
  const log = silent.child({})
  for (const level of ['error', 'warn', 'info'] as const)
    log[level] = ((...words: unknown[]) => void lines.push(JSON.stringify(words))) as typeof log.error
  const journal = {
    append: async () => Promise.reject(new AppError('journal.unwritten', 'refused')),
    note: () => {},
  }
  const { app } = await testConsole(t, { clock: new FakeClock(), journal, log })
  const typed = { name: 'my-own-name', passphrase: 'eleven quiet herons', code: '123456' }
  const answers = [
    await signInBy(app, typed),
    await signInBy(app, { ...typed, name: [typed.passphrase] }),
    await signInBy(app, { ...typed, more: typed.passphrase }),
    await app.inject({
      ...{ method: 'POST', url: '/api/v1/invitations/accept' },
      payload: { secret: 'my-own-name', passphrase: typed.passphrase },
    }),
  ]
  t.strictSame(new Set(answers.map(({ statusCode }) => statusCode)), new Set([503]))
  const told = [...lines, ...answers.map(({ body }) => body)].join('\n')
  t.ok(lines.length > 0)
  for (const secret of Object.values(typed)) t.notMatch(told, secret)
})
