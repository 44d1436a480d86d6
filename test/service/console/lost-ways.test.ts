// Real: the console's server without a socket, PostgreSQL with the console's role. Fake: none.
// Whoever is refused, or comes to an address that has no page, finds the way on.
import t from 'tap'
import { testConsole } from '../../support/processes/console.js'
import { changes, FORM, filled, isApi, routesOf } from '../../support/processes/console-routes.js'
import { BEGIN_HELD } from '../../support/processes/database.js'

const { app, asOwner, people } = await testConsole(t)
const boss = await people('administrator')
const browser = { accept: 'text/html', 'accept-language': 'en', host: 'localhost:8081' }
const get = (url: string, headers: Record<string, string> = boss.headers) =>
  app.inject({ url, headers: { ...browser, ...headers } })
const MENU = /<nav aria-label="Sections">/

t.test('a form that is refused at the address of its page leads back to the page', async t => {
  for (const [url, payload] of [
    ['/people', 'name=No+Name&roles=auditor'],
    ['/lines/groups', 'name=No+Name'],
    ['/people/rules', 'text='],
  ] as const) {
    const referer = `http://localhost:8081${url}`
    const refused = await app.inject({
      ...{ method: 'POST', url, payload, headers: { ...browser, ...boss.headers, ...FORM, referer } },
    })
    t.ok([400, 422].includes(refused.statusCode), `${url} ${refused.statusCode}`)
    if (!refused.body.includes(`action="${url}"`))
      t.match(refused.body, `<a class="button main" href="${url}">Back to the page</a>`, url)
  }
  const nowhere = await get('/nowhere', { ...boss.headers, referer: 'http://localhost:8081/nowhere' })
  t.notMatch(nowhere.body, 'Back to the page', 'a page does not lead to itself')
})

t.test('what was typed stays when it is refused', async t => {
  const post = (url: string, payload: string) =>
    app.inject({ method: 'POST', url, payload, headers: { ...browser, ...boss.headers, ...FORM } })
  const person = await post('/people', 'name=No+Name&roles=auditor')
  t.equal(person.statusCode, 422)
  t.match(person.body, /role="alert"[\s\S]*<input id="name"[^>]*value="No Name"/)
  t.match(person.body, /value="auditor" checked/)
  const group = await post('/lines/groups', 'name=No+Name')
  t.equal(group.statusCode, 422)
  t.match(group.body, /role="alert"[\s\S]*<input id="name"[^>]*value="No Name"/)
  await post('/people', 'name=nina&roles=auditor')
  t.match((await get('/people')).body, /invited<\/span>[\s\S]*the link is valid until <time/)
})

t.test('an address that only takes a form leads a browser to the page above it', async t => {
  const routes = routesOf(app).filter(route => !isApi(route))
  const pages = new Set(routes.filter(route => !changes(route)).map(({ url }) => url))
  const forms = [...new Set(routes.filter(changes).map(({ url }) => url))].filter(url => !pages.has(url))
  t.ok(forms.length > 20)
  for (const url of forms) {
    const answer = await get(filled(url))
    t.equal(answer.statusCode, 303, url)
    const above = String(answer.headers.location)
    t.ok(`${filled(url)}/`.startsWith(above === '/' ? above : `${above}/`), `${url} ${above}`)
    t.not(above, filled(url))
  }
  t.equal((await get('/drafts/7/publish')).headers.location, '/drafts/7')
  t.equal((await get('/people/anna/reset')).headers.location, '/people')
  t.equal((await get('/lines/new')).headers.location, '/lines')
  t.equal((await get('/lines/4711')).statusCode, 404, 'a line that is none is still none')
  const script = await app.inject({ url: '/drafts/7/publish', headers: { ...boss.headers } })
  t.equal(script.statusCode, 404, 'a program learns that there is no such route')
})

t.test('a page that says there is nothing has the menu of whoever has signed in', async t => {
  for (const url of ['/nowhere', '/lines/4711', '/drafts/7']) {
    const { statusCode, body } = await get(url)
    t.equal(statusCode, 404, url)
    t.match(body, MENU, url)
    t.match(body, boss.actor.name, url)
  }
  for (const headers of [{}, { cookie: 'consentry=none' }]) {
    const { statusCode, body } = await get('/nowhere', headers)
    t.equal(statusCode, 404)
    t.notMatch(body, MENU, 'nobody in particular')
  }
})

t.test('a page is answered while the database hangs after it has told who asks', async t => {
  await asOwner.query(`${BEGIN_HELD}; lock table installation in access exclusive mode`)
  const [nowhere, list] = await Promise.all([get('/nowhere'), get('/people')])
  t.equal(nowhere.statusCode, 404)
  t.match(nowhere.body, MENU)
  t.equal(list.statusCode, 503)
  t.match(list.body, /The database does not answer[\s\S]*<a class="button main" href="\/">/)
  await asOwner.query('rollback')
})

t.test('an address that cannot be decoded is answered with a page', async t => {
  for (const url of ['/%ff', '/lines/%zz']) {
    const { statusCode, headers, body } = await get(url)
    t.equal(statusCode, 400, url)
    t.match(headers['content-type'], /^text\/html/)
    t.match(body, /The address is malformed: type it again\.[\s\S]*<a class="button main" href="\/">/)
    t.match(body, MENU, 'with the menu of whoever has signed in')
    t.match(body, boss.actor.name)
    t.notMatch((await get(url, { cookie: 'consentry=none' })).body, MENU, 'nobody in particular')
  }
  t.match(
    (await app.inject({ url: '/%ff', headers: { ...browser, 'accept-language': 'ru' } })).body,
    'Адрес записан неверно',
  )
  const program = await app.inject({ url: '/%ff' })
  t.match(program.json(), { status: 400, detail: /openapi/ })
})
