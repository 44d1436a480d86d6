// Real: the console, PostgreSQL, Chromium. Fake: none.
// A page that shows what goes on is kept up to date while it is open.
import t from 'tap'
import { openPage, startBrowser } from '../support/browser/browser.js'
import { faultsOf } from '../support/browser/look.js'
import { decidedCall, seed } from '../support/browser/seed.js'
import { APPEND_LIMIT_MS, startTestJournal } from '../support/data/journal.js'
import { testConsole } from '../support/processes/console.js'
import { openStream } from '../support/processes/event-stream.js'
import { takeConnections } from '../support/processes/taken-connections.js'

const console = await testConsole(t)
const { app, deps, people, serviceUrl } = console
await seed(t, console)
const journal = startTestJournal(t, serviceUrl)
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)
const form = { language: 'en', theme: 'light', width: 'desktop' } as const

t.test('a new call is on the page without reloading, and how long it lasts is counted', async t => {
  const { headers } = await people('operator')
  const { page, errors } = await openPage(browser, form, { cookie: headers.cookie })
  await page.goto(`${url}/now`)
  await page.evaluate(() => {
    ;(globalThis as unknown as { mark: string }).mark = 'not reloaded'
  })
  const rows = page.locator('#now-calls tbody tr')
  t.equal(await rows.count(), 2)
  await journal.append(decidedCall(Date.now() - 200_000, 'granted', false), APPEND_LIMIT_MS)
  await rows.nth(2).waitFor()
  const lasts = rows.last().locator('[data-started]')
  t.match(await lasts.textContent(), /^[3-9]:\d\d$/)
  const before = await lasts.textContent()
  await page.waitForFunction(
    ([before]) => document.querySelector('#now-calls tr:last-child [data-started]')?.textContent !== before,
    [before],
  )
  t.equal(await rows.count(), 3)
  t.equal(await page.evaluate(() => (globalThis as unknown as { mark?: string }).mark), 'not reloaded')
  t.strictSame(await faultsOf(page), [])
  t.strictSame(errors, [])
  await page.context().close()
})

t.test(
  'a page that hears nothing says since when, and is dimmed; it goes on when it hears again',
  async t => {
    const { headers } = await people('operator')
    const { page } = await openPage(browser, form, { cookie: headers.cookie })
    await page.goto(`${url}/now`)
    const silent = page.locator('#now-silent')
    await page.waitForFunction(() => document.querySelector('#now-time')?.textContent?.includes(':'))
    t.notOk(await silent.isVisible())
    await page.context().setOffline(true)
    // Being offline does not end what is connected already.
    await page.evaluate(() => dispatchEvent(new Event('pagehide')))
    await page.locator('#live.silent').waitFor()
    t.ok(await silent.isVisible())
    t.match(await page.locator('.lead').textContent(), /No connection since .*\d\d:\d\d:\d\d/)
    t.equal(
      await page.getByRole('heading', { level: 1 }).textContent(),
      'State unknown',
      'what was known is not said of now',
    )
    t.strictSame(await faultsOf(page), [])
    await page.context().setOffline(false)
    await page.evaluate(() => dispatchEvent(new Event('pageshow')))
    await page.locator('#live:not(.silent)').waitFor()
    t.notOk(await silent.isVisible())
    t.not(await page.getByRole('heading', { level: 1 }).textContent(), 'State unknown')
    await page.context().close()
  },
)

t.test('a page says that the database does not answer, and from when its figures are', async t => {
  const { headers } = await people('operator')
  const { page } = await openPage(browser, form, { cookie: headers.cookie })
  const connected = page.waitForResponse(response => response.url().endsWith('/now/events'))
  await page.goto(`${url}/now`)
  await connected
  const giveBack = await takeConnections(deps.db)
  const old = page.locator('#now-old')
  await old.waitFor()
  t.match(
    await page.locator('.lead').textContent(),
    /The database does not answer.*Figures from .*\d\d:\d\d:\d\d/,
  )
  await page.locator('#live.silent').waitFor()
  t.ok(await old.isVisible())
  t.notOk(await page.locator('#now-silent').isVisible(), 'the connection is not lost')
  t.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'State unknown')
  t.strictSame(await faultsOf(page), [])
  await giveBack()
  await page.locator('#live:not(.silent)').waitFor()
  t.notOk(await old.isVisible())
  await page.context().close()
})

t.test(
  'the seventh page of a session says that too many are open, and goes on when one is closed',
  async t => {
    const { headers } = await people('operator')
    const address = `${url}/now/events`
    const streams = await Promise.all(Array.from({ length: 6 }, () => openStream(t, address, { ...headers })))
    for (const stream of streams) await stream.next()
    for (const [language, words] of [
      ['en', /not kept up to date: too many such pages are open.*Close or hide/],
      ['ru', /не обновляется: открыто слишком много таких страниц.*Закройте или сверните/],
    ] as const) {
      const { page } = await openPage(browser, { ...form, language }, { cookie: headers.cookie })
      await page.goto(`${url}/now`)
      const crowded = page.locator('#now-crowded')
      await crowded.waitFor()
      t.match(await crowded.textContent(), words)
      t.notOk(await page.locator('#now-silent').isVisible(), 'the connection is not lost')
      if (language === 'en') t.strictSame(await faultsOf(page), [])
      else {
        streams[0]!.close()
        await crowded.waitFor({ state: 'hidden' })
        await page.locator('#live:not(.silent)').waitFor()
      }
      await page.context().close()
    }
    for (const stream of streams) stream.close()
  },
)

t.test('whose session ends is led to the sign-in at once', async t => {
  const { headers, actor } = await people('operator')
  const { page } = await openPage(browser, form, { cookie: headers.cookie })
  const connected = page.waitForResponse(response => response.url().endsWith('/now/events'))
  await page.goto(`${url}/now`)
  await connected
  await deps.db
    .updateTable('user_session')
    .set({ ended_at: new Date() })
    .where('id', '=', actor.session)
    .execute()
  await page.waitForURL(/\/sign-in/)
  t.match(page.url(), /next=%2Fnow/)
  await page.context().close()
})
