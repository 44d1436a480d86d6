// Real: the console, PostgreSQL, Chromium. Fake: none.
// A number of a line and a name may have 64 characters without a place to break. No page gets wider than a narrow screen by that.
import t from 'tap'
import { labLines } from '../../lab/lab-lines.js'
import { beginDraft } from '../../src/operations/drafts/edit-draft.js'
import { changeLines } from '../../src/operations/lines/change-lines.js'
import { newLine } from '../../src/operations/lines/new-line.js'
import { FORMS, openPage, startBrowser } from '../support/browser/browser.js'
import { faultsOf } from '../support/browser/look.js'
import { person } from '../support/data/actors.js'
import { testConsole } from '../support/processes/console.js'
import { browserOf } from '../support/processes/people.js'

const { app, deps } = await testConsole(t)
const [name, number, begun] = ['w'.repeat(64), '4'.repeat(64), '5'.repeat(64)]
const { headers } = await browserOf(deps, name, ['administrator'])
await changeLines(deps, person('anna'), { ...labLines[0]!, number })
const { id: draft } = await beginDraft(deps, person('anna'), { line: begun, input: newLine(begun, 'en') })
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)
const narrow = FORMS.find(({ width }) => width === 'phone')!

const { page } = await openPage(browser, narrow, { cookie: headers.cookie })
const { disclosure, language } = labLines[0]!
for (const address of [
  ...['/people', '/lines', `/lines/${number}`, `/drafts/${draft}`],
  `/prompts/${disclosure}/${language}`,
])
  t.test(`${address} is as wide as a narrow screen`, async t => {
    await page.goto(url + address)
    t.strictSame(await faultsOf(page), [])
  })
