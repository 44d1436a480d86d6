// Real: the console's server, PostgreSQL with the console's role. Fake: none.
// Requests that no page of the console sends: other methods, other media types, malformed and over-long forms, odd paths.
// Alone: it takes long, and the files after it would wait.
import { once } from 'node:events'
import { request as send } from 'node:http'
import t from 'tap'
import { testConsole } from '../../support/processes/console.js'
import { changes, FORM, filled, isApi, routesOf } from '../../support/processes/console-routes.js'
import { type Browser, bodyOf, browserOf, readyUser } from '../../support/processes/people.js'

const { app, deps, people } = await testConsole(t)
const routes = routesOf(app)
const forms = routes.filter(route => changes(route) && !isApi(route))
const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))

/** The address of raw requests: those of one address to no route are limited, and the other tests send many. */
const RAW_FROM = '127.0.0.9'

/** Sends a request whose path no client tidies up. */
async function raw(path: string, headers: Record<string, string> = {}) {
  const request = send({ host: '127.0.0.1', port, path, headers, localAddress: RAW_FROM }).end()
  const [answer] = await once(request, 'response')
  let body = ''
  for await (const chunk of answer) body += chunk
  return { status: answer.statusCode as number, headers: answer.headers as Record<string, unknown>, body }
}

/** Posts to a page as an administrator, from a page of the console. A deed may end the session, so each has its own. */
async function post(url: string, payload: string, headers: Record<string, string> = FORM, by?: Browser) {
  const boss = by ?? (await people('administrator'))
  return app.inject({ method: 'POST', url, payload, headers: { ...boss.headers, ...headers } })
}

let changers = 0
/** Somebody who may use each route that changes something. */
const changer = () => browserOf(deps, `changer-${++changers}`, ['administrator', 'supervisor'])

const fields = (given: Record<string, string>) => new URLSearchParams(given).toString()

/** Forms that take 160 KB, because a Cyrillic letter has six bytes in a form. */
const LONG_FORMS = ['/people/rules', '/lines/groups/:group', '/lines/groups/:group/preview']

