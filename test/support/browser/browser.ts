import { type Browser, chromium as driver, type Page } from 'playwright-core'
import type { Test } from 'tap'
import { chromium } from '../processes/chromium.js'
import { type Form, SIZES } from './form.js'

/** How long a page may take for what a test waits for, ms. A busy machine needs more than the half minute of the driver. */
const WAIT_MS = 120_000

/** Starts Chromium. It ends with the test. @param options more options of its command line */
export async function startBrowser(t: Test, options: readonly string[] = []): Promise<Browser> {
  const browser = await driver.launch({
    executablePath: chromium,
    args: ['--no-sandbox', '--disable-dev-shm-usage', ...options],
  })
  t.teardown(() => browser.close())
  return browser
}

/**
 * Opens an empty page in a form.
 *
 * @param headers are sent with each request; cookies are kept as those of the console, hidden from scripts but for the view
 * @returns the page, and what it reports as errors: of its scripts, its policy, its requests
 */
export async function openPage(
  browser: Browser,
  { language, theme, width }: Form,
  { cookie, ...headers }: Record<string, string> = {},
): Promise<{ page: Page; errors: string[] }> {
  const context = await browser.newContext({
    ...{ locale: language, colorScheme: theme, viewport: SIZES[width] },
    ...{ extraHTTPHeaders: headers, reducedMotion: 'reduce', timezoneId: 'Europe/Moscow' },
  })
  const cookies = (cookie ?? '').split('; ').flatMap(pair => {
    const [, name, value] = /^([^=]+)=(.*)$/.exec(pair) ?? []
    return name
      ? [{ name, value: value!, domain: '127.0.0.1', path: '/', httpOnly: name === 'consentry' }]
      : []
  })
  await context.addCookies(cookies)
  context.setDefaultTimeout(WAIT_MS)
  const page = await context.newPage()
  const errors: string[] = []
  page.on('console', message => message.type() === 'error' && errors.push(message.text()))
  page.on('pageerror', error => errors.push(error.message))
  page.on('requestfailed', request => {
    const why = request.failure()?.errorText
    // A request that was still under way when the test left the page.
    if (why !== 'net::ERR_ABORTED') errors.push(`${request.url()} ${why}`)
  })
  return { page, errors }
}

/**
 * Opens an empty page of a person who has signed in.
 *
 * @param signedIn.cookie the session's cookie, `name=value`
 * @param signedIn.url address of the console
 */
export async function openSignedIn(
  browser: Browser,
  form: Form,
  { cookie, url }: { cookie: string; url: string },
): ReturnType<typeof openPage> {
  const opened = await openPage(browser, form)
  const [name, value] = cookie.split('=')
  await opened.page.context().addCookies([{ name: name!, value: value!, url }])
  return opened
}
