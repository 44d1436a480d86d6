// Real: the console, PostgreSQL, Chromium. Fake: none.
// What administrators meet at drafts of lines without a call. Whole tasks, to callers who hear them, are in whole-call.test.ts.
// Long: the pages in all forms, and at widths between.
// Long only: the pages of drafts; `browser/whole-call` walks through them.
import t from 'tap'
import { DAY_MS } from '../../src/core/clock.js'
import { listLines } from '../../src/lines/change-lines.js'
import { beginDraft } from '../../src/lines/drafts/edit-draft.js'
import { publishDraft } from '../../src/lines/drafts/publish-draft.js'
import { readDraft } from '../../src/lines/drafts/show-draft.js'
import { changeGroup } from '../../src/lines/groups.js'
import { newLine } from '../../src/lines/new-line.js'
import { openSignedIn, startBrowser } from '../support/browser/browser.js'
import { Deeds } from '../support/browser/deeds.js'
import { coveredFocus, focused } from '../support/browser/focus.js'
import type { Form } from '../support/browser/form.js'
import { faultsOf } from '../support/browser/look.js'
import { lookInAllForms } from '../support/browser/look-in-all-forms.js'
import { person } from '../support/data/actors.js'
import { testConsole } from '../support/processes/console.js'

const { app, deps, people } = await testConsole(t)
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)
const FORM = { language: 'en', theme: 'light', width: 'desktop' } as const

/** A page of an administrator who has signed in. */
async function administrator(form = FORM as Form) {
  const { headers } = await people('administrator')
  const { page, errors } = await openSignedIn(browser, form, { cookie: headers.cookie, url })
  return { page, errors, deeds: new Deeds(page) }
}

const lineInForce = async (number: string) => (await listLines(deps)).find(line => line.number === number)

t.test('a changed wait shows at once in what callers meet, and a roll-back says what to look at', async t => {
  const { page, errors, deeds } = await administrator()
  const { id: draft } = await beginDraft(deps, person('anna'), { line: '700', input: newLine('700', 'en') })
  await publishDraft(deps, person('anna'), { draft, revision: 1 })
  await page.goto(`${url}/lines/700`)
  await deeds.click('button', 'Change the line')
  await page.getByText('no change yet').waitFor()
  const silent = page.getByRole('row', { name: /^Says nothing/ })
  const before = await silent.textContent()
  await deeds.click('link', /^Wait for the answer, s: 5 s/)
  await deeds.type('Wait for the answer, s', '3.5')
  await deeds.click('button', 'Save')
  await page.getByRole('link', { name: /^Wait for the answer, s: 3.5 s/ }).waitFor()
  await page.getByText('1 change').waitFor()
  t.not(await silent.textContent(), before, 'what each caller meets has changed with it')

  await deeds.click('button', 'Publish')
  await page.getByText('The draft is published.').waitFor()
  t.match(await lineInForce('700'), { version: 2, waitMs: 3_500 })

  await deeds.click('link', 'Go to the line')
  await deeds.confirm('Restore', 'Restore version 1')
  // This console has no keys, so calls of the line cannot be recorded.
  await page.getByRole('heading', { name: 'Done, with a warning' }).waitFor()
  await page.getByText('Version 3 is in force').waitFor()
  await page.reload()
  await page.getByRole('heading', { name: 'Done, with a warning' }).waitFor()
  t.match(await lineInForce('700'), { version: 3, waitMs: 5_000 })
  t.strictSame(errors, [])
})

t.test('the time of a publication is that of the visitor, and can be cancelled', async t => {
  const { page, deeds } = await administrator()
  await page.goto(`${url}/lines/700`)
  await deeds.click('button', 'Change the line')
  await deeds.click('link', /^Repetitions of the question/)
  await deeds.type('Repetitions of the question', '1')
  await deeds.click('button', 'Save')
  await page.getByText('1 change').waitFor()
  await deeds.unfold('Publish later')
  await deeds.type('When', '2026-01-02T03:04')
  await deeds.click('button', 'Set the time')
  await page.getByRole('alert').filter({ hasText: 'The time lies in the past' }).waitFor()
  const refused = page.getByLabel('When', { exact: true })
  t.equal(await refused.inputValue(), '2026-01-02T03:04', 'what was typed stays')
  t.equal(await focused(page), 'publish-at')
  t.strictSame(await faultsOf(page), [])
  const tomorrow = new Date(Date.now() + DAY_MS).toISOString().slice(0, 10)
  await deeds.type('When', `${tomorrow}T04:05`)
  await deeds.click('button', 'Set the time')
  await page.getByText('awaits its time').waitFor()
  t.equal(
    await page.locator('.publish time').getAttribute('datetime'),
    `${tomorrow}T01:05:00.000Z`,
    "the time is that of the visitor's zone, Moscow",
  )
  await deeds.click('button', 'Cancel the time')
  await page.getByText('Revision 2, draft').waitFor()
  await deeds.confirm('Discard', 'Discard the draft')
  await page.getByText('The draft is discarded.').waitFor()
})

