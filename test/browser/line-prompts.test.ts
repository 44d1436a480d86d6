// Real: the console, PostgreSQL, Chromium, a voice, ffmpeg. Fake: none.
// All prompts of a line are spoken again in one deed, heard where their words stand, and published.
// Long only: the prompts of a line; `browser/whole-call` walks through them.
import t from 'tap'
import { labLines } from '../../lab/lab-lines.js'
import { changeLines } from '../../src/lines/change-lines.js'
import { changeCompany } from '../../src/lines/prompts/company.js'
import { listPrompts } from '../../src/lines/prompts/find-prompts.js'
import { openPage, startBrowser } from '../support/browser/browser.js'
import { Deeds } from '../support/browser/deeds.js'
import { faultsOf } from '../support/browser/look.js'
import { person } from '../support/data/actors.js'
import { testConsole } from '../support/processes/console.js'
import { useVoices } from '../support/processes/voices.js'

await useVoices()
const { app, deps, people } = await testConsole(t)
const { headers } = await people('administrator')
await changeLines(deps, person('anna'), { ...labLines[1]!, number: '700', name: 'Orders' })
await changeLines(deps, person('anna'), { ...labLines[1]!, number: '701' })
await changeCompany(deps, person('anna'), { name: 'Romashka', language: 'en' })
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)
const form = { language: 'en', theme: 'light', width: 'desktop' } as const

t.test('the words of a line are played where they stand', async t => {
  const { page, errors } = await openPage(browser, form, { cookie: headers.cookie })
  await page.goto(`${url}/lines/700`)
  const sound = page.waitForResponse(/\/prompts\/disclosure-key\/en\/audio$/)
  const play = page.getByRole('link', { name: 'Play disclosure-key' })
  await play.click()
  t.equal((await sound).headers()['content-type'], 'audio/wav')
  await page.getByRole('link', { name: 'Stop' }).click()
  await play.waitFor()
  t.match(page.url(), /\/lines\/700$/, 'the page stays')
  await page.goto(`${url}/prompts`)
  t.ok((await page.getByRole('link', { name: /^Play / }).count()) > 10)
  t.strictSame(errors, [])
})

t.test('all prompts of a line are spoken in one deed, and published in another', async t => {
  const { page, errors } = await openPage(browser, form, { cookie: headers.cookie })
  const deeds = new Deeds(page)
  await page.goto(`${url}/lines/700`)
  await deeds.click('link', 'Its prompts')
  const chosen = await page.getByRole('checkbox', { checked: true }).count()
  t.ok(chosen >= 4, `${chosen} prompts`)
  t.strictSame(await faultsOf(page), [])
  await deeds.click('button', 'Speak those that are chosen')
  await page.getByText(`of ${chosen} are done`).waitFor()
  await page.getByRole('heading', { name: 'Not heard by callers yet' }).waitFor({ timeout: 300_000 })
  t.strictSame(await faultsOf(page), [])
  const drafts = (await listPrompts(deps)).filter(({ variables }) => variables['company'] === 'Romashka')
  t.strictSame(drafts, [], 'callers hear what they heard before')
  await deeds.unfold(`Publish ${chosen} new versions`)
  await page.getByText('Other lines say some of them, too: 701.').waitFor()
  await deeds.click('button', 'Publish them')
  await page.getByRole('heading', { name: 'Not heard by callers yet' }).waitFor({ state: 'detached' })
  const inForce = (await listPrompts(deps)).filter(({ state }) => state === 'published')
  t.equal(inForce.length, chosen)
  t.match(inForce.find(({ name }) => name === 'disclosure-key')?.text, 'Romashka')
  t.strictSame(errors, [])
  t.comment(`all prompts of a line: ${deeds.effort}`)
})
