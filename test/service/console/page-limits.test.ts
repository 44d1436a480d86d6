// Real: the console's server without a socket, PostgreSQL with the console's role. Fake: the clock of the console, not that of its limits.
import t from 'tap'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { testConsole } from '../../support/processes/console.js'
import { changes, FORM, filled, isApi, routesOf } from '../../support/processes/console-routes.js'
import { bodyOf, fromPage, readyUser } from '../../support/processes/people.js'

/** As many requests as the journal takes of strangers in a minute. */
const JOURNALLED = 60

t.test(
  'requests for pages without a session do not fill the journal, from however many addresses',
  async t => {
    const { app, requests, people } = await testConsole(t)
    const pages = routesOf(app).filter(
      route => !isApi(route) && !/^\/(sign-in|invitation)|^\/setup$/.test(route.url),
    )
    for (let i = 0; i < 90; i += 1) {
      const { method, url } = pages[i % pages.length]!
      const { statusCode, headers } = await app.inject({
        ...{ method, url: filled(url), remoteAddress: `10.2.0.${i}` },
      })
      t.equal(statusCode, 303, `${method} ${url}`)
      t.match(headers.location, /^\/sign-in/, 'everybody is led to the sign-in')
    }
    t.equal((await requests()).length, JOURNALLED)
    const { headers } = await people('operator')
    t.equal(
      (await app.inject({ url: '/now', headers: { ...headers } })).statusCode,
      200,
      'nobody is kept out',
    )
  },
)

t.test('nor do visits to pages for anyone, which are still answered', async t => {
  const { app, deps, requests } = await testConsole(t, { clock: new FakeClock() })
  const anyone = routesOf(app).filter(({ url }) => /^\/(sign-in|invitation)|^\/setup$/.test(url))
  t.ok(anyone.some(changes))
  for (let i = 0; i < 90; i += 1) {
    const { method, url } = anyone[i % anyone.length]!
    const { statusCode } = await app.inject({ method, url, remoteAddress: `10.3.0.${i}` })
    t.ok((method === 'GET' ? [200, 303, 404] : [400]).includes(statusCode), `${url} ${statusCode}`)
  }
  t.equal((await requests()).length, JOURNALLED)
  const maria = await readyUser(deps, 'maria')
  const { name, passphrase, code } = bodyOf(maria, deps.clock.now())
  const signedIn = await app.inject({
    ...{ method: 'POST', url: '/sign-in', headers: { ...FORM, ...fromPage('') } },
    payload: new URLSearchParams({ next: '/me', name, passphrase, code }).toString(),
  })
  t.equal(signedIn.statusCode, 303)
  t.match((await requests()).slice(JOURNALLED), { length: 1, 0: { by: 'maria', action: 'session.open' } })
})

t.test('one address may visit pages for anyone 240 times in a minute, and keeps no other out', async t => {
  const { app } = await testConsole(t)
  const visit = async (remoteAddress: string) =>
    app.inject({ url: '/sign-in', headers: { accept: 'text/html' }, remoteAddress })
  for (let i = 0; i < 240; i += 1) t.equal((await visit('10.4.0.1')).statusCode, 200)
  const refused = await visit('10.4.0.1')
  t.match(refused, { statusCode: 429, headers: { 'content-type': /^text\/html/ } })
  t.equal((await visit('10.4.0.2')).statusCode, 200)
})

t.test('one session may ask for 600 pages in a minute, and keeps no other out', async t => {
  const { app, people } = await testConsole(t)
  const [one, other] = [await people('operator'), await people('operator')]
  const look = async ({ headers }: typeof one) =>
    (await app.inject({ url: '/', headers: { ...headers } })).statusCode
  // Ten at once, so that a busy machine does not need a minute for them, and none waits long for a connection to the database.
  for (let i = 0; i < 600; i += 10) {
    const statuses = await Promise.all(Array.from({ length: 10 }, () => look(one)))
    t.strictSame(new Set(statuses), new Set([303]))
  }
  t.strictSame([await look(one), await look(other)], [429, 303])
})