t.test('a change that somebody else has overtaken says so, and so does a session that has ended', async t => {
  const [first, second] = [await administrator(), await administrator()]
  await first.page.goto(`${url}/lines/700`)
  await first.deeds.click('button', 'Change the line')
  await first.page.getByText('no change yet').waitFor()
  await second.page.goto(first.page.url())
  for (const { deeds } of [first, second]) {
    await deeds.click('link', /^Wait for the answer, s/)
    await deeds.type('Wait for the answer, s', '4')
  }
  await first.deeds.click('button', 'Save')
  await first.page.getByText('1 change').waitFor()
  await second.deeds.click('button', 'Save')
  await second.page.getByRole('alert').filter({ hasText: 'What you typed is not saved' }).waitFor()
  t.equal(await second.page.getByLabel('Wait for the answer, s', { exact: true }).inputValue(), '4')
  t.equal(await second.page.getByRole('heading', { level: 1 }).count(), 1)
  await second.page.getByText('Revision 2, draft').waitFor()
  await second.deeds.type('Wait for the answer, s', '3.5')
  await second.deeds.click('button', 'Save')
  await second.page.getByText('Revision 3, draft').waitFor()
  await second.deeds.click('link', /^Wait for the answer, s/)
  await second.page.locator('#edited:focus').press('Escape')
  await second.page.locator('#edit').waitFor({ state: 'detached' })
  await first.page.reload()
  await second.page.goto(first.page.url())
  await second.page.context().clearCookies()
  await second.deeds.click('link', /^Wait for the answer, s/)
  await second.page.getByRole('heading', { name: 'Sign in' }).waitFor()
  t.equal(new URL(second.page.url()).pathname, '/sign-in', 'the page is left')
  await first.deeds.confirm('Discard', 'Discard the draft')
})

t.test('a line that only gives notice, or says nothing, is made by a click', async t => {
  const { page, deeds } = await administrator()
  await page.goto(`${url}/lines/700`)
  await deeds.click('button', 'Change the line')
  await deeds.click('link', /^How it asks/)
  await deeds.choose('How it asks', 'none')
  await deeds.click('button', 'Save')
  await page.getByText('The caller hears nothing').waitFor()
  await deeds.click('link', /^How it asks/)
  await deeds.choose('How it asks', 'notice')
  await deeds.click('button', 'Save')
  await page.getByText('After the notice: recorded').waitFor()
  t.equal(await page.locator('.beat').count(), 4)
  await deeds.confirm('Discard', 'Discard the draft')
})

t.test('a line of a group keeps what it inherits when one value of a purpose is changed', async t => {
  const group = {
    language: 'en',
    disclosure: 'disclosure-key',
    retries: 0,
    purposes: newLine('1', 'en').purposes!,
  }
  await changeGroup(deps, person('anna'), { name: 'sales', input: { ...group, mode: 'key' } })
  const { id } = await beginDraft(deps, person('anna'), { line: '705', input: { group: 'sales' } })
  const { page, deeds } = await administrator()
  await page.goto(`${url}/drafts/${id}`)
  await deeds.click('link', /^Legal basis/)
  await deeds.type('Legal basis', 'Consent, as agreed')
  await deeds.click('button', 'Save')
  await page.getByRole('link', { name: 'Legal basis: Consent, as agreed' }).waitFor()
  const { input, faults } = await readDraft(deps, id)
  t.strictSame(faults, [])
  t.strictSame(input, {
    group: 'sales',
    purposes: [{ purpose: 'service', legalBasis: 'Consent, as agreed' }],
  })
})

t.test('what cannot be undone is asked about, by keyboard and without scripts', async t => {
  const { id } = await beginDraft(deps, person('anna'), { line: '700' })
  const { headers } = await people('administrator')
  const context = await browser.newContext({ javaScriptEnabled: false, locale: 'en' })
  const [name, value] = headers.cookie.split('=')
  await context.addCookies([{ name: name!, value: value!, url }])
  const page = await context.newPage()
  await page.goto(`${url}/drafts/${id}`)
  const discard = page.locator('summary', { hasText: 'Discard' })
  t.equal(await page.getByRole('button', { name: 'Discard the draft' }).count(), 0, 'not at once')
  await discard.press('Enter')
  await page.getByText('This cannot be undone.').waitFor()
  await page.getByText('Cancel', { exact: true }).waitFor()
  await discard.press('Enter')
  await page.getByText('This cannot be undone.').waitFor({ state: 'hidden' })
  t.match(await readDraft(deps, id), { state: 'open' })
  await discard.press('Enter')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByText('The draft is discarded.').waitFor()
  t.match(await readDraft(deps, id), { state: 'discarded' })
  await context.close()
})

