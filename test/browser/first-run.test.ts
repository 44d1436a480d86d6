// Real: Asterisk, a SIP caller and a phone that is rung, the service with the console beside it, PostgreSQL, voices, ffmpeg, Chromium, the
// command. Fake: none.
// Somebody sets up an installation where nothing is set up: from the printed address to a phone that rings with the company's words, and a
// recording that only the key made in the browser opens.
// Long: the pages in all forms, and at widths between.
// Long only: the first run from end to end; `browser/first-user` has the way in.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { Phone } from '../../lab/phone.js'
import type { IdentityJson } from '../../src/vault/crypto/key-json.js'
import { parseIdentities } from '../../src/vault/crypto/keygen.js'
import { isHeard, waitUntilHeard } from '../support/assertions/heard-words.js'
import { matchEach } from '../support/assertions/match-each.js'
import { openPage, openSignedIn, startBrowser } from '../support/browser/browser.js'
import { Deeds } from '../support/browser/deeds.js'
import { register } from '../support/browser/first-person.js'
import { faultsOf, picture } from '../support/browser/look.js'
import { lookInAllForms } from '../support/browser/look-in-all-forms.js'
import { told } from '../support/data/told-events.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { dialIntoDisclosure } from '../support/lab/fault-lab.js'
import { promptInForce } from '../support/lab/prompt-in-force.js'
import { consentry } from '../support/processes/command.js'
import { consentryReading } from '../support/processes/command-with-input.js'
import { scratch, until } from '../support/processes/database.js'
import { useVoices } from '../support/processes/voices.js'

/** Longest time until words are heard, ms. */
const HEARD_MS = 60_000
/** Longest time until a page shows something, ms. On a busy machine a voice takes its time. */
const PAGE_MS = 90_000
const COMPANY = 'Northwind Traders'
const FORM = { language: 'en', theme: 'light', width: 'desktop' } as const

await useVoices()
const phone = await Phone.open()
t.teardown(() => phone.close())
const site = await startCallLab(t, {
  ...{ console: true, bare: true },
  env: { CONSENTRY_RING_ENDPOINTS: phone.endpoint, PATH: process.env['PATH'] },
})
const browser = await startBrowser(t)
const { page, errors } = await openPage(browser, FORM)
page.setDefaultTimeout(PAGE_MS)
const sent = everythingSent(page)
const deeds = new Deeds(page)
const dir = await scratch(t)
let identity: IdentityJson
let words: string[]

t.test('from the printed address through company and second factor', async t => {
  const printed = /http:\S+\/setup#\S+/
  await until(async () => printed.test(await site.lab.service.log()))
  const [address] = printed.exec(await site.lab.service.log())!
  t.match(address, /^http:\/\/localhost:/, 'passkeys are for a name')
  await page.goto(address)
  await look('first')
  await deeds.type('Name of the company', COMPANY)
  await deeds.type('Your name to sign in', 'marina')
  await deeds.click('button', 'Next')
  await register(deeds, 'marina', 'Company')
  t.match(await page.locator('.brand').first().textContent(), COMPANY)
  await page.goto(`${site.lab.ready.console}/now`)
  await page.getByText('Nothing can be recorded yet.').waitFor()
  await lookAt(t, '/now', 'now-bare')
})

t.test('prompts say the company', async t => {
  await page.goto(`${site.lab.ready.console}/setup/company`)
  await page.getByText('These prompts say another name').waitFor()
  await look('company')
  t.strictSame(await faultsOf(page), [])
  await deeds.click('button', 'Speak and publish at once')
  // The page says how far the voice is, and is loaded again by itself. On a busy machine a voice may take longer than it may.
  const spoken = page.getByText(`All English prompts say “${COMPANY}”.`)
  const failed = page.getByText('The prompts could not all be spoken')
  await spoken.or(failed).first().waitFor({ timeout: 0 })
  while (await failed.isVisible()) {
    await page.getByRole('button', { name: 'Speak and publish at once' }).click()
    await failed.waitFor({ state: 'hidden' })
    await spoken.or(failed).first().waitFor({ timeout: 0 })
  }
  // The PBX has played them before callers hear them.
  const inForce = /"prompt":"disclosure-key".*a published prompt is in force/
  await until(async () => inForce.test(await site.lab.service.log()))
  await deeds.click('link', 'Next')
})

