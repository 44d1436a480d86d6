// Real: the console's server without a socket, PostgreSQL with the console's role, argon2id. Fake: the clock.
import t from 'tap'
import { disableUser } from '../../../src/accounts/users.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { person } from '../../support/data/actors.js'
import { told } from '../../support/data/told-events.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { testConsole } from '../../support/processes/console.js'
import { changes, FORM, filled, isApi, routesOf } from '../../support/processes/console-routes.js'
import { bodyOf, cookieValue, fromPage, readyUser, STEP_MS } from '../../support/processes/people.js'

/** How long a session lasts without a request, ms. */
const IDLE_MS = 1_800_000
/** How long a proof lasts, ms. */
const FRESH_MS = 300_000

t.test('the page to sign in gives a new session each time, and takes none that was planted', async t => {
  const { app, deps, requests } = await testConsole(t, { clock: new FakeClock() })
  const maria = await readyUser(deps, 'maria')
  const signIn = async (cookie: string, at: number) => {
    const { name, passphrase, code } = bodyOf(maria, at)
    const payload = new URLSearchParams({ next: '/me', name, passphrase, code }).toString()
    const headers = { ...FORM, ...fromPage(cookie) }
    const answer = await app.inject({ method: 'POST', url: '/sign-in', payload, headers })
    t.match(answer, { statusCode: 303, headers: { location: '/me' } }, answer.body)
    return cookieValue(answer.headers['set-cookie'])
  }
  const status = async (cookie: string) =>
    (await app.inject({ url: '/me', headers: { ...fromPage(cookie) } })).statusCode
  const planted = 'A'.repeat(43)
  const one = await signIn(planted, deps.clock.now())
  t.not(one, planted)
  t.strictSame([await status(planted), await status(one)], [303, 200])
  const two = await signIn(one, deps.clock.now() + STEP_MS)
  t.strictSame([await status(one), await status(two)], [303, 200], 'the session before has ended')
  t.match((await requests())[0], { by: 'maria', action: 'session.open', status: 303, way: 'console' })
  const refused = await app.inject({
    ...{ method: 'POST', url: '/sign-in', headers: { ...FORM, ...fromPage(two) } },
    payload: 'next=&name=maria&passphrase=wrong&code=000000',
  })
  t.match(refused, { statusCode: 401 })
  t.notOk(refused.headers['set-cookie'], 'who fails gets no session')
  t.equal(await status(two), 200)
})

t.test('passphrases are typed into masked fields, which password managers fill', async t => {
  const clock = new FakeClock()
  const { app, people } = await testConsole(t, { clock })
  const { headers } = await people('operator')
  const masked = async (url: string, count: number) => {
    const { body } = await app.inject({ url, headers: { ...headers } })
    const fields = [...body.matchAll(/<input[^>]*>/g)]
      .map(([field]) => field)
      .filter(field => /name="(passphrase|repeat|present|wanted)"/.test(field))
    t.equal(fields.length, count, url)
    for (const field of fields) {
      t.match(field, /type="password"/)
      t.match(field, /autocomplete="(current|new)-password"/)
      t.notMatch(field, /onpaste|readonly/)
    }
  }
  await masked('/sign-in', 1)
  await masked('/me', 2)
  clock.standStill(FRESH_MS)
  await masked('/me', 1)
})

