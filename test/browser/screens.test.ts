// Real: the console, PostgreSQL, Chromium. Fake: none.
// Every page in both languages, both themes, on a wide and on a narrow screen. The pictures are left in dist/screens.
import t from 'tap'
import { FORMS, openPage, startBrowser } from '../support/browser/browser.js'
import { faultsOf, picture } from '../support/browser/look.js'
import { seed } from '../support/browser/seed.js'
import { testConsole } from '../support/processes/console.js'

const PAGES = {
  'setup-company': '/setup/company',
  'setup-key': '/setup/key',
  'setup-pbx-away': '/setup/pbx',
  'setup-line': '/setup/line',
  'setup-phone': '/setup/phone',
  'setup-first': '/setup',
  now: '/now',
  lines: '/lines',
  line: '/lines/700',
  'line-notice': '/lines/704',
  system: '/system',
  api: '/system/api',
  people: '/people',
  me: '/me',
  'sign-in': '/sign-in',
  invitation: '/invitation',
  nowhere: '/nowhere',
  forbidden: '/lines?role=operator',
}

const console = await testConsole(t)
const { app, tokens } = console
const { headers: signedIn } = await console.people('administrator')
const stranger = {}
await seed(t, console)
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)

/** What a request for a page is sent with: mostly a session. */
function headersFor(name: string): Record<string, string> {
  if (name === 'forbidden') return { authorization: tokens.operator }
  return ['sign-in', 'invitation', 'setup-first'].includes(name) ? stranger : { cookie: signedIn.cookie }
}

for (const [name, address] of Object.entries(PAGES)) {
  t.test(`${name}: nothing overflows, is cut or cannot be read, in eight forms`, async t => {
    for (const form of FORMS) {
      const { page, errors } = await openPage(browser, form, headersFor(name))
      await page.goto(url + address)
      await picture(page, name, form)
      t.strictSame(await faultsOf(page), [], JSON.stringify(form))
      const own = errors.filter(error => !/status of 40[34]/.test(error))
      t.strictSame(own, [], JSON.stringify(form))
      await page.context().close()
    }
  })
}
