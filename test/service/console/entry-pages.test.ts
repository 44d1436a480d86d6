// Real: the console's server without a socket, PostgreSQL with the console's role, argon2id, the journal. Fake: the clock.
// Whoever reloads a page on the way in loses nothing.
import t from 'tap'
import { FirstUser } from '../../../src/accounts/first-user.js'
import { inviteUser } from '../../../src/accounts/invitations.js'
import { codeAt } from '../../../src/accounts/second-factor.js'
import { consoleApp } from '../../../src/console/app.js'
import { person } from '../../support/data/actors.js'
import { FakeClock } from '../../support/fakes/fake-clock.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'

/** How long recovery codes are shown, ms. */
const CODES_MS = 300_000
const PASSPHRASE = 'eleven quiet herons'

const clock = new FakeClock()
const { deps, admin } = await testConsole(t, { clock })
const firstUser = (await FirstUser.awaited(deps))!
const app = await consoleApp({ ...deps, firstUser })
t.teardown(() => app.close())

/** A browser that keeps its cookies. */
function newBrowser() {
  const cookies = new Map<string, string>()
  const send = async (method: 'GET' | 'POST', url: string, form: Record<string, string> = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await app.inject({
      ...{ method, url, headers: { 'accept-language': 'en', 'sec-fetch-site': 'same-origin', cookie } },
      ...(method === 'POST' && {
        headers: { ...FORM, 'accept-language': 'en', 'sec-fetch-site': 'same-origin', cookie },
        payload: new URLSearchParams(form).toString(),
      }),
    })
    for (const given of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name, value] =
        /^([^=]+)=([^;]+); Path=\/; (?:Max-Age=\d+; )?HttpOnly; SameSite=Strict$/.exec(given) ?? []
      if (name && value) cookies.set(name, value)
    }
    return answer
  }
  /** Posts a form that is taken. @returns where it leads */
  const post = async (url: string, form: Record<string, string>) => {
    const answer = await send('POST', url, form)
    t.equal(answer.statusCode, 303, answer.body)
    return String(answer.headers.location)
  }
  return { send, post, look: async (url: string) => send('GET', url) }
}

const hidden = (body: string, name: string) =>
  new RegExp(`name="${name}" value="([^"]+)"`).exec(body)?.[1] ?? ''
const accept = (body: string) => ({
  ...{ secret: hidden(body, 'secret'), totp: hidden(body, 'totp'), name: hidden(body, 'name') },
  ...{ passphrase: PASSPHRASE, repeat: PASSPHRASE, code: codeAt(hidden(body, 'totp'), clock.now()) },
})

t.test('the first person who reloads, or opens the printed address again, goes on', async t => {
  const secret = firstUser.secret.reveal()
  const browser = newBrowser()
  const wrong = await browser.send('POST', '/setup', {
    secret,
    name: 'No Name',
    company: 'Acme',
    language: 'ru',
  })
  t.equal(wrong.statusCode, 422)
  t.match(wrong.body, /<input id="name"[^>]*value="No Name"/, 'what was typed stays')
  t.match(wrong.body, /value="Acme"[\s\S]*<option value="ru" selected/)
  t.match(wrong.body, `<input type="hidden" name="secret" value="${secret}"`, 'the secret is not shown')

  const address = await browser.post('/setup', { secret, name: 'marina', trial: 'yes' })
  t.match(address, /^\/invitation\/begun\/[\w-]{36}$/)
  const first = await browser.look(address)
  t.match(first.body, 'Welcome, marina')
  const { body } = await browser.look(address)
  t.equal(hidden(body, 'totp'), hidden(first.body, 'totp'), 'reloading draws no other second factor')
  const elsewhere = await newBrowser().look(address)
  t.match(elsewhere, { statusCode: 303, headers: { location: '/setup' } }, 'no other browser sees it')

  const again = await browser.post('/setup', { secret, name: 'marina', trial: 'yes' })
  const last = (await browser.look(again)).body
  t.match(last, 'Welcome, marina', 'the address is valid until somebody is in')
  t.match(await browser.send('POST', '/invitation/accept', accept(body)), { statusCode: 401 })
  const codes = await browser.post('/invitation/accept', accept(last))
  t.match((await browser.look(codes)).body, 'href="/setup/key"', 'a trial goes on without a company')
  t.equal(
    (await browser.look('/setup/key')).statusCode,
    200,
    'nobody signs in who has just proved who they are',
  )
  t.match(await browser.send('POST', '/setup', { secret, name: 'eve', trial: 'yes' }), {
    statusCode: 422,
    body: /no longer valid/,
  })
})

t.test('recovery codes stay when their page is reloaded, for five minutes and in that browser', async t => {
  const request = { name: 'nina', roles: ['auditor'] } as const
  const { secret } = await inviteUser({ ...admin, clock }, person('anna'), request)
  const browser = newBrowser()
  const begun = await browser.post('/invitation', { secret: secret.reveal() })
  const { body } = await browser.look(begun)
  t.match(body, 'Welcome, nina')
  t.match(body, 'Set how you sign in: a passphrase and a second factor.')
  t.notMatch(begun, secret.reveal(), 'no address has the secret')
  const address = await browser.post('/invitation/accept', accept(body))
  t.match(address, /^\/invitation\/codes\/[\w-]{36}$/)
  const codesIn = ({ body }: { body: string }) => [...body.matchAll(/<code>(([0-9A-Z]{4}-){5}[0-9A-Z]{4})</g)]
  const shown = await browser.look(address)
  t.match(shown.body, /<h1>Recovery codes</)
  t.match(shown.body, '<title>Recovery codes · Consentry</title>', 'the browser tab is titled as the page')
  t.match(shown.body, 'I have kept these codes', 'the way on says what it confirms')
  const first = codesIn(shown)
  t.equal(first.length, 10)
  t.strictSame(
    codesIn(await browser.look(address)).map(([, code]) => code),
    first.map(([, code]) => code),
  )
  t.equal((await newBrowser().look(address)).statusCode, 404)
  clock.standStill(CODES_MS)
  t.match(await browser.look(address), { statusCode: 404, body: /make new ones under Me/ })
})

t.test('the cookie is for HTTPS only where browsers reach the console so', async t => {
  const secure = await testConsole(t, { clock }, { CONSENTRY_CONSOLE_ORIGIN: 'https://consentry.test' })
  const request = { name: 'olga', roles: ['auditor'] } as const
  const { secret } = await inviteUser({ ...secure.admin, clock }, person('anna'), request)
  const { headers } = await secure.app.inject({
    ...{ method: 'POST', url: '/invitation', headers: { ...FORM, 'sec-fetch-site': 'same-origin' } },
    payload: new URLSearchParams({ secret: secret.reveal() }).toString(),
  })
  t.match(
    headers['set-cookie'],
    /^__Host-consentry-shown=[\w-]{43}; Path=\/; Max-Age=1800; HttpOnly; SameSite=Strict; Secure$/,
  )
})
