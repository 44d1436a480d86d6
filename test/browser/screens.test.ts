// Real: the console, PostgreSQL, Chromium. Fake: none.
// Every page in both languages, both themes, on a wide and on a narrow screen. The pictures are left in out/screens.
// Long: the pages in all forms, and at widths between.
// Long only: pictures of all pages; `browser/markup` opens all pages.
import t from 'tap'
import { acknowledgeRules, publishRules } from '../../src/accounts/rules.js'
import { recordTraining } from '../../src/accounts/training.js'
import { beginDraft } from '../../src/lines/drafts/edit-draft.js'
import { listWaitingDrafts } from '../../src/lines/drafts/show-draft.js'
import { openPage, startBrowser } from '../support/browser/browser.js'
import { entryPages } from '../support/browser/entry-pages.js'
import type { Form } from '../support/browser/form.js'
import { brokenWords, faultsOf } from '../support/browser/look.js'
import { lookInAllForms } from '../support/browser/look-in-all-forms.js'
import { seed } from '../support/browser/seed.js'
import { seedWaiting } from '../support/browser/seed-waiting.js'
import { person } from '../support/data/actors.js'
import { testConsole } from '../support/processes/console.js'
import { FORM } from '../support/processes/console-routes.js'

const RULES = 'Hear a recording only for a reason that you can name.\nTell nobody what you have heard.'

const console = await testConsole(t)
const { app, deps, tokens } = console
const { headers: signedIn, actor } = await console.people('administrator')
const stranger = {}
const { headers: newcomer, actor: colleague } = await console.people('supervisor')
await seed(t, console)
await seedWaiting(console)
await publishRules(deps, person('anna'), RULES)
const version = await publishRules(deps, person('anna'), `${RULES}\nDo not write down what you hear.`)
await acknowledgeRules(deps, actor, version)
await recordTraining(deps, person('anna'), actor.name, { what: 'How to treat recordings', on: '2026-01-31' })
const { begun, codes } = await entryPages(console)
const invited = await app.inject({
  ...{ method: 'POST', url: '/people', headers: { ...signedIn, ...FORM } },
  payload: 'name=nina&roles=auditor',
})
const { id: draft } = await beginDraft(deps, person('anna'), { line: '709' })
const waiting = (await listWaitingDrafts(deps)).find(({ line }) => line === '703')
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)

const PAGES = {
  'setup-company': '/setup/company',
  'setup-key': '/setup/key',
  'setup-pbx-away': '/setup/pbx',
  'setup-line': '/setup/line',
  'setup-phone': '/setup/phone',
  'setup-first': '/setup',
  now: '/now',
  'now-asks': '/now',
  lines: '/lines',
  line: '/lines/700',
  'line-prompts': '/lines/700/prompts',
  'line-notice': '/lines/704',
  'line-of-group': '/lines/709',
  'line-vague': '/lines/707',
  'line-untrue': '/lines/708',
  'draft-of-group': `/drafts/${draft}?edit=purposes.0.retentionDays`,
  'draft-waits': `/drafts/${waiting?.id}`,
  groups: '/lines/groups',
  group: '/lines/groups/sales',
  'group-proposed': '/lines/groups/branch-offices',
  'prompts-and-new': '/prompts',
  'prompt-proposed': '/prompts/our-hello/en',
  'prompt-begun': '/prompts/refused-own/en?like=refused',
  system: '/system',
  api: '/system/api',
  people: '/people',
  'people-rules': '/people/rules',
  'people-sessions': `/people/${colleague.name}/sessions`,
  rules: '/rules',
  'rules-notice': '/me?rules=new',
  'rules-accepted': '/rules?accepted=yes',
  me: '/me',
  'sign-in': '/sign-in',
  invitation: '/invitation',
  nowhere: '/nowhere',
  malformed: '/%ff',
  'no-line': '/lines/4951234567',
  forbidden: '/lines?role=operator',
}

/** Pages that are shown to one browser for some minutes. */
const SHOWN = {
  'invitation-begun': begun,
  'invitation-codes': codes,
  'people-link': { address: String(invited.headers.location), cookie: signedIn.cookie },
}

