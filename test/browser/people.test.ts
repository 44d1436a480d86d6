// Real: the console, PostgreSQL, Chromium. Fake: none.
// A person gets in by the link, sets passphrase and second factor, invites another, and signs out.
import type { Page } from 'playwright-core'
import t from 'tap'
import { inviteUser, linkOf } from '../../src/accounts/invitations.js'
import { codeAt } from '../../src/accounts/second-factor.js'
import { openPage, startBrowser } from '../support/browser/browser.js'
import { Deeds } from '../support/browser/deeds.js'
import { person } from '../support/data/actors.js'
import { testConsole } from '../support/processes/console.js'

const { app, deps, admin } = await testConsole(t)
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)
const FORM = { language: 'en', theme: 'light', width: 'desktop' } as const
const STEP_MS = 30_000
const PASSPHRASE = 'four quiet herons wade'

/** A link of the console that listens here. */
const here = (link: string) => link.replace(/^https?:\/\/[^/]+/, url)

/** What the clipboard holds. */
const copied = (page: Page) => page.evaluate(() => navigator.clipboard.readText())

/** The pages in which nothing goes wrong: neither a script, nor the policy, nor a request. */
async function newDeeds() {
  const { page, errors } = await openPage(browser, FORM)
  return { page, errors, deeds: new Deeds(page) }
}

t.test('a person gets in by a link, and invites another', async t => {
  const invitation = await inviteUser(admin, person('anna'), { name: 'irina', roles: ['administrator'] })
  const { page, errors, deeds } = await newDeeds()

  await page.goto(here(linkOf(deps.config, invitation).reveal()))
  await page.getByRole('heading', { name: 'Welcome, irina' }).waitFor()
  t.notMatch(page.url(), invitation.secret.reveal(), 'the address has no secret any more')
  const totp = (await page.locator('p code').textContent())!
  await deeds.type('Choose a passphrase', PASSPHRASE)
  await deeds.type('Again', 'something else')
  await deeds.type('The code that the app shows', codeAt(totp, Date.now() - STEP_MS))
  await deeds.click('button', 'Save')
  await page.getByText('The two passphrases differ.').waitFor()
  await deeds.type('Choose a passphrase', PASSPHRASE)
  await deeds.type('Again', PASSPHRASE)
  await deeds.type('The code that the app shows', codeAt(totp, Date.now() - STEP_MS))
  await deeds.click('button', 'Save')
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor()
  const codes = await page.locator('.codes li').allTextContents()
  t.equal(codes.length, 10)
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await deeds.click('button', 'Copy')
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  t.equal(await copied(page), codes.join('\n'), 'each code in a line')

  await deeds.click('link', 'I have kept these codes')
  await page.waitForURL(`${url}/now`)
  await deeds.click('link', /^irina/)
  await deeds.click('button', 'Sign out')
  await page.goto(`${url}/people`)
  t.match(page.url(), /\/sign-in\?next=%2Fpeople$/, 'a page for people asks who it is first')
  await deeds.type('Name', 'irina')
  await deeds.type('Passphrase', 'wrong wrong wrong')
  await deeds.type('Code from the app', '000000')
  await deeds.click('button', 'Sign in')
  await page.getByText('Name, passphrase or code is wrong').waitFor()
  await deeds.type('Passphrase', PASSPHRASE)
  await deeds.type('Code from the app', codeAt(totp, Date.now()))
  await deeds.click('button', 'Sign in')
  await page.getByRole('heading', { name: 'People' }).waitFor()
  t.match(page.url(), /\/people$/, 'and goes on to it')

  await deeds.type('Name', 'pavel')
  await deeds.click('checkbox', 'supervisor')
  await deeds.click('button', 'Make a link')
  const link = (await page.locator('p code').textContent())!
  t.match(link, /\/invitation#[\w-]{43}$/)
  await deeds.click('button', 'Copy')
  await page.getByRole('button', { name: 'Copied' }).waitFor()
  t.equal(await copied(page), link)
  await deeds.click('link', 'Back to people')
  await deeds.unfold('Change')
  await deeds.unfold('Disable')
  await page.getByText('pavel is signed out at once').waitFor()
  t.equal(await page.locator('.tag', { hasText: 'disabled' }).count(), 0, 'it asks first')
  await deeds.click('button', 'Disable pavel')
  await page.locator('.tag', { hasText: 'disabled' }).waitFor()

  await deeds.click('link', /^irina/)
  await page.getByText('this browser').waitFor()
  await deeds.click('button', 'Sign out')
  await page.goto(`${url}/people`)
  t.match(page.url(), /\/sign-in/, 'nobody is in any more')
  const own = errors.filter(error => !/status of (401|422)/.test(error))
  t.strictSame(own, [], 'nothing went wrong on any page')
  t.comment(`by a link, with an invitation: ${deeds.effort}`)
})

t.test('a link that was used says what to do', async t => {
  const { page, deeds } = await newDeeds()
  await page.goto(`${url}/invitation`)
  await deeds.type('What follows # in the link', 'A'.repeat(43))
  await deeds.click('button', 'Open')
  await page.getByText('This link is not valid').waitFor()
  t.equal(await page.getByRole('alert').count(), 1)
})

t.test('a page that was asked for before the sign-in is one of the console itself', async t => {
  const { page } = await newDeeds()
  for (const next of ['https://evil.example/', '//evil.example/', '/\\evil.example', 'javascript:alert(1)']) {
    await page.goto(`${url}/sign-in?${new URLSearchParams({ next })}`)
    const fields = await page.locator('input[name=next]').all()
    t.equal(fields.length, 2, 'by passphrase, and by passkey')
    for (const field of fields) t.equal(await field.inputValue(), '/now', next)
  }
})