t.test('a method that a route does not declare reaches nothing', async t => {
  const boss = await people('administrator')
  const declared = new Map<string, string[]>()
  for (const { method, url } of routes) declared.set(url, [...(declared.get(url) ?? []), method])
  for (const [url, methods] of declared)
    for (const method of ['HEAD', 'OPTIONS', 'TRACE', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      if (methods.includes(method)) continue
      const request = { method: method as 'GET', url: filled(url), headers: { ...boss.headers } }
      const { statusCode } = await app.inject(request)
      // `/lines/try` is no line for the page of one, but its address has that form.
      t.ok([400, 404, 429].includes(statusCode), `${method} ${url}: ${statusCode}`)
    }
})

t.test('neither a field nor a header makes a deed of what is none', async t => {
  const boss = await people('administrator')
  const override = {
    'x-http-method-override': 'DELETE',
    'x-http-method': 'DELETE',
    'x-method-override': 'DELETE',
  }
  for (const url of ['/api/v1/session', '/api/v1/session?_method=DELETE'])
    await app.inject({ url, headers: { ...boss.headers, ...override } })
  t.equal((await app.inject({ url: '/api/v1/me', headers: { ...boss.headers } })).statusCode, 200)
})

t.test('pages take forms only, and the API takes JSON only', async t => {
  // An upload may be longer: service/prompts/hostile-sounds has its limits.
  for (const { method, url } of routes.filter(changes).filter(({ url }) => !url.endsWith('/upload'))) {
    const page = !isApi({ method, url })
    const types = [
      'text/plain',
      'multipart/form-data; boundary=x',
      'application/xml',
      'application/octet-stream',
    ]
    // A request that is refused before its body is read ends no session.
    const boss = await changer()
    for (const type of [...types, page ? 'application/json' : FORM['content-type']]) {
      const headers = { ...boss.headers, 'content-type': type }
      const answer = await app.inject({ method, url: filled(url), headers, payload: '{"name":"x"}' })
      t.equal(answer.statusCode, 415, `${method} ${url} ${type}`)
    }
  }
})

const ODD_FORMS = [
  ...['', '=', '&&&', '%', 'name=%zz', 'name=%ff%fe', 'a'.repeat(60_000), 'a=&'.repeat(15_000)],
  ...['__proto__=x&constructor=y&prototype=z', '__proto__[admin]=1', 'name[]=a&name[x]=b', 'name=a&name=b'],
  ...[
    'name=%00&passphrase=%00&code=%00&next=%00',
    'roles=administrator&roles=__proto__',
    'version=1e99',
    'version=-1',
  ],
  ...[
    'next=/&name=x&passphrase=y&code=z&isAdmin=true',
    'language=xx&theme=y&zone=z',
    `secret=${'я'.repeat(500)}`,
  ],
]

t.test('a form that is malformed is refused, and never breaks anything', async t => {
  for (const { url } of forms) {
    let boss = await people('administrator')
    for (const payload of ODD_FORMS) {
      const { statusCode } = await post(filled(url), payload, FORM, boss)
      t.ok(statusCode < 500, `${url} ${payload.slice(0, 40)}: ${statusCode}`)
      // A deed may have ended the session, a refusal has not.
      if (statusCode < 400) boss = await people('administrator')
    }
  }
  t.equal(({} as Record<string, unknown>)['admin'], undefined)
})

t.test('a body that is too long is refused', async t => {
  // An upload may be longer: service/prompts/hostile-sounds has its limits.
  for (const { method, url } of routes.filter(changes).filter(({ url }) => !url.endsWith('/upload'))) {
    const page = !isApi({ method, url })
    const boss = await changer()
    const headers = { ...boss.headers, ...(page ? FORM : { 'content-type': 'application/json' }) }
    const text = 'x'.repeat(LONG_FORMS.includes(url) ? 170_000 : 70_000)
    const payload = page ? `name=${text}` : JSON.stringify({ name: text })
    const { statusCode } = await app.inject({ method, url: filled(url), headers, payload })
    t.equal(statusCode, 413, `${method} ${url}`)
  }
})

t.test('a repeated invitation form has no more than its page has shown', async t => {
  const secret = 'a'.repeat(43)
  const good = { secret, totp: 'A'.repeat(32), name: 'eva', passphrase: 'a', repeat: 'b', code: '' }
  const again = async (changed: Record<string, string>) =>
    (await post('/invitation/accept', fields({ ...good, ...changed }))).statusCode
  t.equal(await again({}), 422)
  for (const odd of [
    { totp: 'я'.repeat(1_000) },
    { totp: '0189' },
    { totp: '' },
    { name: 'я'.repeat(1_000) },
  ])
    t.equal(await again(odd), 400, JSON.stringify(odd).slice(0, 40))
})

t.test('U+0000 is refused wherever it comes, and so is a body of very many levels', async t => {
  const boss = await people('administrator')
  const get = async (url: string) => (await app.inject({ url, headers: { ...boss.headers } })).statusCode
  for (const { url } of routes.filter(({ url, method }) => method === 'GET' && url.includes(':')))
    t.ok([400, 403, 404].includes(await get(filled(url, '%00'))), url)
  t.equal(await get('/api/v1/sessions?user=%00'), 400)
  t.equal(await get('/sign-in?next=%00'), 400)
  const json = async (url: string, payload: object | string) =>
    app.inject({
      method: 'POST',
      url,
      headers: { ...boss.headers, 'content-type': 'application/json' },
      payload,
    })
  for (const text of ['a\0b', '\0'])
    t.match((await json('/api/v1/rules', { text })).json(), { status: 400, detail: /U\+0000/ })
  t.match((await json('/api/v1/lines/700/drafts', { input: { 'a\0': 1 } })).json(), { status: 400 })
  const deep = `{"input":${'['.repeat(30_000)}${']'.repeat(30_000)}}`
  t.match((await json('/api/v1/lines/700/drafts', deep)).json(), { status: 400, detail: /levels/ })
})

t.test('no address leads out of the folder of files, or into another route', async t => {
  const up = [
    '../',
    '..%2f',
    '%2e%2e/',
    '%2e%2e%2f',
    '..\\',
    '..%5c',
    '....//',
    '%252e%252e%252f',
    './../',
    '..;/',
  ]
  for (const one of up)
    for (const target of ['app.js', 'console.js', 'package.json', 'etc/passwd', 'assets/names.json'])
      for (const times of [1, 3, 8]) {
        const { status, body } = await raw(`/assets/${one.repeat(times)}${target}`)
        t.ok([400, 403, 404].includes(status), `${one} ${target} ${status}`)
        t.notMatch(body, /import |root:|"version"/)
      }
  for (const path of [
    '/assets',
    '/assets/',
    '/assets/names.json',
    '/assets/%6eames.json',
    '/assets//names.json',
    '/assets/%00',
    '/assets/.git/config',
  ])
    t.ok([400, 403, 404].includes((await raw(path)).status), path)
  const boss = await people('administrator')
  for (const path of [
    '/lines/..%2f..%2fpeople',
    '/lines/%2e%2e',
    '/people/..%2f..%2fme/roles',
    '/api/v1/lines/..%2fusers/versions',
  ])
    t.ok([400, 404].includes((await raw(path, boss.headers)).status), path)
})

t.test('no answer leads to another site, or has a header that somebody wrote', async t => {
  const eva = await readyUser(deps, 'eva')
  const places = [
    ...[
      'https://evil.test/',
      '//evil.test',
      '/\\evil.test',
      '\\\\evil.test',
      '/%09/evil.test\t',
      '/\t/evil.test',
    ],
    ...[
      'javascript:alert(1)',
      'data:text/html,x',
      '/now\r\nx-planted: 1',
      '/now\nset-cookie: a=b',
      'now',
      '',
      '/@evil.test\r',
    ],
  ]
  for (const next of places) {
    // Each code counts once, so that it must be made to count again.
    await deps.db.updateTable('user_credential').set({ totp_step: null }).execute()
    const { name, passphrase, code } = bodyOf(eva, deps.clock.now())
    const { statusCode, headers } = await post('/sign-in', fields({ next, name, passphrase, code }))
    t.equal(statusCode, 303)
    t.equal(headers.location, '/now', next)
    t.notOk('x-planted' in headers)
  }
  const viewed = await post(
    '/me/view',
    fields({ language: 'ru', theme: 'dark', zone: 'UTC\r\nx-planted: 1' }),
  )
  t.notMatch(viewed.headers['set-cookie'], /planted/)
  t.notOk('x-planted' in viewed.headers)
  for (const path of ['/now?x=%0d%0ax-planted:1', '/lines/7%0d%0ax-planted:1', '/people?next=//evil.test']) {
    const { headers } = await raw(path)
    t.notOk('x-planted' in headers, path)
    t.match(headers['location'] ?? '/', /^\/(?!\/)/)
  }
})