t.test(
  'after each edit the keyboard is where it was, and the browser has nothing to complain of',
  async t => {
    for (const form of [FORM, { ...FORM, width: 'phone' } as const]) {
      const { page, errors, deeds } = await administrator(form)
      const input = { ...newLine('700', 'en'), retries: 2 }
      const { id } = await beginDraft(deps, person('anna'), { line: '700', input })
      await page.goto(`${url}/drafts/${id}`)
      // A tool of the browser, such as one for pictures, leaves this at fields.
      await page.locator('#publish-at').evaluate(field => {
        field.style.color = 'red'
        field.style.removeProperty('color')
      })
      const value = page.locator('#value-waitMs')
      await value.press('Enter')
      await page.locator('#edited:focus').waitFor()
      await page.keyboard.press('ControlOrMeta+a')
      await page.keyboard.type('4.5')
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await page.getByText('2 changes').waitFor()
      t.equal(await focused(page), 'value-waitMs', 'after Save')
      await value.press('Enter')
      await page.getByRole('link', { name: 'Cancel', exact: true }).press('Enter')
      await page.locator('#edit').waitFor({ state: 'detached' })
      t.equal(await focused(page), 'value-waitMs', 'after Cancel')
      await page.getByRole('button', { name: 'Ask for another purpose' }).press('Enter')
      await page.getByRole('button', { name: 'Do not ask for “marketing”' }).waitFor()
      t.equal(await page.evaluate(() => document.activeElement?.textContent), 'Ask for another purpose')
      await page.getByRole('button', { name: 'Ask for another purpose' }).press('Enter')
      await page.getByRole('button', { name: 'Do not ask for “marketing-2”' }).waitFor()

      await page.goto(`${url}/drafts/${id}`)
      if (form.width === 'desktop') await deeds.unfold('Publish later')
      await page.locator('.skip').focus()
      const covered: (string | undefined)[] = []
      let stops = 0
      for (; stops < 90; stops += 1) {
        await page.keyboard.press('Tab')
        if (await page.evaluate(() => document.activeElement === document.body)) break
        covered.push(await coveredFocus(page))
      }
      t.ok(stops > 30, `${stops} stops`)
      t.strictSame(
        covered.filter(one => one !== undefined),
        [],
        `nothing with the focus is hidden, ${form.width}`,
      )
      t.strictSame(errors, [])
      await deeds.confirm('Discard', 'Discard the draft')
      await page.context().close()
    }
  },
)

t.test('a button that is pressed twice is sent once', async t => {
  const { page, errors } = await administrator()
  const sent: string[] = []
  page.on('request', request => {
    if (request.method() === 'POST') sent.push(new URL(request.url()).pathname.replace(/[\w-]{36}/, 'ID'))
  })
  const twice = async (name: string) => {
    const button = page.getByRole('button', { name, exact: true }).first()
    await button.dblclick({ delay: 20 })
  }
  await page.goto(`${url}/lines/700`)
  await twice('Change the line')
  await page.getByText('no change yet').waitFor()
  await page.getByRole('link', { name: /^Wait for the answer, s/ }).click()
  await page.getByLabel('Wait for the answer, s', { exact: true }).fill('4.2')
  await twice('Save')
  await page.getByText('1 change').waitFor()
  await twice('Publish')
  await page.getByText('The draft is published.').waitFor()
  t.match(await lineInForce('700'), { waitMs: 4_200 })
  await page.goto(`${url}/people`)
  await page.getByLabel('Name', { exact: true }).fill('pavel')
  await page.getByRole('checkbox', { name: 'supervisor' }).last().check()
  await twice('Make a link')
  await page.getByText(/\/invitation#[\w-]{43}$/).waitFor()
  t.strictSame(sent, ['/lines/700/drafts', '/drafts/ID/fields', '/drafts/ID/publish', '/people'])
  await page.goBack()
  await page.getByLabel('Name', { exact: true }).fill('oleg')
  await page.getByRole('checkbox', { name: 'supervisor' }).last().check()
  await page.getByRole('button', { name: 'Make a link' }).click()
  await page.getByText('Give it to oleg').waitFor()
  t.strictSame(errors, [], 'a page that is shown again sends again')
})

t.test('a draft with an open form and a fault', async t => {
  const { page } = await administrator()
  await page.goto(`${url}/lines/700`)
  await page.getByRole('button', { name: 'Change the line' }).click()
  await page.getByRole('link', { name: /^Key for yes/ }).click()
  await page.getByLabel('Key for yes', { exact: true }).fill('9')
  await page.locator('#edit').getByRole('button', { name: 'Save' }).click()
  await page.locator('.note.wrong').first().waitFor()
  const address = `${page.url().replace(/[?#].*/, '')}?edit=onRefused`
  await lookInAllForms(t, { name: 'draft', open: administrator, show: page => page.goto(address) })
})
