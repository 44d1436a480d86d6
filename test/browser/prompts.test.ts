// Real: the console, PostgreSQL, Chromium, flite, ffmpeg. Fake: the microphone plays a file.
// An administrator makes prompts by a voice, by a file and by the microphone, and publishes them.
import { join } from 'node:path'
import t from 'tap'
import { promptVersions } from '../../src/operations/prompts/find-prompts.js'
import { shippedPromptFolder } from '../../src/prompts/manifest.js'
import { FORMS, openSignedIn, startBrowser } from '../support/browser/browser.js'
import { Deeds } from '../support/browser/deeds.js'
import { faultsOf, picture } from '../support/browser/look.js'
import { testConsole } from '../support/processes/console.js'
import { useVoices } from '../support/processes/voices.js'

const SPOKEN = join(shippedPromptFolder(), 'en', 'refused.wav')

await useVoices()
const { app, deps, people } = await testConsole(t)
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t, [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  `--use-file-for-fake-audio-capture=${SPOKEN}%noloop`,
])
const FORM = { language: 'en', theme: 'light', width: 'desktop' } as const

/** A page of an administrator who has signed in. */
async function administrator(form: (typeof FORMS)[number] = FORM) {
  const { headers } = await people('administrator')
  const { page, errors } = await openSignedIn(browser, form, { cookie: headers.cookie, url })
  return { page, errors, deeds: new Deeds(page) }
}

const versions = () => promptVersions(deps, { name: 'refused', language: 'en' })

t.test('a voice speaks new words, which are published', async t => {
  const { page, errors, deeds } = await administrator()
  await page.goto(`${url}/prompts`)
  await deeds.click('link', 'This call will not be recorded.')
  await deeds.type('Words', 'As you wish. Nothing will be recorded.')
  await deeds.click('button', 'Speak')
  await page.getByText('As you wish').first().waitFor()
  t.match((await versions())[0], { state: 'draft', how: 'speech', inForce: false })
  await deeds.click('button', 'Publish')
  await page.getByText('callers hear this one').waitFor()
  t.match((await versions())[0], {
    state: 'published',
    inForce: true,
    text: 'As you wish. Nothing will be recorded.',
  })
  t.strictSame(errors, [])
  t.comment(`new words by a voice: ${deeds.effort}`)
})

t.test('a file becomes a draft with the same words', async t => {
  const { page, errors, deeds } = await administrator()
  await page.goto(`${url}/prompts/refused/en`)
  const known = (await versions()).length
  await deeds.attach('File with sound', SPOKEN)
  await page.getByText('from a file').waitFor()
  t.comment(`new words by a file: ${deeds.effort}`)
  const [made] = await versions()
  t.equal((await versions()).length, known + 1)
  t.match(made, { state: 'draft', how: 'upload' })
  await deeds.click('button', 'Discard')
  await page.getByText('withdrawn').waitFor()
  t.strictSame(errors, [])
})

t.test('a file that is no sound is refused with advice', async t => {
  const { page } = await administrator()
  await page.goto(`${url}/prompts/refused/en`)
  const known = (await versions()).length
  await page
    .getByLabel('File with sound')
    .setInputFiles({ name: 'x.wav', mimeType: 'audio/wav', buffer: Buffer.from('no sound') })
  await page.getByRole('alert').waitFor()
  t.match(await page.getByRole('alert').textContent(), /WAV/)
  t.equal((await versions()).length, known)
})

t.test('the microphone records a draft', async t => {
  const { page, errors, deeds } = await administrator()
  await page.goto(`${url}/prompts/refused/en`)
  await deeds.click('button', 'Record by microphone')
  const meter = page.getByRole('meter')
  await meter.waitFor()
  // The level moves once the microphone speaks.
  await page.waitForFunction(() => document.querySelector('meter')!.value > 0.05)
  await page.waitForTimeout(2_500)
  await deeds.click('button', 'Stop and save')
  await page.getByText('recorded in the browser').waitFor()
  t.comment(`new words by the microphone: ${deeds.effort}`)
  t.match((await versions())[0], { state: 'draft', how: 'browser' })
  t.strictSame(errors, [])
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

t.test('prompts and one of them, in eight forms', async t => {
  for (const [name, address] of [
    ['prompts', '/prompts'],
    ['prompt', '/prompts/refused/en'],
  ] as const)
    for (const form of FORMS) {
      const { page, errors } = await administrator(form)
      await page.goto(url + address)
      await picture(page, name, form)
      t.strictSame(await faultsOf(page), [], `${name} ${JSON.stringify(form)}`)
      t.strictSame(errors, [], `${name} ${JSON.stringify(form)}`)
      await page.context().close()
    }
})
