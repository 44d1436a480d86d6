// Real: the console, PostgreSQL, Chromium, a voice, ffmpeg. Fake: none.
// A new line has another key than its prompts say: an administrator has words of its own spoken, and publishes both.
// Long only: words of a draft; `service/lines` has the contradictions.
import t from 'tap'
import { labLines } from '../../lab/lab-lines.js'
import { listLines } from '../../src/lines/change-lines.js'
import { beginDraft } from '../../src/lines/drafts/edit-draft.js'
import { readDraft } from '../../src/lines/drafts/show-draft.js'
import { newLine } from '../../src/lines/new-line.js'
import { changeCompany } from '../../src/lines/prompts/company.js'
import { promptVersions } from '../../src/lines/prompts/find-prompts.js'
import { saveLines } from '../../src/lines/save-lines.js'
import { openSignedIn, startBrowser } from '../support/browser/browser.js'
import { Deeds } from '../support/browser/deeds.js'
import { faultsOf, picture } from '../support/browser/look.js'
import { person } from '../support/data/actors.js'
import { testConsole } from '../support/processes/console.js'
import { until } from '../support/processes/database.js'
import { useVoices } from '../support/processes/voices.js'

await useVoices()
const { app, deps, people } = await testConsole(t)
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)
const FORM = { language: 'en', theme: 'light', width: 'desktop' } as const
const anna = person('anna')

t.test('another key on a new line, from the contradiction to words of its own in force', async t => {
  await changeCompany(deps, anna, { name: 'Acme', language: 'en' })
  const usual = labLines.find(line => line.language === 'en' && line.mode === 'key')!
  await saveLines(deps, anna, [{ ...usual, number: '101' }])
  const { id: draft } = await beginDraft(deps, anna, { line: '200', input: newLine('200', 'en') })
  const { headers } = await people('administrator')
  const { page, errors } = await openSignedIn(browser, FORM, { cookie: headers.cookie, url })
  const deeds = new Deeds(page)

  await page.goto(`${url}/drafts/${draft}`)
  await deeds.click('link', /^Key for yes/)
  await deeds.type('Key for yes', '5')
  await deeds.click('button', 'Save')
  for (const [name, field] of [
    ['disclosure-key', 'First prompt'],
    ['question', 'Prompt that asks'],
  ] as const) {
    await deeds.click('link', `Open the prompt ${name}`)
    await deeds.click('link', `Begin ${name}-200`)
    await page.getByText('These words are for the draft of line 200.').waitFor()
    t.equal(
      await page.locator('#speech-line option:checked').textContent(),
      'as the draft of line 200 says it',
    )
    await picture(page, `draft-words-${name}`, FORM)
    t.strictSame(await faultsOf(page), [])
    await deeds.click('button', 'Speak')
    await page.getByText('spoken by a voice').waitFor()
    await deeds.click('button', 'Publish')
    await page.getByText('heard by callers').waitFor()
    t.match((await promptVersions(deps, { name: `${name}-200`, language: 'en' }))[0], {
      ...{ state: 'published', text: /press five/ },
    })
    await deeds.click('link', 'Back to the draft of line 200')
    await deeds.click('link', new RegExp(`^${field}`))
    await deeds.choose(field, `${name}-200`)
    await deeds.click('button', 'Save')
    await until(async () => JSON.stringify((await readDraft(deps, draft)).input).includes(`${name}-200`))
  }
  await deeds.click('button', 'Publish')
  await page.getByText('The draft is published.').waitFor()
  const line = (await listLines(deps)).find(({ number }) => number === '200')
  t.match(line, { version: 1, keys: { yes: '5' }, disclosure: 'disclosure-key-200' })
  t.comment(`words of a line's own: ${deeds.effort}`)
  t.strictSame(errors, [])
})
