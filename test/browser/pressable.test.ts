// Real: the console, PostgreSQL, Chromium. Fake: none.
// What can be pressed looks so, and nothing else; a bar has one filled button.
import t, { type Test } from 'tap'
import type { Role } from '../../src/core/actor.js'
import { changeLines } from '../../src/lines/change-lines.js'
import { beginDraft } from '../../src/lines/drafts/edit-draft.js'
import { newLine } from '../../src/lines/new-line.js'
import { openSignedIn, startBrowser } from '../support/browser/browser.js'
import { person } from '../support/data/actors.js'
import { testConsole } from '../support/processes/console.js'

const { app, deps, people } = await testConsole(t)
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)
const FORM = { language: 'en', theme: 'light', width: 'desktop' } as const
const anna = person('anna')
await changeLines(deps, anna, newLine('700', 'en'))
const { id: draft } = await beginDraft(deps, anna, {
  line: '700',
  input: { ...newLine('700', 'en'), waitMs: 3_500 },
})

async function open(t: Test, role: Role, address: string) {
  const { headers } = await people(role)
  const { page, errors } = await openSignedIn(browser, FORM, { cookie: headers.cookie, url })
  await page.goto(url + address)
  t.strictSame(errors, [])
  return page
}

/** The edges and grounds of the values of a conversation. */
const looks = `[...document.querySelectorAll('.script .beat .value:not(.key)')].map(one => {
  const { borderTopWidth, borderTopStyle, backgroundColor } = getComputedStyle(one)
  return one.tagName + ' ' + (borderTopWidth === '0px' || borderTopStyle === 'none' ? 'bare' : 'edged')
})`

t.test('values are plain words for those who only read, and on the page of a line', async t => {
  for (const [role, address] of [
    ['auditor', `/drafts/${draft}`],
    ['auditor', '/lines/700'],
    ['administrator', '/lines/700'],
  ] as const) {
    const page = await open(t, role, address)
    const found = [...new Set((await page.evaluate(looks)) as string[])]
    t.strictSame(found, ['SPAN bare'], `${role} ${address}`)
  }
  const page = await open(t, 'administrator', `/drafts/${draft}`)
  const found = [...new Set((await page.evaluate(looks)) as string[])]
  t.strictSame(found, ['A edged'], 'where they can be changed they look so')
})

t.test('the head of a line has the button that changes it, for whoever may', async t => {
  const page = await open(t, 'administrator', '/lines/700')
  await page.locator('.head').getByRole('button', { name: 'Change the line' }).click()
  await page.waitForURL(/\/drafts\//)
  const reader = await open(t, 'auditor', '/lines/700')
  t.equal(await reader.getByRole('button', { name: 'Change the line' }).count(), 0)
})

t.test('while a value is changed, Save is the one filled button', async t => {
  const page = await open(t, 'administrator', `/drafts/${draft}`)
  t.strictSame(await page.locator('#editor .button.main:visible').allInnerTexts(), ['Call', 'Publish'])
  await page.goto(`${url}/drafts/${draft}?edit=waitMs`)
  t.strictSame(await page.locator('.script .button.main, .publish .button.main').allInnerTexts(), ['Save'])
  await page.getByRole('button', { name: 'Publish', exact: true }).waitFor()
})
