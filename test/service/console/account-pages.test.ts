// Real: the console's server without a socket, PostgreSQL with the console's role, argon2id, the journal. Fake: the clock.
import t from 'tap'
import { inviteUser } from '../../../src/accounts/invitations.js'
import { codeAt } from '../../../src/accounts/second-factor.js'
import type { ConsoleDeps } from '../../../src/console/deps.js'
import { newPasskeyId } from '../../../src/core/ids.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { person } from '../../support/data/actors.js'
import { told } from '../../support/data/told-events.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'
import {
  bodyOf,
  cookieValue,
  fromPage,
  readyUser,
  STEP_MS,
  signInBy,
} from '../../support/processes/people.js'

/** How long a proof lasts, ms. What is shown after a request is shown as long. */
const FRESH_MS = 300_000
/** A hash of the full strength. People who are made for a test have a lesser one. */
const STRONG = /^\$argon2id\$v=19\$m=65536,t=3,p=1\$/
const hashesIn = async ({ db }: ConsoleDeps) =>
  (await db.selectFrom('user_credential').select('passphrase').execute()).map(row => row.passphrase)

t.test('after five minutes the own page asks who it is, and leads back', async t => {
  const clock = new FakeClock()
  const { app, deps } = await testConsole(t, { clock })
  const rita = await readyUser(deps, 'rita')
  const signedIn = await signInBy(app, bodyOf(rita, clock.now()))
  const headers = fromPage(cookieValue(signedIn.headers['set-cookie']))
  const look = (url: string) => app.inject({ url, headers: { ...headers } })
  const send = (url: string, form: Record<string, string> = {}) =>
    app.inject({
      ...{ method: 'POST', url, headers: { ...FORM, ...headers } },
      payload: new URLSearchParams(form).toString(),
    })
  t.match((await look('/me')).body, /action="\/me\/passphrase"/)
  clock.standStill(FRESH_MS)
  const asked = (await look('/me')).body
  t.match(asked, /action="\/me\/proof"/)
  t.notMatch(asked, /action="\/me\/(passphrase|recovery-codes|second-factor)/)
  const wanted = { present: rita.password, wanted: 'a lake without boats' }
  for (const [url, form] of [
    ['/me/passphrase', wanted],
    ['/me/recovery-codes', {}],
    ['/me/second-factor/begin', {}],
    ['/me/second-factor', { code: '000000' }],
    [`/me/passkeys/${newPasskeyId()}/remove`, {}],
  ] as const)
    t.match(await send(url, form), { statusCode: 303, headers: { location: '/me#confirm' } }, url)
  const wrong = await send('/me/proof', { passphrase: rita.password, code: '000000' })
  t.match(wrong, { statusCode: 422, body: /role="alert"/ })
  const proof = { passphrase: rita.password, code: codeAt(rita.totp, clock.now()) }
  t.match(await send('/me/proof', proof), { statusCode: 303, headers: { location: '/me#confirm' } })
  t.match(await send('/me/second-factor/begin'), { headers: { location: '/me/second-factor' } })
  const [, totp] = /<code>([A-Z2-7]+)<\/code>/.exec((await look('/me/second-factor')).body)!
  const mistyped = await send('/me/second-factor', { code: '000000' })
  t.match(mistyped, { statusCode: 422 })
  t.match(mistyped.body, totp!, 'the same one is shown again')
  const code = codeAt(totp!, clock.now())
  t.match(await send('/me/second-factor', { code }), { statusCode: 303, headers: { location: '/me' } })
  t.match(await send('/me/passphrase', wanted), { statusCode: 303, headers: { location: '/me' } })
  matchEach(t, await hashesIn(deps), [STRONG])
  const next = { name: 'rita', passphrase: wanted.wanted, code: codeAt(totp!, clock.now() + STEP_MS) }
  t.equal((await signInBy(app, next)).statusCode, 200)
})

t.test('reloading a page that shows a secret repeats nothing', async t => {
  const clock = new FakeClock()
  const { app, deps, people } = await testConsole(t, { clock })
  const boss = await people('administrator')
  const other = await people('administrator')
  await readyUser(deps, 'rita')
  const count = async (type: 'user.reset' | 'user.recovery-codes-renewed' | 'user.invited') =>
    (await told(deps.db).select('id').where('type', '=', type).execute()).length
  const send = (url: string, payload = '') =>
    app.inject({ ...{ method: 'POST', url, payload }, headers: { ...FORM, ...boss.headers } })
  const before = await count('user.invited')
  for (const [url, payload, secret] of [
    ['/people', 'name=nina&roles=auditor', /invitation#[\w-]{43}/],
    ['/people/rita/reset', '', /invitation#[\w-]{43}/],
    ['/me/recovery-codes', '', /(<code>([0-9A-Z]{4}-){5}[0-9A-Z]{4}<\/code>.*){10}/],
  ] as const) {
    const answer = await send(url, payload)
    t.equal(answer.statusCode, 303, answer.body)
    const { location } = answer.headers
    const look = ({ headers }: typeof boss) => app.inject({ url: location!, headers: { ...headers } })
    const first = secret.exec((await look(boss)).body)?.[0]
    t.ok(first, url)
    t.equal(secret.exec((await look(boss)).body)?.[0], first, 'the same one when it is reloaded')
    t.equal((await look(other)).statusCode, 404, 'nobody else sees it')
  }
  t.strictSame(
    [await count('user.invited'), await count('user.reset'), await count('user.recovery-codes-renewed')],
    [before + 2, 1, 1],
  )
  const { location } = (await send('/people/rita/reset')).headers
  clock.standStill(FRESH_MS)
  const later = await app.inject({ url: location!, headers: { ...boss.headers } })
  t.match(later, { statusCode: 404, body: /make a new one/ })
})

t.test('of two windows that change roles the later one is refused, and changes nothing', async t => {
  const { app, deps, people } = await testConsole(t, { clock: new FakeClock() })
  const { headers } = await people('administrator')
  await readyUser(deps, 'rita')
  const { body } = await app.inject({ url: '/people', headers: { ...headers } })
  const form = /action="\/people\/rita\/roles"[^>]*>(.*?)<\/form>/s.exec(body)?.[1] ?? ''
  t.match(form, '<input type="hidden" name="seen" value="supervisor"')
  const save = (payload: string) =>
    app.inject({ method: 'POST', url: '/people/rita/roles', headers: { ...FORM, ...headers }, payload })
  t.match(await save('seen=supervisor&roles=auditor'), { statusCode: 303 })
  t.match(await save('seen=supervisor&roles=supervisor&roles=operator'), { statusCode: 409 })
  t.match(await save('seen=auditor&roles=auditor&roles=operator'), { statusCode: 303 })
})

t.test('every page has a button to sign out, which works without a script', async t => {
  const { app, people, tokens } = await testConsole(t, { clock: new FakeClock() })
  const { headers } = await people('administrator')
  const button = /<form method="post" action="\/sign-out"><button[^>]*type="submit">[^<]+<\/button><\/form>/
  for (const url of ['/now', '/lines', '/prompts', '/people', '/system', '/system/api', '/me']) {
    const { body } = await app.inject({ url, headers: { ...headers, accept: 'text/html' } })
    t.match(body, button, url)
  }
  const { body } = await app.inject({ url: '/lines', headers: { authorization: tokens.auditor } })
  t.notMatch(body, button, 'a program has no session')
  t.notMatch((await app.inject({ url: '/sign-in', headers: { ...headers } })).body, button)
})

t.test('of two windows with one invitation the later one counts, and the other says so', async t => {
  const clock = new FakeClock()
  const { app, deps, admin } = await testConsole(t, { clock })
  const { secret } = await inviteUser({ ...admin, clock }, person('anna'), {
    name: 'nina',
    roles: ['auditor'],
  })
  const send = (url: string, form: Record<string, string>) =>
    app.inject({
      ...{ method: 'POST', url, headers: { ...FORM, ...fromPage('') } },
      payload: new URLSearchParams({ secret: secret.reveal(), ...form }).toString(),
    })
  const open = async () => {
    const { headers } = await send('/invitation', {})
    const cookie = String(headers['set-cookie']).split(';')[0]!
    const { body } = await app.inject({ url: String(headers.location), headers: { cookie } })
    return /name="totp" value="([A-Z2-7]+)"/.exec(body)![1]!
  }
  const [first, second] = [await open(), await open()]
  t.not(first, second, 'who opened the link before its owner knows nothing')
  const accept = (totp: string) =>
    send('/invitation/accept', {
      ...{ totp, name: 'nina', passphrase: 'eleven quiet herons', repeat: 'eleven quiet herons' },
      code: codeAt(totp, deps.clock.now()),
    })
  const refused = await accept(first)
  t.match(refused, { statusCode: 409, body: /opened again since/ })
  t.match(refused.body, `value="${secret.reveal()}"`, 'the form for the link is filled in')
  t.match(await accept(second), { statusCode: 303, headers: { location: /^\/invitation\/codes\// } })
  matchEach(t, await hashesIn(deps), [STRONG])
})
