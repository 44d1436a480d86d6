// Real: the console's server, PostgreSQL with the console's role. Fake: none.
// Every route, page or API, is requested by nobody, by a wrong role and by an administrator.
import { connect } from 'node:net'
import t, { type Test } from 'tap'
import { testConsole } from '../../support/processes/console.js'
import { FORM, filled, isApi, look, routesOf } from '../../support/processes/console-routes.js'
import { bodyOf, cookieValue, readyUser } from '../../support/processes/people.js'
import { whenClosed } from '../../support/processes/when-closed.js'

type Headers = Record<string, unknown>

/** Checks that an answer is not kept, framed, guessed at or read by another page, and says what it is. */
function checkHeaders(t: Test, headers: Headers, told: string): void {
  const policy = String(headers['content-security-policy']).split(/; ?/)
  for (const directive of ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"])
    t.ok(policy.includes(directive), `${told}: ${directive}`)
  t.ok(
    policy.some(directive => /^form-action '(none|self)'$/.test(directive)),
    `${told}: form-action`,
  )
  t.notMatch(policy.join(), /unsafe|\*/, told)
  t.match(
    headers,
    {
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': /^(no-referrer|same-origin)$/,
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    },
    told,
  )
  if (headers['content-length'] !== '0')
    t.match(
      headers['content-type'],
      /^(text\/(html|event-stream)|application\/(problem\+)?json); charset=utf-8$/,
      told,
    )
  for (const name of ['access-control-allow-origin', 'server', 'x-powered-by'])
    t.notOk(name in headers, `${told}: ${name}`)
}

t.test('every answer of every route, refusals too, has the headers that protect it', async t => {
  const { app, people } = await testConsole(t)
  const operator = await people('operator')
  const statuses = new Set<number>()
  const routes = routesOf(app)
  t.ok(routes.filter(isApi).length > 40 && routes.filter(route => !isApi(route)).length > 20)
  for (const { method, url } of routes) {
    // A deed may end the session of whoever does it.
    const boss = await people('administrator')
    for (const headers of [{}, operator.headers, boss.headers]) {
      const answer = await look(app, { method, url: filled(url), headers: { ...headers } })
      statuses.add(answer.statusCode)
      checkHeaders(t, answer.headers, `${method} ${url} ${answer.statusCode}`)
    }
  }
  const limited = await Promise.all(Array.from({ length: 61 }, () => app.inject('/api/v1/me')))
  for (const { headers, statusCode } of limited) checkHeaders(t, headers, `one of too many: ${statusCode}`)
  statuses.add(limited.at(-1)!.statusCode)
  for (const status of [200, 303, 400, 401, 403, 404, 429])
    t.ok(statuses.has(status), `some answer is ${status}`)
})

t.test('so has an answer to what is no route, no address or no request', async t => {
  const { app } = await testConsole(t)
  for (const url of [
    '/nowhere',
    '/api/v1/nowhere',
    '/%zz',
    `/people/${'a'.repeat(300)}/roles`,
    '/assets/nothing',
  ])
    for (const accept of ['text/html', '*/*']) {
      const answer = await app.inject({ url, headers: { accept } })
      // A browser is led from what only takes a form to the page above.
      t.ok([303, 400, 404].includes(answer.statusCode), url)
      checkHeaders(t, answer.headers, `${url} ${accept}`)
    }
  const { body } = await app.inject({ url: '/sign-in' })
  for (const [url] of body.matchAll(/\/assets\/[\w.-]+/g)) {
    const { headers } = await app.inject({ url })
    t.match(headers, { 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin' })
    t.match(
      headers['content-type'],
      /^(text\/css|text\/javascript|application\/javascript); charset=utf-8$/,
      url,
    )
  }
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  const tooLong = `GET / HTTP/1.1\r\nhost: x\r\ncookie: ${'a'.repeat(9_000)}\r\n\r\n`
  for (const [request, status] of [
    ['nonsense\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n', 400],
    [tooLong, 431],
  ] as const) {
    const answer = await exchange(Number(port), request)
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    const [first, ...lines] = head.split('\r\n')
    t.match(first, new RegExp(`^HTTP/1.1 ${status} `))
    checkHeaders(t, Object.fromEntries(lines.map(line => line.split(/: (.*)/))), String(first))
    t.match(JSON.parse(body), { status })
  }
})

/** Sends bytes. @returns all that comes back until the server ends the connection */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.on('data', data => {
    answer += data
  })
  socket.on('error', () => {})
  socket.write(bytes)
  await whenClosed(socket)
  return answer
}

t.test('each cookie is for HTTPS only, from this host itself, and never sent from another site', async t => {
  const { app, deps } = await testConsole(t, {}, { CONSENTRY_CONSOLE_ORIGIN: 'https://consentry.test' })
  const eva = await readyUser(deps, 'eva')
  const { name, passphrase, code } = bodyOf(eva, deps.clock.now())
  const send = async (url: string, fields: Record<string, string>, cookie = '') => {
    const headers = { ...FORM, cookie, 'sec-fetch-site': 'same-origin' }
    const answer = await app.inject({
      method: 'POST',
      url,
      headers,
      payload: new URLSearchParams(fields).toString(),
    })
    t.equal(answer.statusCode, 303, answer.body)
    return answer
  }
  const signedIn = await send('/sign-in', { next: '/me', name, passphrase, code })
  const cookie = `__Host-consentry=${cookieValue(signedIn.headers['set-cookie'])}`
  const viewed = await send('/me/view', { language: 'ru', theme: 'dark', zone: 'Europe/Moscow' }, cookie)
  const out = await send('/sign-out', {}, cookie)
  for (const { headers } of [signedIn, viewed, out])
    t.match(headers['set-cookie'], /^__Host-consentry(-view)?=[^;]*; Path=\/; .*SameSite=Strict(;|$)/)
  for (const { headers } of [signedIn, viewed, out]) t.match(headers['set-cookie'], /; Secure(;|$)/)
  for (const { headers } of [signedIn, out]) t.match(headers['set-cookie'], /; HttpOnly;/)
  t.equal(out.headers['clear-site-data'], '"cache", "storage"')
})
