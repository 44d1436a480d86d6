// Real: the console, PostgreSQL, Chromium. Fake: none.
// An administrator lets callers choose a language, tries it on the page, and sees how a prompt is recorded by telephone.
// Long: the pages in all forms, and at widths between.
// Long only: the choice of language on pages; `call/language-choice` has it on a phone.
import t from 'tap'
import { beginDraft } from '../../src/lines/drafts/edit-draft.js'
import { readDraft } from '../../src/lines/drafts/show-draft.js'
import { newLine } from '../../src/lines/new-line.js'
import { openSignedIn, startBrowser } from '../support/browser/browser.js'
import { Deeds } from '../support/browser/deeds.js'
import type { Form } from '../support/browser/form.js'
import { lookInAllForms } from '../support/browser/look-in-all-forms.js'
import { person } from '../support/data/actors.js'
import { testConsole } from '../support/processes/console.js'

const { app, deps, people } = await testConsole(t, {}, { CONSENTRY_RING_ENDPOINTS: 'PJSIP/anna' })
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)
const { headers } = await people('administrator')

async function administrator(form: Form) {
  const { page, errors } = await openSignedIn(browser, form, { cookie: headers.cookie, url })
  return { page, errors, deeds: new Deeds(page) }
}

const { id } = await beginDraft(deps, person('anna'), { line: '700', input: newLine('700', 'en') })

t.test('callers are offered two languages, and the telephone on the page speaks the chosen one', async t => {
  const { page, errors, deeds } = await administrator({ language: 'en', theme: 'light', width: 'desktop' })
  await page.goto(`${url}/drafts/${id}`)
  await deeds.click('link', /^Choice of language/)
  await deeds.type('Key for Russian', '1')
  await deeds.click('button', 'Save')
  await page.getByText('Offer two languages or more, or none.', { exact: true }).waitFor()
  await deeds.click('link', /^Choice of language/)
  await deeds.type('Key for English', '2')
  await deeds.click('button', 'Save')
  await page.getByText('For English, press two.').waitFor()
  await page.getByText('Для русского языка нажмите один.').waitFor()
  const { input, faults } = await readDraft(deps, id)
  t.strictSame(faults, [])
  t.match(input, {
    languages: [
      { language: 'ru', key: '1' },
      { language: 'en', key: '2' },
    ],
  })
  const phone = page.locator('#simulator')
  await phone.getByRole('button', { name: 'Call', exact: true }).click()
  await phone.getByText('Для русского языка').waitFor()
  await phone.getByRole('button', { name: '1', exact: true }).click()
  await phone.getByText('Здравствуйте!').waitFor()
  t.strictSame(errors, [])
})

t.test('the choice of language and the telephone of a prompt', async t => {
  for (const [name, address] of [
    ['draft-languages', `/drafts/${id}?edit=languages`],
    ['prompt-telephone', '/prompts/choose-language/ru?rung=PJSIP%2Fanna'],
  ] as const)
    await lookInAllForms(t, { name, open: administrator, show: page => page.goto(url + address) })
})
