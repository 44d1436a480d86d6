// Real: Asterisk, SIP callers and a phone that is rung, the service with the console beside it, PostgreSQL, ffmpeg, Chromium. Fake: none.
// An administrator signs in, makes a line, publishes it with new words, and callers hear them.
import { join } from 'node:path'
import t from 'tap'
import { Phone } from '../../lab/phone.js'
import { codeAt } from '../../src/operations/people/second-factor.js'
import { shippedPromptFolder } from '../../src/prompts/manifest.js'
import { waitUntilHeard } from '../support/assertions/heard-words.js'
import { openPage, startBrowser } from '../support/browser/browser.js'
import { Deeds } from '../support/browser/deeds.js'
import { promptSamples, startCallLab } from '../support/lab/call-lab.js'
import { dialIntoDisclosure } from '../support/lab/fault-lab.js'
import { until } from '../support/processes/database.js'

/** Longest time until words are heard, ms. */
const HEARD_MS = 60_000

const phone = await Phone.open()
t.teardown(() => phone.close())
const site = await startCallLab(t, {
  console: true,
  env: { CONSENTRY_RING_ENDPOINTS: phone.endpoint },
})
const { console: url, admin } = site.lab.ready
const browser = await startBrowser(t)

t.test('a line that was made in the browser is called, and its new words are heard', async t => {
  const { page, errors } = await openPage(browser, { language: 'en', theme: 'light', width: 'desktop' })
  const deeds = new Deeds(page)
  await until(async () => (await fetch(`${url}/sign-in`).catch(() => undefined))?.status === 200)
  await page.goto(`${url}/lines`)
  await deeds.type('Name', admin!.user)
  await deeds.type('Passphrase', admin!.password)
  await deeds.type('Code of the app', codeAt(admin!.totp, Date.now()))
  await deeds.click('button', 'Sign in')
  await deeds.type('Number', '640')
  await deeds.choose('Language', 'en')
  await deeds.click('button', 'Begin')
  const before = { clicks: deeds.clicks, keys: deeds.keys }
  await deeds.click('button', 'Ring my phone')
  await page.getByText('Answer it, and you hear the draft').waitFor()
  t.comment(`a phone that rings: ${deeds.since(before)}`)
  const talk = await phone.answer(await phone.waitForRing())
  t.ok(
    await waitUntilHeard(talk.heard, promptSamples('en', 'disclosure-key'), HEARD_MS),
    'the phone of the administrator hears the draft',
  )
  await talk.press('2')
  t.match(await talk.waitForEnd(), { by: 'pbx' }, 'and is hung up')
  await deeds.click('button', 'Publish')
  await page.getByText('The draft is published.').waitFor()

  const first = await dialIntoDisclosure(site, '640')
  t.ok(
    await waitUntilHeard(first.caller.heard, promptSamples('en', 'disclosure-key'), HEARD_MS),
    'the caller hears the disclosure',
  )
  const pressedAt = await first.caller.press('2')
  t.ok(
    await waitUntilHeard(first.caller.heard, promptSamples('en', 'refused'), HEARD_MS, pressedAt),
    'and that nothing is recorded',
  )
  await first.finish()

  // The words of another prompt stand for new ones: they are known, so that the caller's audio can be compared with them.
  await page.goto(`${url}/prompts/refused/en`)
  await page.getByLabel('File with sound').setInputFiles(join(shippedPromptFolder(), 'en', 'interrupted.wav'))
  await page.getByText('from a file').waitFor()
  await deeds.click('button', 'Publish')
  await page.getByText('callers hear this one').waitFor()
  await until(async () => (await site.lab.service.log()).includes('a published prompt is in force'))
  const second = await dialIntoDisclosure(site, '640')
  const answeredAt = await second.caller.press('2')
  t.ok(
    await waitUntilHeard(second.caller.heard, promptSamples('en', 'interrupted'), HEARD_MS, answeredAt),
    'the next caller hears the new words',
  )
  await second.finish()

  await page.goto(`${url}/now`)
  await page.getByText('All works.').waitFor()
  t.strictSame(errors, [])
  t.comment(`sign-in, a line, a phone that rings, new words, two calls: ${deeds.effort}`)
})