t.test('a key is made in the browser, which sends its public half alone', async t => {
  await page.getByRole('heading', { name: 'Who can hear', level: 1 }).waitFor()
  await look('key-begin')
  await deeds.click('button', 'Make the key')
  const download = page.waitForEvent('download')
  await deeds.click('button', 'Save the file')
  const file = join(dir, 'identity.json')
  await (await download).saveAs(file)
  await deeds.click('button', 'Print the sheet')
  await look('key-sheet')
  t.strictSame(await faultsOf(page), [])
  words = await page.locator('.words code').allTextContents()
  const [opened] = JSON.parse(await readFile(file, 'utf8')) as [IdentityJson]
  identity = opened
  matchEach(t, parseIdentities(await readFile(file, 'utf8')), [{ purpose: 'service' }])
  await page.emulateMedia({ media: 'print' })
  await look('key-print')
  await page.emulateMedia({ media: 'screen' })
  await deeds.click('button', 'I have the sheet')
  t.equal(await page.locator('.words').count(), 0, 'the words are not shown while they are asked for')
  await look('key-check')
  t.strictSame(await faultsOf(page), [])
  const asked = await page.getByLabel(/^Word \d+$/).all()
  t.equal(asked.length, 2)
  for (const field of asked) await field.fill('abandon')
  await page.getByRole('button', { name: 'Use this key' }).click()
  await page.getByText('The sheet says something else').waitFor()
  for (const field of asked) {
    const label = await page.locator(`label[for="${await field.getAttribute('id')}"]`).textContent()
    await deeds.type(label!, words[Number(label!.replace('Word ', '')) - 1]!)
  }
  await deeds.click('button', 'Use this key')
  await page.getByText('The key is in force').waitFor()
  await page.getByText(identity.keyId).waitFor()
})

t.test('the PBX is found, and a phone rings with the draft', async t => {
  await deeds.click('link', 'Next')
  await page.getByText(/^Asterisk \d+\.\S+ answers at/).waitFor()
  await page.getByText('The dialplan has consentry.conf.').waitFor()
  await page.getByText('The dialplan has handed no call over yet.').waitFor()
  await lookAt(t, '/setup/pbx', 'setup-pbx')
  await deeds.click('link', 'Next')
  t.equal(await page.getByLabel('Number', { exact: true }).inputValue(), '100')
  await deeds.click('button', 'Begin')
  await deeds.click('button', 'Ring my phone')
  await page.getByText('Answer it, and you hear the draft').waitFor()
  const talk = await phone.answer(await phone.waitForRing())
  const disclosure = await samplesInForce('disclosure-key')
  t.ok(await waitUntilHeard(talk.heard, disclosure, HEARD_MS), 'the phone hears the new words')
  await talk.press('2')
  t.match(await talk.waitForEnd(), { by: 'pbx' }, 'and is hung up')
  await deeds.click('button', 'Publish')
  await page.getByText('Line 100 is in force.').waitFor()
  await look('in-force')
  await deeds.click('link', 'Finish')
  await page.getByText('All systems are working.').waitFor()
  t.comment(`the first run, to a phone that rings and a line in force: ${deeds.effort}`)
})

