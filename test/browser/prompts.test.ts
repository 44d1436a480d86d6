// Real: the console, PostgreSQL, Chromium, a voice, ffmpeg. Fake: none.
// What administrators meet at prompts without a call. Whole tasks, to callers who hear them, are in whole-call.test.ts.
// Long: the pages in all forms, and at widths between.
// Long only: the pages of prompts; `service/console/prompt-pages` has what they do.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { promptVersions } from '../../src/lines/prompts/find-prompts.js'
import { addPrompt, sayPrompt } from '../../src/lines/prompts/make-prompts.js'
import { publishPrompt } from '../../src/lines/prompts/publish-prompts.js'
import { shippedPromptFolder } from '../../src/prompts/manifest.js'
import { openSignedIn, startBrowser } from '../support/browser/browser.js'
import { Deeds } from '../support/browser/deeds.js'
import type { Form } from '../support/browser/form.js'
import { faultsOf, picture } from '../support/browser/look.js'
import { lookInAllForms } from '../support/browser/look-in-all-forms.js'
import { person } from '../support/data/actors.js'
import { testConsole } from '../support/processes/console.js'
import { scratch } from '../support/processes/database.js'
import { useVoices } from '../support/processes/voices.js'

const SPOKEN = join(shippedPromptFolder(), 'en', 'refused.wav')

await useVoices()
const { app, deps, people } = await testConsole(t)
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)
const FORM = { language: 'en', theme: 'light', width: 'desktop' } as const

/** A page of an administrator who has signed in. */
async function administrator(form: Form = FORM) {
  const { headers } = await people('administrator')
  const { page, errors } = await openSignedIn(browser, form, { cookie: headers.cookie, url })
  return { page, errors, deeds: new Deeds(page) }
}

const versions = () => promptVersions(deps, { name: 'refused', language: 'en' })

t.test('a draft from a file is discarded', async t => {
  const { page, errors, deeds } = await administrator()
  await page.goto(`${url}/prompts/refused/en`)
  const known = (await versions()).length
  let release = () => {}
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  await page.route('**/upload?**', route => held.then(() => route.continue()))
  await deeds.attach('File with sound', SPOKEN)
  await page.getByRole('progressbar').waitFor()
  t.match(
    await page.locator('#recorder [role=status]').textContent(),
    /^Upload/,
    'it is said while it is sent',
  )
  release()
  await page.getByText(/^Version \d+ is saved as a draft/).waitFor()
  await page.getByText('from a file').waitFor()
  const [made] = await versions()
  t.equal((await versions()).length, known + 1)
  t.match(made, { state: 'draft', how: 'upload' })
  await deeds.confirm('Discard', 'Discard the draft')
  await page.getByText('discarded').waitFor()
  t.strictSame(errors, [])
})

t.test('a prompt with a new name is recorded with words of its own', async t => {
  const { page, errors, deeds } = await administrator()
  await page.goto(`${url}/prompts`)
  await deeds.type('Name of the prompt', 'refused-own')
  await deeds.choose('Based on', 'refused')
  await deeds.click('button', 'Begin a prompt')
  await deeds.type('Words', 'Good. We do not record you.')
  await picture(page, 'prompt-new', FORM)
  t.strictSame(await faultsOf(page), [])
  await deeds.attach('File with sound', SPOKEN)
  await page.getByText('from a file').waitFor()
  t.match(await promptVersions(deps, { name: 'refused-own', language: 'en' }), {
    length: 1,
    0: { state: 'draft', text: 'Good. We do not record you.', says: { answer: 'refused' } },
  })
  t.strictSame(errors, [])
  await page.context().close()
})

t.test('a file that is no sound is refused with advice, in the language of the page', async t => {
  const known = (await versions()).length
  for (const [language, advice] of [
    ['en', /This is not a whole WAV/],
    ['ru', /Это не целый файл WAV/],
  ] as const) {
    const { page } = await administrator({ ...FORM, language })
    await page.goto(`${url}/prompts/refused/en`)
    await page
      .locator('#sound-file')
      .setInputFiles({ name: 'x.wav', mimeType: 'audio/wav', buffer: Buffer.from('no sound') })
    await page.getByRole('alert').waitFor()
    t.match(await page.getByRole('alert').textContent(), advice)
    await page.context().close()
  }
  t.equal((await versions()).length, known)
})

t.test(
  'the same file is taken again once it is mended, and an ended session leads to the sign-in',
  async t => {
    const { page, deeds } = await administrator()
    const file = join(await scratch(t), 'prompt.wav')
    const address = `${url}/prompts/refused/en`
    await page.goto(address)
    await writeFile(file, 'no sound')
    await deeds.attach('File with sound', file)
    await page.getByRole('alert').waitFor()
    t.equal(await page.getByLabel('File with sound').inputValue(), '', 'nothing is chosen any more')
    await writeFile(file, await readFile(SPOKEN))
    await deeds.attach('File with sound', file)
    await deeds.confirm('Discard', 'Discard the draft')
    await page.getByRole('button', { name: 'Record by microphone' }).waitFor()

    await page.context().clearCookies()
    await deeds.attach('File with sound', file)
    await page.getByText('Your session has ended.').waitFor()
    t.equal(new URL(page.url()).searchParams.get('next'), '/prompts/refused/en')
  },
)

t.test('a draft whose length is unusual for its words says so', async t => {
  const template =
    'We are sorry to say that this call will not be recorded. Please tell us now what we can do for you.'
  const key = { name: 'withdrawn-kept', language: 'en', template }
  await addPrompt(deps, person('anna'), { ...key, how: 'upload', sound: await readFile(SPOKEN) })
  const { page } = await administrator()
  await page.goto(`${url}/prompts/withdrawn-kept/en`)
  const drafted = page.locator('.versions > li', { hasText: 'from a file' })
  t.match(await drafted.locator('.note.warn').textContent(), /does it say what is written/)
  t.equal(await page.locator('.note.warn').count(), 1, 'the shipped one does not')
})

t.test('a prompt is heard as over a telephone', async t => {
  const { page } = await administrator()
  await page.goto(`${url}/prompts/refused/en`)
  const seconds = await page.evaluate(async () => {
    const audio = document.querySelector('audio')!
    audio.preload = 'metadata'
    audio.load()
    await new Promise(resolve => audio.addEventListener('loadedmetadata', resolve, { once: true }))
    return audio.duration
  })
  t.ok(seconds > 1 && seconds < 5, `${seconds} s`)
})

t.test('prompts and one of them', async t => {
  const key = { name: 'refused', language: 'en' }
  const { prompt } = await sayPrompt(deps, person('anna'), { ...key, template: 'Nothing will be recorded.' })
  await publishPrompt(deps, person('anna'), prompt)
  await addPrompt(deps, person('anna'), { ...key, how: 'browser', sound: await readFile(SPOKEN) })
  for (const [name, address] of [
    ['prompts', '/prompts'],
    ['prompt', '/prompts/refused/en'],
  ] as const)
    await lookInAllForms(t, { name, open: administrator, show: page => page.goto(url + address) })
})