t.test('whoever is not in any more is led to the sign-in by every page, at the next request', async t => {
  const clock = new FakeClock()
  const { app, people, admin } = await testConsole(t, { clock })
  const pages = routesOf(app).filter(
    route => !isApi(route) && !changes(route) && !/^\/(sign-in|invitation|setup$)/.test(route.url),
  )
  t.ok(pages.length >= 7)
  const boss = await people('administrator')
  const endings: Record<string, (one: Awaited<ReturnType<typeof people>>) => Promise<unknown>> = {
    'signed out': one =>
      app.inject({ method: 'POST', url: '/sign-out', headers: { ...FORM, ...one.headers } }),
    revoked: ({ actor }) =>
      app.inject({
        method: 'DELETE',
        url: `/api/v1/sessions/${actor.session}`,
        headers: { ...boss.headers },
      }),
    disabled: ({ actor }) => disableUser({ ...admin, clock }, person('anna'), actor.name),
    idle: async () => clock.advance(IDLE_MS),
  }
  let address = 0
  for (const [how, end] of Object.entries(endings)) {
    const one = await people('administrator')
    // Of an address that brings many unknown sessions, further ones are not looked up for a minute.
    const remoteAddress = `10.6.0.${++address}`
    const look = (url: string) => app.inject({ url: filled(url), remoteAddress, headers: { ...one.headers } })
    t.equal((await look('/me')).statusCode, 200, how)
    await end(one)
    for (const { url } of pages) {
      const { statusCode, headers, body } = await look(url)
      t.equal(statusCode, 303, `${how}: ${url}`)
      t.match(headers.location, /^\/sign-in\?next=/)
      t.equal(body, '')
    }
  }
})

t.test('whoever tries passphrases on the own page is told when the next one counts', async t => {
  const { app, people } = await testConsole(t, { clock: new FakeClock() })
  const { headers } = await people('operator')
  const attempt = () =>
    app.inject({
      ...{ method: 'POST', url: '/me/proof', headers: { ...FORM, ...headers } },
      payload: 'passphrase=wrong&code=000000',
    })
  for (let i = 0; i < 5; i += 1) t.equal((await attempt()).statusCode, 422)
  t.match(await attempt(), { statusCode: 429, headers: { 'retry-after': '30' } })
})

t.test('an administrator sees where somebody else is signed in, and ends it', async t => {
  const { app, deps, people, requests } = await testConsole(t)
  const anna = await people('administrator')
  const boris = await people('supervisor')
  const other = await people('administrator')
  const address = `/people/${boris.actor.name}/sessions`
  const show = (headers: Record<string, string>, url = address) => app.inject({ url, headers })
  const shown = await show(anna.headers)
  t.equal(shown.statusCode, 200)
  t.match(shown.body, '127.0.0.1')
  const { action } = /<form method="post" action="(?<action>[^"]+\/end)"/.exec(shown.body)!.groups!
  t.equal(action, `${address}/${boris.actor.session}/end`)
  t.match((await show(anna.headers, '/people')).body, `href="${address}"`)
  t.match(await show(anna.headers, `/people/${anna.actor.name}/sessions`), {
    ...{ statusCode: 303, headers: { location: '/me' } },
  })
  t.match(await show(anna.headers, '/people/nobody/sessions'), { statusCode: 404 })
  t.match(await show(boris.headers, `/people/${other.actor.name}/sessions`), { statusCode: 403 })

  const end = (headers: Record<string, string>) =>
    app.inject({ method: 'POST', url: action!, headers: { ...headers, ...FORM }, payload: '' })
  t.match(await end(boris.headers), { statusCode: 403 })
  t.match(await show(boris.headers, '/me'), { statusCode: 200 }, 'nobody else ends a session')
  t.match(await end(anna.headers), { statusCode: 303, headers: { location: address } })
  t.match(await show(boris.headers, '/me'), { statusCode: 303 }, 'the next request is refused')
  t.notMatch((await show(anna.headers)).body, action)

  matchEach(
    t,
    (await requests())
      .filter(({ action }) => String(action).startsWith('user.'))
      .map(one => [one['action'], one['status']]),
    [
      ...[
        ['user.show-sessions', 200],
        ['user.list', 200],
        ['user.show-sessions', 303],
        ['user.show-sessions', 404],
      ],
      ...[
        ['user.show-sessions', 403],
        ['user.end-session', 403],
        ['user.end-session', 303],
      ],
      ...[['user.show-sessions', 200]],
    ],
  )
  const journalled = await told(deps.db).select('data').where('type', '=', 'session.ended').execute()
  matchEach(t, journalled, [
    {
      data: { name: boris.actor.name, by: anna.actor.name, sessions: [boris.actor.session], how: 'revoked' },
    },
  ])
})
