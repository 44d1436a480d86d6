// Real: Asterisk, SIP callers and a phone that is rung, the service with the console beside it, PostgreSQL, voices, ffmpeg, Chromium. Fake:
// the microphone plays a file.
// Administrators make a line, change it, and give it new words, each to the end: to callers who hear it. Calls run while pages are used.
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t from 'tap'
import { Phone } from '../../lab/phone.js'
import { codeAt } from '../../src/accounts/second-factor.js'
import { readConfig } from '../../src/config/config.js'
import { SAMPLE_RATE } from '../../src/core/audio.js'
import { systemClock } from '../../src/core/clock.js'
import { openDatabase } from '../../src/db/database.js'
import { shippedPromptFolder } from '../../src/prompts/manifest.js'
import { waitUntilHeard } from '../support/assertions/heard-words.js'
import { openPage, openSignedIn, startBrowser } from '../support/browser/browser.js'
import { Deeds } from '../support/browser/deeds.js'
import { startTestJournal } from '../support/data/journal.js'
import { promptSamples, startCallLab } from '../support/lab/call-lab.js'
import { dialIntoDisclosure, purpose, shortLine } from '../support/lab/fault-lab.js'
import type { PlacedCall } from '../support/lab/placed-call.js'
import { promptInForce, waitUntilInForce } from '../support/lab/prompt-in-force.js'
import { CONNECTION_LIMIT_MS } from '../support/processes/connection-limit.js'
import { until } from '../support/processes/database.js'
import { browserOf } from '../support/processes/people.js'
import { useVoices } from '../support/processes/voices.js'

/** Longest time until words are heard, ms. */
const HEARD_MS = 60_000
/** Longest time until a page shows something, ms. On a busy machine a voice takes its time. */
const PAGE_MS = 90_000
/** How much of a prompt of 14 s is compared, samples: 4 s of it. */
const BEGINNING = 4 * SAMPLE_RATE
/** A time of publication is set at least this long before it, ms, so that a busy machine does not set it too late. */
const AHEAD_MS = 20_000
const MINUTE_MS = 60_000
/** How far the clock of the browser, in Moscow, is ahead of UTC, ms. */
const MOSCOW_MS = 3 * 3_600_000
/** After so long a silence the microphone has said all, ms. */
const SAID_ALL_MS = 1_500
const FORM = { language: 'en', theme: 'light', width: 'desktop' } as const

// The words of other prompts stand for new ones: they are known, so that the caller's audio can be compared with them.
const [SAID, UPLOADED] = ['granted', 'choose-language'] as const
const fileOf = (name: string) => join(shippedPromptFolder(), 'en', `${name}.wav`)

await useVoices()
const phone = await Phone.open()
t.teardown(() => phone.close())
const prompts = { question: 'interrupted' }
const site = await startCallLab(t, {
  console: true,
  lines: [
    shortLine('641', {
      disclosure: 'withdrawn-kept',
      purposes: [purpose('service', prompts)],
      waitMs: 30_000,
    }),
  ],
  // Somebody has to be heard: the lab has lines by voice, and nobody who hears is an alarm.
  env: {
    CONSENTRY_RING_ENDPOINTS: phone.endpoint,
    CONSENTRY_EAR_STREAMS: '4',
    PATH: process.env['PATH'],
  },
})
const { console: url, admin } = site.lab.ready
const browser = await startBrowser(t, [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  `--use-file-for-fake-audio-capture=${fileOf(SAID)}%noloop`,
])
const { page, errors } = await openPage(browser, FORM)
page.setDefaultTimeout(PAGE_MS)
const deeds = new Deeds(page)

t.test('a new line is tried on the page, rings a phone, is published and called', async t => {
  await waitForConsole()
  await page.goto(`${url}/lines`)
  await deeds.type('Name', admin!.user)
  await deeds.type('Passphrase', admin!.password)
  await deeds.type('Code from the app', codeAt(admin!.totp, Date.now()))
  await deeds.click('button', 'Sign in')
  await deeds.type('Number', '640')
  await deeds.choose('Language', 'en')
  await deeds.click('button', 'Begin')
  await page.getByText('This is a new line.').first().waitFor()

  const simulator = page.locator('#simulator')
  await deeds.click('button', 'Call')
  await simulator.getByText(/With your consent/).waitFor()
  await deeds.click('button', '1')
  await simulator.getByText(/The call is recorded/).waitFor()
  await deeds.click('button', 'Again')
  await deeds.click('button', '2')
  await simulator.getByText(/The call is not recorded/).waitFor()
  await deeds.click('button', 'Again')
  await deeds.click('button', 'Hang up')
  await simulator.getByText(/Nothing is recorded/).waitFor()

  await deeds.click('button', 'Ring my phone')
  await page.getByText('Answer it, and you hear the draft').waitFor()
  const talk = await phone.answer(await phone.waitForRing())
  const asked = beginningOf('disclosure-key')
  t.ok(await waitUntilHeard(talk.heard, asked, HEARD_MS), 'the phone hears the draft')
  await talk.press('2')
  t.match(await talk.waitForEnd(), { by: 'pbx' }, 'and is hung up')

  await deeds.click('button', 'Publish')
  await page.getByText('The draft is published.').waitFor()
  t.comment(`sign-in, a new line, the simulated telephone, a phone that rings: ${deeds.effort}`)
  const call = await dialVersion(1)
  t.ok(await waitUntilHeard(call.caller.heard, asked, HEARD_MS), 'the caller is asked')
  t.ok(await hearsAfter(call, '2', promptSamples('en', 'refused')), 'and hears that nothing is recorded')
  t.match(await call.finish(), { decision: 'refused' })
})

