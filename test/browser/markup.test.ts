// Real: the console, PostgreSQL, Chromium. Fake: none.
// Markup in every field that a caller, an administrator or a program fills is shown as text on every page.
import t, { type Test } from 'tap'
import { labLines } from '../../lab/lab-lines.js'
import { publishRules } from '../../src/accounts/rules.js'
import { openSession } from '../../src/accounts/sessions.js'
import { addToken } from '../../src/accounts/tokens.js'
import { recordTraining } from '../../src/accounts/training.js'
import { event } from '../../src/core/events.js'
import { newCallId, newNodeId } from '../../src/core/ids.js'
import { changeLines } from '../../src/lines/change-lines.js'
import { beginDraft } from '../../src/lines/drafts/edit-draft.js'
import { changeGroup } from '../../src/lines/groups.js'
import { openPage, startBrowser } from '../support/browser/browser.js'
import { person } from '../support/data/actors.js'
import { APPEND_LIMIT_MS, startTestJournal } from '../support/data/journal.js'
import { testConsole } from '../support/processes/console.js'
import { changes, FORM, filled, isApi, isStream, routesOf } from '../support/processes/console-routes.js'
import { browserOf } from '../support/processes/people.js'

/** Markup that does something in as many places as may be: text, attributes, scripts, htmx. */
const markup = (field: string) =>
  `${field}"'></script></style></textarea></title><img class=planted src=/planted onerror="planted=1">` +
  `<script class=planted>planted=1</script><svg class=planted onload="planted=1"></svg>` +
  `<b class=planted hx-get="/planted" hx-trigger="load" onmouseover=planted=1>{{7*7}}\${7*7}</b>`

const FORM_IN = { language: 'en', theme: 'light', width: 'desktop' } as const

const console = await testConsole(t)
const { app, deps, admin, serviceUrl } = console
// Names are checked where they come in. A page does not rely on it.
const boss = await browserOf(deps, markup('user'), ['administrator'])
await openSession(deps.db, { user: boss.actor.user, address: markup('address'), at: Date.now() })
const eve = person(markup('actor'))

// What administrators and programs write.
const { purposes, ...line } = labLines[0]!
const [purpose] = purposes
const written = {
  ...purpose!,
  legalBasis: markup('legalBasis'),
  longerBecause: markup('longerBecause'),
}
await changeLines(deps, eve, { ...labLines[0]!, number: '700' })
await changeLines(deps, eve, { ...line, number: '700', purposes: [written] })
await changeGroup(deps, eve, { name: 'sales', input: {} })
await beginDraft(deps, eve, {
  line: '700',
  input: { [markup('key')]: markup('input'), number: markup('number') },
})
await publishRules(deps, eve, markup('rules'))
await addToken(admin, eve, { name: 'robot', roles: ['operator'], expiresAt: null })
await recordTraining(deps, eve, boss.actor.name, { what: markup('training'), on: '2026-01-31' })
// What callers, the PBX and parts of the service say.
const call = newCallId()
const at = Date.now() - 60_000
const begun = {
  line: markup('line'),
  policy: 1,
  language: 'ru' as const,
  mode: 'key',
  channel: markup('channel'),
}
await startTestJournal(t, serviceUrl).append(
  [
    event(
      'call.started',
      call,
      at,
      { ...begun, utcOffset: '+03:00', service: newNodeId() },
      { caller: markup('caller') },
    ),
    event('call.answered', call, at + 100, { line: '100', policy: 1 }),
    event('alarm.raised', null, at, { alarm: 'disk-low', detail: markup('alarm') }),
  ],
  APPEND_LIMIT_MS,
)

const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)

const { page, errors } = await openPage(browser, FORM_IN, { cookie: boss.headers.cookie })
const asked: string[] = []
page.on('request', request => asked.push(request.url()))

/** Opens an address, and checks that nothing of the markup became a part of the page. @returns its words */
async function look(t: Test, address: string, fill?: Record<string, string>): Promise<string> {
  errors.length = 0
  asked.length = 0
  await page.goto(url + address)
  for (const [name, value] of Object.entries(fill ?? {}))
    await page.locator(`[name="${name}"]`).first().fill(value)
  if (fill) await page.locator('main form button[type=submit]').first().click()
  await page.waitForLoadState('networkidle')
  // Islands show what they were given once they are used.
  for (const button of await page.locator('#simulator button:enabled').all()) await button.click()
  const found = await page.evaluate(() => ({
    elements: document.querySelectorAll('.planted, [onerror], [onload], [onmouseover]').length,
    ran: 'planted' in window,
    kept: [
      ...Object.keys(localStorage),
      ...Object.keys(sessionStorage),
      ...document.cookie.split(/=.*?(?:; |$)/),
    ],
    text:
      document.body.textContent + [...document.querySelectorAll('input')].map(({ value }) => value).join(),
  }))
  t.strictSame({ elements: found.elements, ran: found.ran }, { elements: 0, ran: false }, address)
  t.strictSame(
    asked.filter(one => one.endsWith('/planted')),
    [],
    address,
  )
  t.strictSame(
    errors.filter(error => !/status of 4\d\d/.test(error)),
    [],
    address,
  )
  const kept = found.kept.filter(name => name !== '' && name !== 'consentry-view')
  t.strictSame(kept, [], 'the browser keeps nothing but the view')
  return found.text
}

t.test('every page shows markup as text', async t => {
  const texts: string[] = []
  for (const route of routesOf(app).filter(route => !isApi(route) && !changes(route) && !isStream(route)))
    texts.push(await look(t, filled(route.url)))
  const all = texts.join('\n')
  for (const field of ['actor', 'legalBasis', 'longerBecause', 'user', 'address', 'line', 'alarm'])
    t.match(all, `${field}"'></script>`, `${field} was shown`)
  t.match(all, '{{7*7}}${7*7}', 'templates are not filled in')
  t.notMatch(all, /planted=1>(49|\{\{7\*7\}\}49)/)
})

t.test('so does a page that answers to what was typed', async t => {
  const next = new URLSearchParams({ next: markup('next') })
  await look(t, `/sign-in?${next}`)
  const typed = await look(t, '/sign-in', { name: markup('name'), passphrase: markup('x'), code: '1' })
  t.match(typed, 'name"\'></script>')
  await look(t, `/lines/${encodeURIComponent(markup('number').slice(0, 60))}`)
  await look(t, `/${encodeURIComponent(markup('nowhere'))}?${next}`)
  const form = { ...FORM, ...boss.headers }
  const payload = new URLSearchParams({ [markup('key')]: markup('value') }).toString()
  for (const route of routesOf(app).filter(route => !isApi(route) && changes(route))) {
    const answer = await app.inject({ method: 'POST', url: filled(route.url), headers: form, payload })
    t.notMatch(answer.body, /<(img|svg|b) class=planted|<script class/, route.url)
  }
})

t.test('a browser that opens an answer of the API makes no page of it', async t => {
  for (const route of routesOf(app).filter(route => isApi(route) && !changes(route)))
    await look(t, filled(route.url.replace(':call', call), '700'))
})