/** Pages of a console without lines, calls, groups and rules. */
const EMPTY = {
  'empty-now': '/now',
  'empty-lines': '/lines',
  'empty-groups': '/lines/groups',
  'empty-people-rules': '/people/rules',
  'empty-rules': '/rules',
}

/** Pages with deeds that are asked about. */
const ASKING = { 'line-asked': '/lines/700', 'group-asked': '/lines/groups/branch-offices' }

const opened = new Map<string, ReturnType<typeof openPage>>()

/** The one page in a language with these headers. Another one would start a process of Chromium, which takes longer than most looks. */
function pageWith(form: Form, headers: Record<string, string>): ReturnType<typeof openPage> {
  const key = JSON.stringify([form.language, headers])
  const known = opened.get(key) ?? openPage(browser, form, headers)
  opened.set(key, known)
  return known
}

/** What a request for a page is sent with: mostly a session. */
function headersFor(name: string): Record<string, string> {
  if (name === 'forbidden') return { authorization: tokens.operator }
  if (['rules', 'rules-notice', 'now-asks'].includes(name)) return { cookie: newcomer.cookie }
  return ['sign-in', 'invitation', 'setup-first'].includes(name) ? stranger : { cookie: signedIn.cookie }
}

// These come first, because they are shown for minutes.
for (const [name, { address, cookie }] of Object.entries(SHOWN))
  t.test(
    `${name}: nothing overflows, is cut or cannot be read, although it is shown to one browser alone`,
    t =>
      lookInAllForms(t, {
        name,
        open: form => openPage(browser, form, { cookie }),
        show: page => page.goto(url + address),
      }),
  )

for (const [name, address] of Object.entries(PAGES))
  t.test(`${name}: nothing overflows, is cut or cannot be read`, t =>
    lookInAllForms(t, {
      name,
      open: form => pageWith(form, headersFor(name)),
      stays: true,
      show: page => page.goto(url + address),
      expected: /status of 40[034]/,
    }),
  )

for (const [name, address] of Object.entries(ASKING))
  t.test(`${name}: nor in what is asked before a deed`, t =>
    lookInAllForms(t, {
      name,
      open: form => pageWith(form, { cookie: signedIn.cookie }),
      stays: true,
      async show(page) {
        await page.goto(url + address)
        const buttons = await page.locator('.asked > summary').all()
        t.ok(buttons.length > 0)
        for (const button of buttons) await button.click()
      },
    }),
  )

t.test('a console that has nothing yet says what will be where', async t => {
  const empty = await testConsole(t)
  const { headers } = await empty.people('administrator')
  const here = await empty.app.listen({ host: '127.0.0.1', port: 0 })
  for (const [name, address] of Object.entries(EMPTY))
    await lookInAllForms(t, {
      name,
      open: form => pageWith(form, { cookie: headers.cookie }),
      stays: true,
      show: page => page.goto(here + address),
    })
})

t.test('printed, a page has its content alone', async t => {
  const form = { language: 'en', theme: 'light', width: 'desktop' } as const
  const { page } = await openPage(browser, form, { cookie: signedIn.cookie })
  const addresses = [
    ...['/now', '/lines', '/lines/700', '/lines/700/prompts', '/lines/groups/sales', `/drafts/${draft}`],
    ...['/prompts', '/prompts/refused/en', '/people', '/system', '/me'],
  ]
  for (const address of addresses) {
    await page.goto(url + address)
    await page.emulateMedia({ media: 'print' })
    t.ok(await page.getByRole('heading', { level: 1 }).isVisible(), address)
    for (const around of ['.rail', '.tabs', '.skip']) t.notOk(await page.locator(around).isVisible(), around)
    const pressable = page
      .locator('button, summary, nav, .button, .play, [type=search]')
      .filter({ visible: true })
    t.strictSame(await pressable.allTextContents(), [], `${address}: nothing to press`)
    t.strictSame(address === '/lines/700' ? await faultsOf(page) : await brokenWords(page), [], address)
    await page.emulateMedia({ media: 'screen' })
  }
  await page.context().close()
})
