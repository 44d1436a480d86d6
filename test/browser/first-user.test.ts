// Real: the console, PostgreSQL, Chromium. Fake: none.
// Where nobody can sign in yet, the printed address lets one person in, once.
import t from 'tap'
import { FirstUser } from '../../src/accounts/first-user.js'
import { listUsers } from '../../src/accounts/users.js'
import { consoleApp } from '../../src/console/app.js'
import { ROLES } from '../../src/core/actor.js'
import { changeTrial } from '../../src/site/progress.js'
import { openPage, startBrowser } from '../support/browser/browser.js'
import { Deeds } from '../support/browser/deeds.js'
import { register } from '../support/browser/first-person.js'
import { person } from '../support/data/actors.js'
import { testConsole } from '../support/processes/console.js'

const { deps } = await testConsole(t)
// The databases of tests are trials.
await changeTrial(deps, person('anna'), false)
const firstUser = await FirstUser.awaited(deps)
const app = await consoleApp({ ...deps, firstUser })
t.teardown(() => app.close())
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const browser = await startBrowser(t)
const FORM = { language: 'en', theme: 'light', width: 'desktop' } as const

t.test('the first person gets in by the printed address', async t => {
  const { page, errors } = await openPage(browser, FORM)
  const deeds = new Deeds(page)
  await page.goto(`${url}/setup#${firstUser!.secret.reveal()}`)
  await deeds.type('Your name to sign in', 'marina')
  t.notMatch(page.url(), firstUser!.secret.reveal(), 'the address has no secret any more')
  await deeds.click('button', 'Next')
  await page.getByText('name the company, or tick below that this is a trial').waitFor()
  await deeds.click('checkbox', /This is a trial/)
  await deeds.click('button', 'Next')
  await page.getByRole('heading', { name: 'Welcome, marina' }).waitFor()
  await page.reload()
  await page.goto(`${url}/setup#${firstUser!.secret.reveal()}`)
  await deeds.type('Your name to sign in', 'marina')
  t.equal(await page.getByLabel(/This is a trial/).isChecked(), true, 'as it was said before')
  await deeds.click('button', 'Next')
  await register(deeds, 'marina', 'Who can hear')
  await page.goto(`${url}/now`)
  await page.getByText('There are no lines yet').waitFor()
  await page.getByRole('link', { name: 'Decide who can hear' }).waitFor()
  await page.getByRole('link', { name: 'Name the company' }).waitFor()
  t.match(await listUsers(deps), {
    0: { name: 'marina', roles: ROLES, state: 'active', madeBy: 'setup' },
    length: 1,
  })
  t.strictSame(
    errors.filter(one => !one.includes('status of 422')),
    [],
  )
  t.comment(`first sign-in: ${deeds.effort}`)
})

t.test('the address lets nobody else in', async t => {
  const { page } = await openPage(browser, FORM)
  await page.goto(`${url}/setup#${firstUser!.secret.reveal()}`)
  await page.getByText('Somebody has signed in already').waitFor()
  t.equal((await listUsers(deps)).length, 1)
  t.equal(await FirstUser.awaited(deps), undefined, 'a restarted console prints none')
})
