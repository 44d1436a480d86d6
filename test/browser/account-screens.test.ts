// Real: the console, PostgreSQL, Chromium. Fake: none.
// The pages by which a person changes what proves who they are, in all forms. The pictures are left in out/screens.
// Long: the pages in all forms, and at widths between.
// Long only: the pages of one's own account; `service/console/account-pages` has what they do.
import type { Page } from 'playwright-core'
import t from 'tap'
import { renewRecoveryCodes } from '../../src/accounts/own-account.js'
import { codeAt } from '../../src/accounts/second-factor.js'
import { signIn } from '../../src/accounts/sign-in.js'
import { Secret } from '../../src/core/secret.js'
import { openPage, startBrowser } from '../support/browser/browser.js'
import { Deeds } from '../support/browser/deeds.js'
import type { Form } from '../support/browser/form.js'
import { lookInAllForms } from '../support/browser/look-in-all-forms.js'
import { testConsole } from '../support/processes/console.js'
import { readyUser } from '../support/processes/people.js'

const { app, deps } = await testConsole(t)
const irina = await readyUser(deps, 'irina', ['administrator'])
const { actor, secret } = await signIn(deps, {
  ...{ name: 'irina', passphrase: new Secret(irina.password), address: '127.0.0.1' },
  code: new Secret(codeAt(irina.totp, Date.now())),
})
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)

/** A page of the session. The browser keeps its cookie, because headers of a test do not go with a form that is sent. */
async function signedInPage(form: Form) {
  const opened = await openPage(browser, form)
  const cookie = {
    name: 'consentry',
    value: secret.reveal(),
    url,
    httpOnly: true,
    sameSite: 'Strict' as const,
  }
  await opened.page.context().addCookies([cookie])
  return opened
}

/** Sets how long ago the session was proven. */
const provenAgo = (ms: number) =>
  deps.db
    .updateTable('user_session')
    .set({ proven_at: new Date(Date.now() - ms) })
    .where('id', '=', actor.session)
    .execute()

t.test('a person confirms who they are, replaces the second factor, and gets new recovery codes', async t => {
  await provenAgo(3_600_000)
  const [code] = (await renewed()).slice(0, 1)
  const { page, errors } = await signedInPage({ language: 'en', theme: 'light', width: 'desktop' })
  const deeds = new Deeds(page)
  await page.goto(`${url}/me`)
  t.equal(await page.getByRole('button', { name: 'Replace' }).count(), 0, 'nothing is changed before')
  await deeds.type('Passphrase', irina.password)
  await deeds.type('Code from the app', code!)
  await deeds.click('button', 'Confirm')
  await deeds.click('button', 'Replace')
  const totp = (await page.locator('p code').textContent())!
  await page.reload()
  t.equal(await page.locator('p code').textContent(), totp, 'reloading draws no other one')
  await deeds.type('The code that the app shows', '000000')
  await deeds.click('button', 'Save')
  await page.getByText('not that of the new second factor').waitFor()
  await deeds.type('The code that the app shows', codeAt(totp, Date.now()))
  await deeds.click('button', 'Save')
  await deeds.confirm('Make new codes', 'Replace the codes')
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor()
  const [first] = await page.locator('.codes code').allTextContents()
  await page.reload()
  t.equal((await page.locator('.codes code').allTextContents())[0], first, 'reloading makes no others')
  await deeds.click('link', 'I have kept these codes')
  await page.getByRole('heading', { name: 'Passphrase' }).waitFor()
  t.strictSame(
    errors.filter(error => !/status of 422/.test(error)),
    [],
  )
  t.comment(`a new second factor and new recovery codes: ${deeds.effort}`)
  await page.context().close()
})

/** New recovery codes, made behind the pages. */
async function renewed(): Promise<string[]> {
  await provenAgo(0)
  const codes = (await renewRecoveryCodes(deps, actor)).reveal()
  await provenAgo(3_600_000)
  return codes
}

const STATES = ['unproven', 'second-factor', 'recovery-codes', 'wrong'] as const
type State = (typeof STATES)[number]

for (const name of STATES)
  t.test(`${name}: nothing overflows, is cut or cannot be read`, t =>
    lookInAllForms(t, {
      name: `me-${name}`,
      open: signedInPage,
      show: (page, { language }) => show(name, page, language),
      expected: /status of 422/,
    }),
  )

/** Leads a page to one of the states of the own account. */
async function show(name: State, page: Page, language: Form['language']): Promise<void> {
  await provenAgo(name === 'unproven' || name === 'wrong' ? 3_600_000 : 0)
  await page.goto(`${url}/me`)
  if (name === 'second-factor') {
    await page.locator('[action="/me/second-factor/begin"] button').click()
    await page.locator('.qr').waitFor()
  }
  if (name === 'recovery-codes') {
    await page.locator('details:has([action="/me/recovery-codes"]) > summary').click()
    await page.locator('[action="/me/recovery-codes"] button').click()
    await page.locator('.codes').waitFor()
  }
  if (name === 'wrong') {
    await deps.db.updateTable('sign_in_attempt').set({ failures: 0, until: null }).execute()
    await page.locator('#passphrase').fill('wrong')
    await page.locator('[action="/me/proof"] button').click()
    await page.getByRole('alert').waitFor()
    if (language === 'ru') await page.getByText('Парольная фраза или код не подходят').waitFor()
  }
}
