// Real: the console, PostgreSQL, Chromium. Fake: none.
// An administrator makes a line and publishes it, changes it, sees at the sentence what is wrong, and rolls it back.
import t from 'tap'
import { beginDraft } from '../../src/operations/drafts/edit-draft.js'
import { readDraft } from '../../src/operations/drafts/show-draft.js'
import { listLines } from '../../src/operations/lines/change-lines.js'
import { changeGroup } from '../../src/operations/lines/groups.js'
import { newLine } from '../../src/operations/lines/new-line.js'
import { DAY_MS } from '../../src/shared/clock.js'
import { FORMS, openSignedIn, startBrowser } from '../support/browser/browser.js'
import { Deeds } from '../support/browser/deeds.js'
import { faultsOf, picture } from '../support/browser/look.js'
import { person } from '../support/data/actors.js'
import { testConsole } from '../support/processes/console.js'

const { app, deps, people } = await testConsole(t)
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)
const FORM = { language: 'en', theme: 'light', width: 'desktop' } as const

/** A page of an administrator who has signed in. */
async function administrator(form = FORM as (typeof FORMS)[number]) {
  const { headers } = await people('administrator')
  const { page, errors } = await openSignedIn(browser, form, { cookie: headers.cookie, url })
  return { page, errors, deeds: new Deeds(page) }
}

const lineInForce = async (number: string) => (await listLines(deps)).find(line => line.number === number)

t.test('a line is made, published, changed and rolled back', async t => {
  const { page, errors, deeds } = await administrator()
  await page.goto(`${url}/lines`)
  await deeds.type('Number', '700')
  await deeds.choose('Language', 'en')
  await deeds.click('button', 'Begin')
  await page.getByText('This is a new line.').first().waitFor()
  await page.getByRole('heading', { name: 'What each caller meets' }).waitFor()
  await deeds.click('button', 'Publish')
  await page.getByText('The draft is published.').waitFor()
  t.match(await lineInForce('700'), { version: 1, language: 'en', waitMs: 5_000 })

  await deeds.click('link', 'To the line')
  await deeds.click('button', 'Change the line')
  await page.getByText('no change yet').waitFor()
  const silent = page.getByRole('row', { name: /^Says nothing/ })
  const before = await silent.textContent()
  await deeds.click('link', /^Wait for a key, s: 5 s/)
  await deeds.type('Wait for a key, s', '3.5')
  await deeds.click('button', 'Save')
  await page.getByRole('link', { name: /^Wait for a key, s: 3.5 s/ }).waitFor()
  await page.getByText('1 change').waitFor()
  t.not(await silent.textContent(), before, 'what each caller meets has changed with it')

  await deeds.click('link', /^Key for yes/)
  await deeds.type('Key for yes', '3')
  await deeds.click('button', 'Save')
  const faults = page.locator('.note.wrong')
  await faults.first().waitFor()
  t.match(await faults.first().textContent(), /1/, 'the words still say the old key')
  t.equal(await page.getByRole('button', { name: 'Publish', exact: true }).count(), 0)
  await deeds.click('link', /^Key for yes/)
  await deeds.type('Key for yes', '1')
  await deeds.click('button', 'Save')
  await deeds.click('button', 'Publish')
  await page.getByText('The draft is published.').waitFor()
  t.match(await lineInForce('700'), { version: 2, waitMs: 3_500 })

  await deeds.click('link', 'To the line')
  await deeds.click('button', 'Restore')
  // This console has no keys, so calls of the line cannot be recorded.
  await page.getByRole('heading', { name: 'Done, but have a look' }).waitFor()
  await deeds.click('link', 'Go on')
  await page.getByText('Version 3 is in force').waitFor()
  t.match(await lineInForce('700'), { version: 3, waitMs: 5_000 })
  t.strictSame(errors, [])
  t.comment(`a new line, a change, a mistake, a roll-back: ${deeds.effort}`)
})

t.test('a line is published at a time, which can be cancelled', async t => {
  const { page, deeds } = await administrator()
  await page.goto(`${url}/lines/700`)
  await deeds.click('button', 'Change the line')
  await deeds.click('link', /^Repetitions of the question/)
  await deeds.type('Repetitions of the question', '1')
  await deeds.click('button', 'Save')
  await page.getByText('1 change').waitFor()
  await deeds.unfold('Publish later')
  const tomorrow = new Date(Date.now() + DAY_MS).toISOString().slice(0, 10)
  await deeds.type('When', `${tomorrow}T04:05`)
  await deeds.click('button', 'Set the time')
  await page.getByText('awaits its time').waitFor()
  t.equal(
    await page.locator('.publish time').getAttribute('datetime'),
    `${tomorrow}T01:05:00.000Z`,
    "the time is that of the visitor's zone, Moscow",
  )
  t.comment(`a timed publication: ${deeds.effort}`)
  await deeds.click('button', 'Cancel the time')
  await page.getByText('Revision 2, draft').waitFor()
  await deeds.click('button', 'Discard')
  await page.getByText('The draft is void.').waitFor()
})