/** When version 2 of the line comes into force, ms since the epoch. */
let publishAt = 0

t.test('words that contradict a setting are refused, and callers hear the former ones', async t => {
  const before = { ...deeds }
  await deeds.click('link', 'Go to the line')
  await deeds.click('button', 'Change the line')
  await deeds.click('link', /^How it asks/)
  await deeds.choose('How it asks', 'notice')
  await deeds.click('button', 'Save')
  const faults = page.locator('.note.wrong')
  await faults.first().waitFor()
  t.match(await faults.first().textContent(), /The prompt "disclosure-key" asks for a key/, 'at its sentence')
  for (const name of ['Publish', 'Set the time'])
    t.equal(await page.getByRole('button', { name, exact: true }).count(), 0, `there is no ${name}`)
  t.comment(`a line whose words contradict its settings, refused: ${deeds.since(before)}`)
  const call = await dialVersion(1)
  // The call goes on while the pages are used.
  const heard = (async () => {
    const asked = await waitUntilHeard(call.caller.heard, beginningOf('disclosure-key'), HEARD_MS)
    return { asked, agreed: await hearsAfter(call, '1', promptSamples('en', 'granted')) }
  })()

  await deeds.click('link', /^First prompt/)
  await deeds.choose('First prompt', 'disclosure-notice')
  await deeds.click('button', 'Save')
  await page.getByText('2 changes').waitFor()
  await deeds.unfold('Publish later')
  publishAt = Math.ceil((Date.now() + AHEAD_MS) / MINUTE_MS) * MINUTE_MS
  await deeds.type('When', new Date(publishAt + MOSCOW_MS).toISOString().slice(0, 16))
  await deeds.click('button', 'Set the time')
  await page.getByText('awaits its time').waitFor()
  t.comment(`the same, with its words mended and a time set: ${deeds.since(before)}`)
  t.strictSame(
    await heard,
    { asked: true, agreed: true },
    'the caller is asked as before, and key 1 is a yes',
  )
  t.match(await call.finish(), { decision: 'granted' })
})

t.test('a voice, a file and the microphone make prompts, which a caller hears', async t => {
  const publish = async () => {
    await deeds.click('button', 'Publish')
    await page.getByText('heard by callers').waitFor()
  }
  let before = { ...deeds }
  await page.goto(`${url}/prompts`)
  await deeds.click('link', 'This call will not be recorded.')
  await deeds.type('Words', 'As you wish. Nothing will be recorded.')
  await deeds.click('button', 'Speak')
  await page.getByText('As you wish').first().waitFor()
  await publish()
  t.comment(`new words by a voice, published: ${deeds.since(before)}`)

  before = { ...deeds }
  await page.goto(`${url}/prompts/interrupted/en`)
  await deeds.attach('File with sound', fileOf(UPLOADED))
  await page.getByText('from a file').waitFor()
  await publish()
  t.comment(`new words by a file, published: ${deeds.since(before)}`)

  before = { ...deeds }
  await page.goto(`${url}/prompts/withdrawn-kept/en`)
  await deeds.click('button', 'Record by microphone')
  await waitUntilSaid(page)
  await deeds.click('button', 'Stop and save')
  await page.getByText('recorded in the browser').waitFor()
  await publish()
  t.comment(`new words by the microphone, published: ${deeds.since(before)}`)

  await waitUntilInForce(site, 3)
  const call = await dialIntoDisclosure(site, '641')
  const { heard } = call.caller
  t.ok(await waitUntilHeard(heard, promptSamples('en', SAID), HEARD_MS), 'the words of the microphone')
  t.ok(await waitUntilHeard(heard, promptSamples('en', UPLOADED), HEARD_MS), 'the words of the file')
  const spoken = await promptInForce(site, 'refused')
  t.match(spoken, { how: 'speech', state: 'published', text: 'As you wish. Nothing will be recorded.' })
  t.ok(await hearsAfter(call, '2', spoken.samples), 'the words of the voice')
  await call.finish()
})

