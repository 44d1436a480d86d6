// Real: the console's server without a socket, PostgreSQL with the console's role, the journal. Fake: none.
// What lasts beyond a session, such as another user or a key that opens recordings, needs a fresh proof of identity: by
// the API and on the pages.
import t from 'tap'
import { inviteUser } from '../../../src/accounts/invitations.js'
import { listRules } from '../../../src/accounts/rules.js'
import { listUsers } from '../../../src/accounts/users.js'
import { person } from '../../support/data/actors.js'
import { testConsole } from '../../support/processes/console.js'
import { FORM } from '../../support/processes/console-routes.js'

const { app, deps, admin, people, asOwner } = await testConsole(t)
type Browser = Awaited<ReturnType<typeof people>>
const origin = { host: 'console.example', referer: 'http://console.example/people' }

const age = async ({ actor }: Browser, ago: string) =>
  void (await asOwner.query(
    `update user_session set proven_at = now() - interval '${ago}' where id = '${actor.session}'`,
  ))
const stale = async () => {
  const browser = await people('administrator')
  await age(browser, '6 minutes')
  return browser
}
const api = ({ headers }: Browser, method: 'POST' | 'PATCH', url: string, payload: object) =>
  app.inject({ method, url: `/api/v1${url}`, headers, payload })
const form = ({ headers }: Browser, url: string, fields: Record<string, string>) =>
  app.inject({
    ...{ method: 'POST', url, headers: { ...headers, ...FORM, ...origin } },
    payload: new URLSearchParams(fields).toString(),
  })
const page = async ({ headers }: Browser, url: string, language = 'en') =>
  (await app.inject({ url, headers: { ...headers, accept: 'text/html', 'accept-language': language } })).body
const user = async (name: string) => (await listUsers(deps)).find(one => one.name === name)
await inviteUser(admin, person('root'), { name: 'maria', roles: ['auditor'] })

t.test('by the API each such deed is refused without a fresh proof, and done with one', async t => {
  const browser = await stale()
  const deeds = [
    ['user.invite', 'POST', '/users', { name: 'olga', roles: ['auditor'] }],
    ['user.change', 'PATCH', '/users/maria', { roles: ['operator'] }],
    ['user.change', 'PATCH', '/users/maria', { disabled: true }],
    ['user.reset', 'POST', '/users/maria/reset', {}],
    ['rules.publish', 'POST', '/rules', { text: 'Hear only what you need.' }],
    ['recipient.add', 'POST', '/recipients', { purposes: ['service'], publicKey: 'A'.repeat(43) }],
  ] as const
  for (const [deed, method, url, body] of deeds)
    t.match(await api(browser, method, url, body), { statusCode: 403, body: /First confirm/ }, deed)
  t.strictSame([await user('olga'), await listRules(deps)], [undefined, []])
  t.match(await user('maria'), { roles: ['auditor'], state: 'invited' })
  await age(browser, '4 minutes')
  for (const [deed, method, url, body] of deeds) {
    const { statusCode } = await api(browser, method, url, body)
    // There is no service here that takes a key.
    t.equal(statusCode === 503 || statusCode < 300, true, `${deed}: ${statusCode}`)
    t.equal(statusCode === 503, deed === 'recipient.add')
  }
})

t.test('whoever has just signed in is asked for nothing more', async t => {
  const { statusCode } = await api(await people('administrator'), 'POST', '/users', {
    ...{ name: 'pavel', roles: ['auditor'] },
  })
  t.equal(statusCode, 201)
})

t.test('a page leads to the proof, and back from there', async t => {
  const browser = await stale()
  for (const [language, words] of [
    ['en', 'needs a fresh confirmation that it is you'],
    ['ru', 'нужно свежее подтверждение, что это вы'],
  ] as const)
    for (const url of ['/people', '/people/rules'])
      t.match(await page(browser, url, language), new RegExp(`${words}[\\s\\S]*/me\\?next=%2Fpeople`), url)
  const invited = await form(browser, '/people', { name: 'vera', roles: 'auditor' })
  const location = '/me?next=%2Fpeople#confirm'
  t.match(invited, { statusCode: 303, headers: { location } })
  for (const step of ['roles', 'disable', 'reset']) {
    const fields: Record<string, string> = step === 'roles' ? { roles: 'operator', seen: 'auditor' } : {}
    t.match(await form(browser, `/people/maria/${step}`, fields), { statusCode: 303, headers: { location } })
  }
  t.equal(await user('vera'), undefined)
  const me = await page(browser, '/me?next=%2Fpeople')
  t.match(me, /Nothing has been changed yet[\s\S]*name="next" value="\/people"/)
  t.notMatch(await page(browser, '/me?next=https%3A%2F%2Felsewhere.example'), /elsewhere/)

  const text = 'Tell nobody what you hear.'
  const typed = await form(browser, '/people/rules', { text, seen: (await listRules(deps))[0]!.version })
  t.match(
    typed,
    { statusCode: 403, body: new RegExp(`on the page Me[\\s\\S]*${text}`) },
    'what was typed stays',
  )
  await age(browser, '1 minute')
  t.notMatch(await page(browser, '/people'), 'needs a fresh confirmation')
  t.match(await form(browser, '/people', { name: 'vera', roles: 'auditor' }), { statusCode: 303 })
  t.match(await user('vera'), { state: 'invited' })
})
