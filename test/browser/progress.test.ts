// Real: the console, PostgreSQL, Chromium. Fake: a slow network, and one that is gone.
// Pages say that they wait, and that the console cannot be reached. A field says what is wrong with it while it is typed.
// Long: the pages in all forms, and at widths between.
// Long only: pages that wait; `browser/live` has the page that counts.
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

const { app, deps, people } = await testConsole(t)
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)
const { headers } = await people('administrator')
const ENGLISH = { language: 'en', theme: 'light', width: 'desktop' } as const

async function administrator(form: Form) {
  const { page, errors } = await openSignedIn(browser, form, { cookie: headers.cookie, url })
  return { page, errors, deeds: new Deeds(page) }
}

const { id } = await beginDraft(deps, person('anna'), { line: '700', input: newLine('700', 'en') })
const address = `${url}/drafts/${id}`

t.test('a field says what is wrong with it while it is typed, in the words of the server', async t => {
  const sentences: Record<string, { field: string; wrong: string; good: string }[]> = {
    en: [
      { field: 'waitMs', wrong: '99', good: '6' },
      { field: 'keys.withdraw', wrong: '1', good: '*9' },
      { field: 'purposes.0.retentionDays', wrong: 'soon', good: '30' },
    ],
    ru: [{ field: 'purposes.0.legalBasis', wrong: ' ', good: 'Договор' }],
  }
  for (const [language, cases] of Object.entries(sentences)) {
    const { page, errors } = await administrator({ ...ENGLISH, language: language as 'ru' | 'en' })
    for (const { field, wrong, good } of cases) {
      await page.goto(`${address}?edit=${field}`)
      const input = page.locator('#edited')
      const told = page.locator('#edited-wrong')
      await input.fill(wrong)
      await told.waitFor()
      const words = (await told.textContent())!
      t.equal(await input.getAttribute('aria-invalid'), 'true', field)
      t.equal(await input.getAttribute('aria-describedby'), 'edited-wrong')
      await input.fill(good)
      await told.waitFor({ state: 'detached' })
      t.equal(await input.getAttribute('aria-invalid'), null, 'it is taken away while it is mended')
      t.equal(await input.getAttribute('aria-describedby'), null)

      await input.fill(wrong)
      await page.locator('#edit button[type=submit]').click()
      await page.locator('.note.wrong', { hasText: words }).first().waitFor()
      await page.goto(`${address}?edit=${field}`)
      await page.locator('#edited').fill(good)
      await page.locator('#edit button[type=submit]').click()
      await page.locator('#edit').waitFor({ state: 'detached' })
    }
    t.strictSame(errors, [], 'and the policy of the page refuses nothing of it')
    await page.context().close()
  }
  t.strictSame((await readDraft(deps, id)).faults, [])
})

t.test('so does each field of a group', async t => {
  const { page, errors } = await administrator(ENGLISH)
  await page.goto(`${url}/lines/groups/sales`)
  for (const [field, wrong, words] of [
    ['waitMs', 'soon', 'Must be a number.'],
    ['keys.yes', '12', 'Must be one of the keys 0-9 * # A-D.'],
    ['languages.ru', '1', 'Offer two languages or more, or none.'],
  ] as const) {
    const input = page.locator(`[id="${field}"]`)
    await input.fill(wrong)
    const told = page.locator(`[id="${field}-wrong"]`)
    await told.waitFor()
    t.equal(await told.textContent(), words)
    t.equal(await input.getAttribute('aria-describedby'), `${field}-wrong`)
    await input.fill('')
    await told.waitFor({ state: 'detached' })
  }
  t.strictSame(errors, [])
  await page.context().close()
})

t.test('a page says that it waits for a slow answer, and that the console is gone', async t => {
  const { page, deeds } = await administrator(ENGLISH)
  await page.goto(`${address}?edit=waitMs`)
  const progress = page.locator('#progress')
  t.equal(await progress.textContent(), '')
  let answer = () => {}
  const slow = new Promise<void>(resolve => {
    answer = resolve
  })
  await page.route('**/fields', async route => {
    await slow
    await route.continue()
  })
  await page.locator('#edited').fill('5')
  await deeds.click('button', 'Save')
  await page.getByText('Working…').waitFor()
  t.equal(await page.locator('#edit button[type=submit]').getAttribute('aria-busy'), 'true')
  t.equal(await page.locator('#editor').getAttribute('aria-busy'), 'true')
  answer()
  await page.locator('#edit').waitFor({ state: 'detached' })
  t.equal(await progress.textContent(), '', 'the answer has come')

  await page.unroute('**/fields')
  await page.goto(`${address}?edit=waitMs`)
  await page.route('**/fields', route => route.abort('connectionrefused'))
  await page.locator('#edited').fill('7')
  await deeds.click('button', 'Save')
  await page.getByText('The console cannot be reached').waitFor()
  t.equal(await page.locator('#edited').inputValue(), '7', 'what was typed is still there')
  t.equal(await page.locator('[aria-busy=true]').count(), 0)
  await page.unroute('**/fields')
  for (const status of [429, 500, 503]) {
    await page.route('**/fields', route => route.fulfill({ status, body: '<div id="editor">refused</div>' }))
    // The words of the refusal before may still be there.
    const answered = page.waitForResponse(response => response.status() === status)
    await deeds.click('button', 'Save')
    await answered
    await page.locator('[aria-busy=true]').waitFor({ state: 'detached' })
    await page.getByText('The console could not do this now').waitFor()
    t.equal(await page.locator('#edited').inputValue(), '7', `${status}: what was typed is still there`)
    await page.unroute('**/fields')
  }
  await deeds.click('button', 'Save')
  await page.locator('#edit').waitFor({ state: 'detached' })
  t.equal(await progress.textContent(), '')
  t.match((await readDraft(deps, id)).input, { waitMs: 7_000 })

  await page.goto(`${url}/lines`)
  await page.context().setOffline(true)
  await deeds.type('Number', '701')
  await page.locator('form[action="/lines/new"] button').click()
  await page.getByText('The console cannot be reached').waitFor()
  t.equal(await page.getByLabel('Number', { exact: true }).inputValue(), '701', 'the page stays')
  await page.context().setOffline(false)
  await page.locator('form[action="/lines/new"] button').click()
  await page.waitForURL('**/drafts/*')
  await page.context().close()
})

t.test('a page that waits, one that has lost the console, and a field that is wrong', async t => {
  const show: Record<string, Parameters<typeof lookInAllForms>[1]['show']> = {
    async 'progress-busy'(page) {
      await page.route('**/fields', () => {})
      await page.goto(`${address}?edit=waitMs`)
      await page.locator('#edit button[type=submit]').click()
      await page.locator('.progress.busy').waitFor()
    },
    async 'progress-lost'(page) {
      await page.route('**/fields', route => route.abort('connectionrefused'))
      await page.goto(`${address}?edit=waitMs`)
      await page.locator('#edit button[type=submit]').click()
      await page.locator('.progress.lost').waitFor()
    },
    async 'field-wrong'(page) {
      await page.goto(`${address}?edit=waitMs`)
      await page.locator('#edited').fill('99')
      await page.locator('#edited-wrong').waitFor()
    },
  }
  for (const [name, look] of Object.entries(show))
    await lookInAllForms(t, {
      name,
      open: administrator,
      show: look,
      expected: /CONNECTION_REFUSED|Failed to fetch/,
    })
})
