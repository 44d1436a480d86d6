// Real: the console's server without a socket, PostgreSQL with the console's role. Fake: none.
import t from 'tap'
import { labLines } from '../../../lab/lab-lines.js'
import { ROLES } from '../../../src/core/actor.js'
import { changeLines, listLines } from '../../../src/lines/change-lines.js'
import { person } from '../../support/data/actors.js'
import { testConsole } from '../../support/processes/console.js'

const { app, deps, tokens, requests } = await testConsole(t)
await changeLines(deps, person('anna'), { ...labLines[0]!, number: '700' })
await changeLines(deps, person('anna'), { ...labLines[0]!, number: '700', waitMs: 4_000 })
const as = (role: keyof typeof tokens, more: Record<string, string> = {}) => ({
  authorization: tokens[role],
  accept: 'text/html',
  ...more,
})
const form = { 'content-type': 'application/x-www-form-urlencoded' }

t.test('pages let only their own scripts run, are not framed and not kept', async t => {
  for (const url of ['/now', '/lines', '/lines/700', '/system', '/me', '/lines/799', '/nowhere']) {
    const { headers } = await app.inject({ url, headers: as('administrator') })
    const policy = String(headers['content-security-policy'])
    t.match(policy, /default-src 'none'; script-src 'self' 'nonce-[\w+/=]{20,}'; style-src 'self'/, url)
    t.match(policy, /frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types htmx$/)
    t.match(headers, {
      'cache-control': 'no-store',
      'content-type': /^text\/html/,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    })
  }
})

t.test('each page has a nonce of its own', async t => {
  const nonces = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const { headers } = await app.inject({ url: '/now', headers: as('operator') })
      return /nonce-([^']+)/.exec(String(headers['content-security-policy']))?.[1]
    }),
  )
  t.equal(new Set(nonces).size, 5)
})

t.test('a page is in the language that the browser asks for, or that was chosen', async t => {
  const title = async (headers: Record<string, string>) =>
    /<h1>([^<]+)/.exec((await app.inject({ url: '/lines', headers: as('auditor', headers) })).body)?.[1]
  t.equal(await title({ 'accept-language': 'ru' }), 'Линии')
  t.equal(await title({ 'accept-language': 'de' }), 'Lines')
  const chosen = await app.inject({
    ...{ method: 'POST', url: '/me/view', headers: as('auditor', form) },
    payload: 'language=ru&theme=dark&zone=Europe%2FMoscow',
  })
  t.match(chosen, { statusCode: 303, headers: { location: '/me' } })
  const cookie = String(chosen.headers['set-cookie']).split(';')[0]!
  t.equal(await title({ 'accept-language': 'en', cookie }), 'Линии')
  const undone = await app.inject({
    ...{ method: 'POST', url: '/me/view', headers: as('auditor', { ...form, cookie }) },
    payload: 'language=browser&theme=dark&zone=Europe%2FMoscow',
  })
  const followed = String(undone.headers['set-cookie']).split(';')[0]!
  t.equal(await title({ 'accept-language': 'en', cookie: followed }), 'Lines', 'as the browser again')
})

t.test('markup in what somebody wrote is shown as text', async t => {
  const legalBasis = '<img src=x onerror=alert(1)>"\'&'
  const { purposes, ...line } = labLines[0]!
  await changeLines(deps, person('<b>eve</b>'), {
    ...{ ...line, number: '701', purposes: [{ ...purposes[0]!, legalBasis }] },
  })
  const { body } = await app.inject({ url: '/lines/701', headers: as('administrator') })
  t.notMatch(body, /<img|<b>eve/)
  t.match(body, /&lt;img src=x onerror=alert\(1\)>/)
})

t.test('an earlier version is restored by a form, and only by an administrator', async t => {
  const restore = (role: keyof typeof tokens) =>
    app.inject({
      ...{ method: 'POST', url: '/lines/700/restore', headers: as(role, form), payload: 'version=1' },
    })
  t.equal((await restore('supervisor')).statusCode, 403)
  const { statusCode, headers } = await restore('administrator')
  t.equal(statusCode, 303)
  t.match(headers.location, /^\/lines\/700\?done=/, 'a page that is reloaded restores nothing')
  const shown = async (role: keyof typeof tokens) =>
    (await app.inject({ url: String(headers.location), headers: as(role) })).body
  for (const _ of [1, 2]) t.match(await shown('administrator'), 'Done, with a warning')
  t.notMatch(await shown('auditor'), 'Done, with a warning', 'whoever has not done it')
  t.match(
    (await listLines(deps)).find(({ number }) => number === '700'),
    { version: 3, waitMs: 5_000 },
  )
})

t.test('a refused page says what to do, and is journalled once', async t => {
  const known = (await requests()).length
  const refused = await app.inject({ url: '/system', headers: as('auditor') })
  t.equal(refused.statusCode, 403)
  t.match(refused.body, /Another role is needed/)
  t.match((await requests()).slice(known), {
    length: 1,
    0: { by: 'auditor', action: 'system.read', status: 403 },
  })
})

t.test('the menu has the sections that the role may open, and no others', async t => {
  const all = ['/now', '/lines', '/prompts', '/people', '/system', '/me']
  for (const role of ROLES) {
    const { body } = await app.inject({ url: '/me', headers: as(role) })
    for (const url of all) {
      const { statusCode } = await app.inject({ url, headers: as(role) })
      t.equal(body.includes(`class="section" href="${url}"`), statusCode === 200, `${role} ${url}`)
    }
  }
})

t.test('style sheet and scripts are kept for ever, and come compressed', async t => {
  const { body } = await app.inject({ url: '/now', headers: as('operator') })
  const files = [...body.matchAll(/\/assets\/[\w.-]+/g)].map(([file]) => file)
  t.ok(files.length >= 2, files.join())
  for (const url of files) {
    const { headers, statusCode } = await app.inject({ url, headers: { 'accept-encoding': 'br' } })
    t.equal(statusCode, 200)
    t.match(headers, { 'cache-control': 'public, max-age=31536000, immutable', 'content-encoding': 'br' })
  }
  for (const url of ['/assets/names.json', '/assets/../console.js', '/assets/%2e%2e/app.js', '/assets/'])
    t.ok([403, 404].includes((await app.inject({ url })).statusCode), url)
})
