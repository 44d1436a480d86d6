// Real: the console's server without a socket, PostgreSQL with the console's role. Fake: none.
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib'
import t from 'tap'
import { testConsole } from '../../support/processes/console.js'
import { changes, FORM, filled, look, routesOf } from '../../support/processes/console-routes.js'

const { app, people } = await testConsole(t)
const { headers } = await people('administrator')

t.test('pages and answers of the API come compressed, as the browser takes them', async t => {
  for (const url of ['/now', '/system/api', '/api/v1/openapi.json']) {
    const get = (encoding: string) =>
      app.inject({ url, headers: { ...headers, 'accept-encoding': encoding } })
    const plain = await app.inject({ url, headers: { ...headers } })
    t.notOk('content-encoding' in plain.headers)
    const [br, gzip] = [await get('gzip, deflate, br'), await get('gzip')]
    t.match(br.headers, { 'content-encoding': 'br', vary: /accept-encoding/i })
    t.match(gzip.headers, { 'content-encoding': 'gzip' })
    t.ok(br.rawPayload.length < plain.rawPayload.length / 2, `${url} is ${br.rawPayload.length} bytes`)
    const likely = new RegExp(`^.{${Math.floor(plain.body.length * 0.9)},}$`, 's')
    t.match(brotliDecompressSync(br.rawPayload).toString(), likely)
    t.match(gunzipSync(gzip.rawPayload).toString(), likely)
  }
})

/** Pages for whoever is not in, and those that show a secret once. */
const NEVER = /^\/(sign-in|invitation(\/.*)?|setup|me\/(second-factor|recovery-codes\/.*)|people\/links\/.*)$/

t.test('answers to forms, to whoever is not in, and with secrets are not compressed', async t => {
  const encoding = { 'accept-encoding': 'br, gzip' }
  for (const { method, url } of routesOf(app)) {
    const boss = await people('administrator')
    const isForm = changes({ method, url })
    const own = { ...boss.headers, ...encoding, ...(isForm && FORM) }
    const payload = isForm ? { payload: '' } : {}
    const answer = await look(app, { method, url: filled(url), headers: own, ...payload })
    if (isForm || NEVER.test(url)) t.notOk('content-encoding' in answer.headers, `${method} ${url}`)
  }
})

t.test('a compressed request is refused', async t => {
  const { statusCode } = await app.inject({
    ...{ method: 'POST', url: '/me/view', payload: brotliCompressSync('language=ru') },
    headers: { ...headers, ...FORM, 'content-encoding': 'br' },
  })
  t.ok([303, 400, 415].includes(statusCode), `${statusCode}`)
  const { headers: again } = await app.inject({ url: '/lines', headers: { ...headers } })
  t.equal(again['content-language'], 'en', 'what it says is not read')
})
