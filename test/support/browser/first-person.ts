import { codeAt } from '../../../src/operations/people/second-factor.js'
import type { Deeds } from './deeds.js'

const PASSPHRASE = 'four quiet herons wade'
/** Length of a step of the second factor, ms (RFC 6238). */
const STEP_MS = 30_000

/** Takes a person who is welcomed through passphrase, second factor and recovery codes to the first sign-in. */
export async function registerAndSignIn(deeds: Deeds, name: string): Promise<void> {
  const { page } = deeds
  await page.getByRole('heading', { name: `Welcome, ${name}` }).waitFor()
  const totp = (await page.locator('p code').textContent())!
  await deeds.type('Choose a passphrase', PASSPHRASE)
  await deeds.type('Again', PASSPHRASE)
  await deeds.type('The code that the app shows', codeAt(totp, Date.now()))
  await deeds.click('button', 'Save')
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor()
  // The codes are there again.
  await page.reload()
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor()
  await deeds.click('link', 'To the sign-in')
  await deeds.type('Name', name)
  await deeds.type('Passphrase', PASSPHRASE)
  // The code of the next step is valid already, and each step counts once. Both hold if a step ends meanwhile.
  await deeds.type('Code of the app', codeAt(totp, Date.now() + STEP_MS))
  await deeds.click('button', 'Sign in')
  await page.getByRole('heading', { name: 'Who can hear', level: 1 }).waitFor()
}