t.test('the simulated telephone answers as the line says', async t => {
  const { page, errors, deeds } = await administrator()
  await page.goto(`${url}/lines/700`)
  const phone = page.locator('#simulator')
  await deeds.click('button', 'Call')
  await phone.getByText(/With your consent/).waitFor()
  await deeds.click('button', '1')
  await phone.getByText(/The call is recorded/).waitFor()
  await deeds.click('button', 'Again')
  await deeds.click('button', '2')
  await phone.getByText(/The call is not recorded/).waitFor()
  await deeds.click('button', 'Again')
  await deeds.click('button', 'Hang up')
  await phone.getByText(/Nothing is recorded/).waitFor()
  t.strictSame(errors, [])
  t.comment(`a yes, a no and a hang-up on the simulated telephone: ${deeds.effort}`)
})

t.test('a change that somebody else has overtaken says so, and so does a session that has ended', async t => {
  const [first, second] = [await administrator(), await administrator()]
  await first.page.goto(`${url}/lines/700`)
  await first.deeds.click('button', 'Change the line')
  await first.page.getByText('no change yet').waitFor()
  await second.page.goto(first.page.url())
  for (const { deeds } of [first, second]) {
    await deeds.click('link', /^Wait for a key, s/)
    await deeds.type('Wait for a key, s', '4')
  }
  await first.deeds.click('button', 'Save')
  await first.page.getByText('1 change').waitFor()
  await second.deeds.click('button', 'Save')
  await second.page.getByRole('heading', { name: 'Somebody else has changed this' }).waitFor()
  await second.page.goto(first.page.url())
  await second.page.context().clearCookies()
  await second.deeds.click('link', /^Wait for a key, s/)
  await second.page.getByRole('heading', { name: 'Sign in' }).waitFor()
  t.equal(await second.page.locator('#editor').count(), 1, 'the page is not emptied')
  await first.deeds.click('button', 'Discard')
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
  await page.getByText('Stayed on the line: recorded').waitFor()
  t.equal(await page.locator('.beat').count(), 4)
  await deeds.click('button', 'Discard')
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

t.test('a draft with an open form and a fault, in eight forms', async t => {
  const { page } = await administrator()
  await page.goto(`${url}/lines/700`)
  await page.getByRole('button', { name: 'Change the line' }).click()
  await page.getByRole('link', { name: /^Key for yes/ }).click()
  await page.getByLabel('Key for yes', { exact: true }).fill('9')
  await page.locator('#edit').getByRole('button', { name: 'Save' }).click()
  await page.locator('.note.wrong').first().waitFor()
  const address = `${page.url().replace(/[?#].*/, '')}?edit=onRefused`
  for (const form of FORMS) {
    const { page, errors } = await administrator(form)
    await page.goto(address)
    await picture(page, 'draft', form)
    t.strictSame(await faultsOf(page), [], JSON.stringify(form))
    t.strictSame(errors, [], JSON.stringify(form))
    await page.context().close()
  }
})

t.test('where a second person must approve, whoever changed a draft last does not publish it', async t => {
  const strict = await testConsole(t, {}, { CONSENTRY_LINE_APPROVAL: 'required' })
  const address = await strict.app.listen({ host: '127.0.0.1', port: 0 })
  const newPerson = async () => {
    const { headers } = await strict.people('administrator')
    const { page } = await openSignedIn(browser, FORM, { cookie: headers.cookie, url: address })
    return { page, deeds: new Deeds(page) }
  }
  const [first, second] = [await newPerson(), await newPerson()]
  await first.page.goto(`${address}/lines`)
  await first.deeds.type('Number', '700')
  await first.deeds.click('button', 'Begin')
  await first.page.getByRole('button', { name: 'Ask for approval' }).waitFor()
  t.equal(await first.page.getByRole('button', { name: 'Publish', exact: true }).count(), 0)
  await first.deeds.click('button', 'Ask for approval')
  await first.page.getByText('Two people publish a line').waitFor()
  t.equal(await first.page.getByRole('button', { name: 'Approve' }).count(), 0, 'not by the same person')

  await second.page.goto(first.page.url())
  await second.deeds.click('button', 'Approve')
  await second.page.getByText('Approved by').waitFor()
  await second.deeds.click('button', 'Publish')
  await second.page.getByText('The draft is published.').waitFor()
  t.match(await listLines(strict.deps), { length: 1, 0: { number: '700', version: 1 } })
  t.comment(`an approval: ${second.deeds.effort}`)
})
