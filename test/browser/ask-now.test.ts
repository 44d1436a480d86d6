// Real: the console, PostgreSQL, Chromium, the service socket. Fake: the calls, which only say what comes of an order.
// A supervisor has a caller asked in the conversation, by the keyboard alone.
import t from 'tap'
import { openPage, startBrowser } from '../support/browser/browser.js'
import { faultsOf } from '../support/browser/look.js'
import { decidedCall, seed } from '../support/browser/seed.js'
import { APPEND_LIMIT_MS, startTestJournal } from '../support/data/journal.js'
import { testConsole } from '../support/processes/console.js'
import { answerAsks } from '../support/processes/socket-handlers.js'

const console = await testConsole(t)
const { app, deps, people, serviceUrl } = console
await seed(t, console)
const journal = startTestJournal(t, serviceUrl)
const asked: string[] = []
await answerAsks(t, deps.config.data, id => {
  asked.push(id)
  return asked.length === 1 ? 'asked' : 'asking'
})
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)

t.test('a supervisor presses *Ask* by the keyboard, and hears what comes of it', async t => {
  const { headers } = await people('supervisor')
  for (const [language, name, begins, refused] of [
    ['en', /^Ask for consent to be recorded: line 700, /, /The question begins/, /is being asked/],
    ['ru', /^Спросить о согласии на запись: линия 700, /, /Вопрос задаётся/, /уже спрашивают/],
  ] as const) {
    asked.splice(0)
    const form = { language, theme: 'light', width: 'desktop' } as const
    const { page, errors } = await openPage(browser, form, { cookie: headers.cookie })
    await page.goto(`${url}/now`)
    const buttons = page.locator('#now-calls').getByRole('button', { name })
    const before = await buttons.count()
    const id = await buttons.first().getAttribute('id')
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab')
      if ((await page.evaluate(() => document.activeElement?.id)) === id) break
    }
    t.equal(await page.evaluate(() => document.activeElement?.id), id, 'it is reached by Tab')
    await journal.append(decidedCall(Date.now() - 400_000, 'refused', false), APPEND_LIMIT_MS)
    await buttons.nth(before).waitFor()
    t.equal(await page.evaluate(() => document.activeElement?.id), id, 'a new call does not take the focus')
    await page.keyboard.press('Enter')
    await page.getByRole('status').filter({ hasText: begins }).waitFor()
    t.strictSame(asked, [id!.replace('ask-', '')])
    t.strictSame(await faultsOf(page), [])
    // An equal form within a second would get the answer of the first.
    await buttons.nth(1).press('Space')
    await page.getByRole('alert').filter({ hasText: refused }).waitFor()
    t.ok(await page.locator('#now-calls').isVisible())
    t.strictSame(await faultsOf(page), [])
    const refusals = errors.filter(error => /status of 409/.test(error))
    t.strictSame([refusals.length, errors.length], [1, 1], 'and the refusal is the only error')
    await page.context().close()
  }
})
