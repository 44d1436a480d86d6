// Real: the console, PostgreSQL, Chromium. Fake: none.
// The simulated telephone belongs to its page: when a changed draft brings another, the one before falls silent.
import t from 'tap'
import { voiceLine } from '../../lab/lab-lines.js'
import { saveLines } from '../../src/lines/save-lines.js'
import { openSignedIn, startBrowser } from '../support/browser/browser.js'
import { person } from '../support/data/actors.js'
import { testConsole } from '../support/processes/console.js'

const { app, people, admin } = await testConsole(t)
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)

t.test('the telephone falls silent when a changed draft brings another', async t => {
  const { headers } = await people('administrator')
  const { page, errors } = await openSignedIn(
    browser,
    { language: 'en', theme: 'light', width: 'desktop' },
    { cookie: headers.cookie, url },
  )
  // Names each sound that begins, so that the test can ask whether it still sounds.
  await page.addInitScript(() => {
    const sounds: HTMLMediaElement[] = []
    const play = HTMLMediaElement.prototype.play
    HTMLMediaElement.prototype.play = function (this: HTMLMediaElement) {
      sounds.push(this)
      return play.call(this)
    }
    Object.assign(window, { sounding: () => sounds.map(sound => !sound.paused) })
  })
  const sounding = () => page.evaluate('window.sounding()') as Promise<boolean[]>

  await page.goto(`${url}/lines`)
  await page.getByLabel('Number', { exact: true }).fill('710')
  await page.getByRole('button', { name: 'Begin' }).click()
  await page.locator('#simulator').getByRole('button', { name: 'Call', exact: true }).click()
  await page.waitForFunction('window.sounding().some(Boolean)')
  t.strictSame(await sounding(), [true], 'the first prompt sounds')

  await page.getByRole('link', { name: /^Wait for the answer, s/ }).click()
  await page.getByLabel('Wait for the answer, s', { exact: true }).fill('4')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('link', { name: /^Wait for the answer, s: 4 s/ }).waitFor()
  await page.waitForFunction('!window.sounding().some(Boolean)')
  t.strictSame(
    await sounding(),
    [false],
    'the document is the same, and the telephone of the changed draft has not called yet',
  )
  t.strictSame(errors, [])
})

t.test('on a line by voice the telephone takes what the caller says, while a question is open', async t => {
  await saveLines(admin, person('anna'), [voiceLine('720', 'en')])
  const { headers } = await people('supervisor')
  const { page, errors } = await openSignedIn(
    browser,
    { language: 'en', theme: 'light', width: 'desktop' },
    { cookie: headers.cookie, url },
  )
  await page.goto(`${url}/lines/720`)
  const phone = page.locator('#simulator')
  const press = (name: string) => phone.getByRole('button', { name, exact: true }).click()
  await press('Call')
  const yes = phone.getByRole('button', { name: 'Say “yes”' })
  t.ok(await yes.isDisabled(), 'nothing hears the caller during the disclosure')
  await press('Say nothing')
  await phone.getByText(/^Do you agree\? Say yes/).waitFor()
  t.ok(await yes.isDisabled(), 'nor while the question plays')
  await press('Say nothing')
  await press('Say “hm”')
  await phone
    .getByText(/^Do you agree\? Say yes/)
    .nth(1)
    .waitFor()
  await press('Say nothing')
  await press('Say “okay”')
  await phone.getByText(/^Was that a yes\?/).waitFor()
  await press('Say nothing')
  await yes.click()
  await phone.getByText(/^Thank you\. This call will be recorded/).waitFor()
  await press('Say nothing')
  await phone.getByText(/The call is recorded.* \*9 withdraws\.$/).waitFor()
  await press('*')
  await press('9')
  await phone.getByText(/^Recording has stopped. What was recorded will be deleted/).waitFor()
  await phone.getByText(/^Withdrawn after 0:.*nothing is recorded\.$/).waitFor()
  t.ok(await phone.getByRole('button', { name: '9', exact: true }).isDisabled(), 'there is no yes any more')
  t.strictSame(errors, [])
})
