// Real: the console, PostgreSQL, Chromium. Fake: none.
// Language and dates are those of the browser, until the person chooses a language.
import t from 'tap'
import { startBrowser } from '../support/browser/browser.js'
import { Deeds } from '../support/browser/deeds.js'
import { testConsole } from '../support/processes/console.js'

const { app, people } = await testConsole(t)
const { headers } = await people('administrator')
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)
const [name, value] = headers.cookie.split('=')

/** A page in a browser of this locale, which has opened a page of the console before in another one. */
async function openIn(locale: string, kept: object[] = []) {
  const context = await browser.newContext({ locale, timezoneId: 'Europe/Moscow' })
  await context.addCookies([
    { name: name!, value: value!, url },
    ...(kept as { name: string; value: string }[]),
  ])
  const page = await context.newPage()
  await page.goto(`${url}/me`)
  return page
}

t.test('the language follows the browser from page to page, until it is chosen', async t => {
  const first = await openIn('ru-RU')
  t.equal(await first.locator('html').getAttribute('lang'), 'ru')
  const kept = await first.context().cookies()
  t.match(kept.find(one => one.name === 'consentry-view')?.value, 'zone=Europe%2FMoscow')
  const other = await openIn('en-GB', kept)
  t.equal(await other.locator('html').getAttribute('lang'), 'en', 'the same cookies, another language')
  const deeds = new Deeds(other)
  await deeds.choose('Language', 'ru')
  await deeds.click('button', 'Save')
  await other.getByLabel('Язык').waitFor()
  await other.goto(`${url}/lines`)
  t.equal(await other.locator('html').getAttribute('lang'), 'ru', 'chosen')
})

t.test('dates are written as in the region of the browser', async t => {
  for (const [locale, date] of [
    ['en-GB', /^\d+ \p{L}+ \d{4}/u],
    ['en-US', /^\p{L}+ \d+, \d{4}/u],
    ['ru-RU', /^\d+ \p{L}+\.? \d{4} г\./u],
  ] as const) {
    const page = await openIn(locale)
    t.match(await page.locator('time').first().textContent(), date, locale)
  }
})
