// Real: the console's server without a socket, PostgreSQL with the console's role. Fake: none.
// Every route that may change something, page or API, is requested as a page of another site would.
import t from 'tap'
import { testConsole } from '../../support/processes/console.js'
import { changes, FORM, filled, isApi, look, routesOf } from '../../support/processes/console-routes.js'

const { app, deps, people } = await testConsole(t, {}, { CONSENTRY_CONSOLE_ORIGIN: 'http://consentry.test' })
const unsafe = routesOf(app).filter(changes)

/** What browsers say of a request by a page elsewhere, by a link in a message, and by one that names no page. */
const FOREIGN: Record<string, string>[] = [
  { 'sec-fetch-site': 'cross-site', origin: 'https://evil.test' },
  { 'sec-fetch-site': 'same-site', origin: 'http://other.consentry.test' },
  { 'sec-fetch-site': 'none' },
  { 'sec-fetch-site': 'cross-site', origin: 'http://consentry.test' },
  { origin: 'http://consentry.test.evil.test' },
  { origin: 'http://consentry.test:8443' },
  { origin: 'null' },
]

/** Events of deeds. Requests have events of their own. */
const deeds = async () =>
  Number(
    (
      await deps.db
        .selectFrom('event')
        .select(({ fn }) => fn.countAll().as('count'))
        .where('type', '!=', 'console.requested')
        .executeTakeFirstOrThrow()
    ).count,
  )

t.ok(unsafe.filter(isApi).length > 20 && unsafe.filter(route => !isApi(route)).length > 12)
for (const [i, { method, url }] of unsafe.entries()) {
  // Requests of one address to routes for anyone are limited.
  const remoteAddress = `10.7.0.${i}`
  t.test(`${method} ${url} does nothing for a foreign page`, async t => {
    const boss = await people('administrator')
    const before = await deeds()
    for (const said of FOREIGN)
      for (const headers of [
        { ...FORM },
        { 'content-type': 'application/json' },
        { 'content-type': 'text/plain' },
      ]) {
        const { cookie } = boss.headers
        const payload = headers['content-type'] === FORM['content-type'] ? 'name=mallory' : '{}'
        const answer = await app.inject({
          ...{ method, url: filled(url), payload, remoteAddress },
          headers: { ...headers, ...said, cookie },
        })
        const { statusCode, headers: answered } = answer
        t.equal(statusCode, 403, JSON.stringify(said))
        t.notOk(answered['set-cookie'])
      }
    t.equal(await deeds(), before)
    const still = await app.inject({ url: '/api/v1/me', headers: { ...boss.headers } })
    t.equal(still.statusCode, 200, 'nor is the session over')
  })
}

t.test('a GET changes nothing', async t => {
  const boss = await people('administrator')
  const before = await deeds()
  for (const { url } of routesOf(app).filter(route => !changes(route)))
    await look(app, { url: filled(url), headers: { ...boss.headers } })
  t.equal(await deeds(), before)
})

t.test('a request that says nothing of pages does nothing with a cookie', async t => {
  for (const { method, url } of unsafe) {
    const boss = await people('administrator')
    const { cookie } = boss.headers
    const answer = await app.inject({ method, url: filled(url), headers: { cookie } })
    // Whoever has not signed in yet may be a program, which sends no cookie to lend out.
    if (/\/(sign-in|session|invitations?)(\/|$)|^\/setup$/.test(url) && !(method === 'DELETE')) continue
    t.equal(answer.statusCode, 403, `${method} ${url}`)
  }
})