t.test('at its time the line gives notice, and a roll-back lets it ask again', async t => {
  await until(async () => (await versionInForce()) === 2)
  t.ok(Date.now() >= publishAt, 'not before its time')
  const told = await dialVersion(2)
  const heard = waitUntilHeard(told.caller.heard, beginningOf('disclosure-notice'), HEARD_MS)

  const before = { ...deeds }
  await page.goto(`${url}/lines/640`)
  await deeds.confirm('Restore', 'Restore version 1')
  await page.getByText('Version 3 is in force').waitFor()
  t.comment(`a roll-back: ${deeds.since(before)}`)
  const asked = await dialVersion(3)
  t.ok(await waitUntilHeard(asked.caller.heard, beginningOf('disclosure-key'), HEARD_MS), 'the former words')
  t.ok(await heard, 'while the caller before was told what was published at its time')
  await Promise.all([told.finish(), asked.finish()])
})

t.test('where a second person must approve, callers hear what that person has approved', async t => {
  const { service, database, env } = site.lab
  await service.restart({ ...service.overrides, CONSENTRY_LINE_APPROVAL: 'required' })
  await waitForConsole()
  const db = openDatabase(database.consoleUrl, CONNECTION_LIMIT_MS)
  t.teardown(() => db.close())
  const journal = startTestJournal(t, database.consoleUrl)
  const deps = { db, journal, clock: systemClock, config: readConfig(env, 'tool') }
  const { headers } = await browserOf(deps, 'boris', ['administrator'])
  const other = await openSignedIn(browser, FORM, { cookie: headers.cookie, url: url! })
  other.page.setDefaultTimeout(PAGE_MS)
  const second = new Deeds(other.page)

  const before = { ...deeds }
  await page.goto(`${url}/lines/640`)
  t.equal(await page.getByText(/^Restore version/).count(), 0, 'nothing is restored alone')
  await deeds.click('button', 'Change the line')
  await deeds.click('link', /^First prompt/)
  await deeds.choose('First prompt', 'disclosure-purposes')
  await deeds.click('button', 'Save')
  await page.getByText('1 change').waitFor()
  t.equal(await page.getByRole('button', { name: 'Publish', exact: true }).count(), 0)
  await deeds.click('button', 'Ask for approval')
  await page.getByText('Publishing a line takes two people').waitFor()
  t.equal(await page.getByRole('button', { name: 'Approve' }).count(), 0, 'not by the same person')

  await other.page.goto(page.url())
  await second.click('button', 'Approve')
  await other.page.getByText('Approved by').waitFor()
  await second.click('button', 'Publish')
  await other.page.getByText('The draft is published.').waitFor()
  t.comment(`a change with an approval: ${deeds.since(before)}; the second person: ${second.effort}`)
  const call = await dialVersion(4)
  const approved = beginningOf('disclosure-purposes')
  t.ok(await waitUntilHeard(call.caller.heard, approved, HEARD_MS), 'the caller hears the approved words')
  await call.finish()

  await page.goto(`${url}/now`)
  const shown = async (part: string) => await page.locator(`#now-${part}`).textContent()
  t.match(await shown('headline'), /^Working, but something needs attention\./)
  t.match(await shown('attention'), /contradicts the line\..*641/)
  t.strictSame([...errors, ...other.errors], [])
})

/** Waits until the console serves pages. */
async function waitForConsole(): Promise<void> {
  await until(async () => (await fetch(`${url}/sign-in`).catch(() => undefined))?.status === 200)
}

/** Dials line 640 until a call gets this version: the service learns of a publication a moment after the page shows it. */
async function dialVersion(version: number): Promise<PlacedCall> {
  for (;;) {
    const call = await dialIntoDisclosure(site, '640')
    const { policy } = await call.waitForEvent('call.started')
    if (policy === version) return call
    await call.finish()
    if (Number(policy) > version) throw new Error(`version ${policy} is in force already`)
  }
}

/** The beginning of a shipped prompt of 14 s, as callers hear it. */
function beginningOf(name: string): Int16Array {
  return promptSamples('en', name).subarray(0, BEGINNING)
}

/** Presses a key. @returns whether the caller hears these words afterwards */
async function hearsAfter({ caller }: PlacedCall, key: string, words: Int16Array): Promise<boolean> {
  const at = await caller.press(key)
  return waitUntilHeard(caller.heard, words, HEARD_MS, at)
}

/** Waits until the page's microphone was loud, and then silent. */
async function waitUntilSaid(page: Page): Promise<void> {
  await page.waitForFunction(silence => {
    const heard = window as unknown as { loudAt?: number }
    if ((document.querySelector('meter')?.value ?? 0) > 0.05) heard.loudAt = performance.now()
    return heard.loudAt !== undefined && performance.now() - heard.loudAt > silence
  }, SAID_ALL_MS)
}

/** The version of line 640 that new calls get. */
async function versionInForce(): Promise<number | undefined> {
  const query = site.db.selectFrom('line').select('version').where('number', '=', '640')
  return (await query.where('active', '=', true).executeTakeFirst())?.version
}
