// Real: the console's server without a socket, PostgreSQL with the console's role, argon2id. Fake: the clock.
import t from 'tap'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'
import { bodyOf, fromPage, readyUser } from '../../support/processes/people.js'

const host = { host: 'localhost:8081' }
const page = '/drafts/018f2d5e-0000-7000-8000-000000000000'
const LOST = 'What you had not saved is lost'

t.test(
  'where nobody can sign in yet, setup has its form and the sign-in says how somebody gets in',
  async t => {
    const { app, deps } = await testConsole(t, { clock: new FakeClock() })
    const open = async (url: string) => (await app.inject({ url, headers: { 'accept-language': 'en' } })).body
    t.match(await open('/setup'), 'Nobody has signed in yet')
    t.match(await open('/sign-in'), 'consentry user add')
    await readyUser(deps, 'maria')
    const later = await open('/setup')
    t.match(later, /Somebody has signed in already[\s\S]*href="\/sign-in"/)
    t.notMatch(later, /<form|Nobody has signed in/)
    t.notMatch(await open('/sign-in'), 'consentry user add')
  },
)

t.test('a session that ends while somebody edits is told, and the way back is kept', async t => {
  const { app, deps } = await testConsole(t, { clock: new FakeClock() })
  const maria = await readyUser(deps, 'maria', ['administrator'])
  const save = (headers: Record<string, string>) =>
    app.inject({
      ...{ method: 'POST', url: `${page}/fields`, payload: 'revision=1&field=waitMs&value=4' },
      headers: { ...FORM, ...host, 'sec-fetch-site': 'same-origin', ...headers },
    })
  const asked = new URLSearchParams({ next: `${page}?edit=waitMs`, ended: 'yes' })
  const way = `/sign-in?${asked}`
  const current = `http://localhost:8081${page}?edit=waitMs#edit`
  const byScript = await save({ 'hx-request': 'true', 'hx-current-url': current })
  t.match(byScript, { statusCode: 401, headers: { 'hx-redirect': way }, body: '' })
  t.match(
    await save({ referer: current }),
    { statusCode: 303, headers: { location: way } },
    'without scripts',
  )
  const foreign = await save({ 'hx-request': 'true', 'hx-current-url': 'http://elsewhere.example/x' })
  t.equal(foreign.headers['hx-redirect'], '/sign-in?ended=yes')
  const { body } = await app.inject({ url: way, headers: { 'accept-language': 'en' } })
  t.match(body, LOST)
  const [, next = ''] = /name="next" value="([^"]+)"/.exec(body) ?? []
  t.equal(next, `${page}?edit=waitMs`)
  const { name, passphrase, code } = bodyOf(maria, deps.clock.now())
  const entered = await app.inject({
    ...{ method: 'POST', url: '/sign-in', headers: { ...FORM, ...fromPage('A'.repeat(43)) } },
    payload: new URLSearchParams({ next, name, passphrase, code }).toString(),
  })
  t.match(entered, { statusCode: 303, headers: { location: `${page}?edit=waitMs` } })
  const visit = await app.inject({ url: '/lines', headers: { ...host } })
  t.equal(visit.headers.location, '/sign-in?next=%2Flines', 'who only looks has lost nothing')
})
