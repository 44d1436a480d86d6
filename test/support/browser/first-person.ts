import { codeAt } from '../../../src/accounts/second-factor.js'
import type { Deeds } from './deeds.js'

const PASSPHRASE = 'four quiet herons wade'

/** Takes a person who is welcomed through passphrase, second factor and recovery codes. Nothing is asked twice. @param to the step to which that leads */
export async function register(deeds: Deeds, name: string, to: string): Promise<void> {
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
  await deeds.click('link', 'I have kept these codes')
  await page.getByRole('heading', { name: to, level: 1 }).waitFor()
}