t.test('a call is recorded, and opens with the saved file and with the words of the sheet', async t => {
  const placed = await dialIntoDisclosure(site, '100')
  const disclosure = await samplesInForce('disclosure-key')
  t.ok(await waitUntilHeard(placed.caller.heard, disclosure, HEARD_MS), 'the caller hears the company')
  await placed.caller.press('1')
  await placed.waitForAgent()
  const call = await placed.finish()
  t.match(call, { decision: 'granted', recordings: [{ purpose: 'service', state: 'finished' }] })
  const { id } = call.recordings[0]!
  const restored = await scratch(t)
  const restore = ['keygen', 'service', '--restore', '--dir', restored]
  t.match(await consentryReading(words.join(' '), ...restore), { code: 0 })
  for (const [how, folder] of [
    ['the saved file', dir],
    ['the words', restored],
  ] as const) {
    const env = { ...site.lab.env, CONSENTRY_IDENTITY: join(folder, 'identity.json') }
    const opened = await consentry(env, 'open', id, '-o', join(folder, 'call.wav'), '--reason', 'test')
    t.match(opened, { code: 0 }, how)
    t.ok(isHeard(rightOf(await readFile(join(folder, 'call.wav'))), site.sentence), `the agent, by ${how}`)
  }
  const other = await consentry(site.lab.env, 'open', id, '-o', join(dir, 'x.wav'), '--reason', 'test')
  t.match(other, { code: 1 }, 'no other key opens it')
  await page.goto(`${site.lab.ready.console}/now`)
  await page.getByText('All systems are working.').waitFor()
  await page.getByText('Nothing needs your attention').waitFor()
})

t.test('nothing that left the browser or reached the server has the secret', async t => {
  const bytes = Buffer.from(identity.secretKey, 'base64')
  const secrets = [
    ...[identity.secretKey, bytes.toString('base64url'), bytes.toString('hex'), bytes.toString('latin1')],
    ...[' ', '+', '%20', ',', '\n', ''].map(between => words.slice(0, 3).join(between)),
  ]
  const wire = decodeURIComponent(sent.join('\n').replaceAll(/%(?![0-9a-f]{2})/gi, '%25'))
  const events = await told(site.db).select('data').execute()
  const places = {
    requests: `${sent.join('\n')}\n${wire}`,
    journal: JSON.stringify(events),
    log: await site.lab.service.log(),
  }
  t.match(places.requests, identity.publicKey, 'requests were seen: the public half is among them')
  for (const [place, text] of Object.entries(places))
    t.notOk(
      secrets.find(secret => text.includes(secret)),
      place,
    )
  const given = await readFile(join(site.lab.ready.data, 'recipients.json'), 'utf8')
  t.notMatch(given, identity.secretKey)
  t.strictSame(errors, [])
})

/** Address, headers and body of each request of a page. */
function everythingSent(page: Page): string[] {
  const all: string[] = []
  page.on('request', request => {
    all.push([request.url(), JSON.stringify(request.headers()), request.postData() ?? ''].join('\n'))
  })
  return all
}

/** A prompt that a voice spoke, as callers hear it. */
async function samplesInForce(name: string): Promise<Int16Array> {
  const { how, samples } = await promptInForce(site, name)
  if (how !== 'speech') throw new Error('the prompt in force was not spoken by a voice')
  return samples
}

/** The right channel of a stereo WAV with a header of 44 bytes, signed 16-bit samples. */
const rightOf = (wav: Buffer): Int16Array =>
  Int16Array.from({ length: (wav.length - 44) >> 2 }, (_, i) => wav.readInt16LE(44 + 4 * i + 2))

/** Leaves a picture of the page as it is. */
const look = (name: string) => picture(page, `setup-${name}`, FORM)

/** Looks at another page of the same person in all forms. */
async function lookAt(t: Test, address: string, name: string): Promise<void> {
  const session = (await page.context().cookies()).find(({ name }) => name === 'consentry')!
  const url = site.lab.ready.console!
  await lookInAllForms(t, {
    name,
    open: form => openSignedIn(browser, form, { cookie: `${session.name}=${session.value}`, url }),
    show: page => page.goto(url + address),
  })
}
