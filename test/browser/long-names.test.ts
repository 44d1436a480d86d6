// Real: the console, PostgreSQL, Chromium. Fake: none.
// A number of a line and a name may have 64 characters without a place to break, and what people write 600 and more. No page gets wider
// than a narrow screen by that.
import t from 'tap'
import { labLines } from '../../lab/lab-lines.js'
import { publishRules } from '../../src/accounts/rules.js'
import { recordTraining } from '../../src/accounts/training.js'
import { changeLines } from '../../src/lines/change-lines.js'
import { beginDraft } from '../../src/lines/drafts/edit-draft.js'
import { changeGroup } from '../../src/lines/groups.js'
import { newLine } from '../../src/lines/new-line.js'
import { changeCompany } from '../../src/lines/prompts/company.js'
import { openPage, startBrowser } from '../support/browser/browser.js'
import { faultsOf } from '../support/browser/look.js'
import { person } from '../support/data/actors.js'
import { testConsole } from '../support/processes/console.js'
import { browserOf } from '../support/processes/people.js'

const { app, deps } = await testConsole(t)
const [name, number, begun] = ['w'.repeat(64), '4'.repeat(64), '5'.repeat(64)]
const { headers } = await browserOf(deps, name, ['administrator'])
const text = 'w'.repeat(600)
const [purpose, ...others] = labLines[0]!.purposes
const purposes = [
  { ...purpose!, legalBasis: text, longerBecause: text },
  ...others.map(one => ({ ...one, legalBasis: text })),
]
await changeLines(deps, person('anna'), { ...labLines[0]!, number, purposes })
await changeGroup(deps, person('anna'), {
  name: 'w'.repeat(40),
  input: { company: 'w'.repeat(200), purposes },
})
const { id: draft } = await beginDraft(deps, person('anna'), {
  line: begun,
  input: { ...newLine(begun, 'en'), purposes, company: 'w'.repeat(200) },
})
await publishRules(deps, person('anna'), text)
await recordTraining(deps, person('anna'), name, { what: 'w'.repeat(500), on: '2026-01-31' })
await changeCompany(deps, person('anna'), { name: 'w'.repeat(100), language: 'en' })
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)
const narrow = { language: 'ru', theme: 'light', width: 'phone' } as const

const { page } = await openPage(browser, narrow, { cookie: headers.cookie })
const { disclosure, language } = labLines[0]!
for (const address of [
  ...['/people', '/people/rules', '/rules', '/me', '/now', '/setup/company'],
  ...[
    '/lines',
    `/lines/${number}`,
    `/lines/${number}/prompts`,
    `/drafts/${draft}`,
    `/drafts/${draft}?edit=purposes.0.legalBasis`,
  ],
  ...['/lines/groups', `/lines/groups/${'w'.repeat(40)}`],
  `/prompts/${disclosure}/${language}`,
])
  t.test(`${address} is as wide as a narrow screen`, async t => {
    await page.goto(url + address)
    t.strictSame(await faultsOf(page), [])
  })

t.test('a line is as wide as a wide screen', async t => {
  const desktop = { ...narrow, width: 'desktop' } as const
  const wide = await openPage(browser, desktop, {
    cookie: headers.cookie,
  })
  await wide.page.goto(`${url}/lines/${number}`)
  t.strictSame(await faultsOf(wide.page), [])
})
