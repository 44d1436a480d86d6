// Real: the console, PostgreSQL, Chromium with its virtual authenticator. Fake: none.
// A person adds a passkey, signs in by it, and removes it. Another one accepts an invitation by a passkey alone.
// Long: the pages in all forms, and at widths between.
// Long only: passkeys; `service/accounts` has their checks.
import { createServer } from 'node:net'
import t, { type Test } from 'tap'
import { inviteUser, linkOf } from '../../src/accounts/invitations.js'
import { insertPasskey } from '../../src/accounts/passkeys.js'
import { codeAt } from '../../src/accounts/second-factor.js'
import { signIn } from '../../src/accounts/sign-in.js'
import { Secret } from '../../src/core/secret.js'
import { openPage, openSignedIn, startBrowser } from '../support/browser/browser.js'
import { Deeds } from '../support/browser/deeds.js'
import { lookInAllForms } from '../support/browser/look-in-all-forms.js'
import { person } from '../support/data/actors.js'
import { testConsole } from '../support/processes/console.js'
import { readyUser } from '../support/processes/people.js'
import { takeConnections } from '../support/processes/taken-connections.js'

/** A port that is free at this moment. The origin must be known before the console listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}

const port = await freePort()
const url = `http://localhost:${port}`
const { app, deps, admin } = await testConsole(t, {}, { CONSENTRY_CONSOLE_ORIGIN: url })
await app.listen({ host: '127.0.0.1', port })
const browser = await startBrowser(t)
const FORM = { language: 'en', theme: 'light', width: 'desktop' } as const

/** A page of a browser with a device that verifies its person. */
async function newDeeds(t: Test) {
  const { page, errors } = await openPage(browser, FORM)
  const device = await page.context().newCDPSession(page)
  await device.send('WebAuthn.enable')
  await device.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
      ...{ isUserVerified: true, automaticPresenceSimulation: true },
    },
  })
  t.teardown(() => page.context().close())
  return { page, errors, deeds: new Deeds(page) }
}

/** Makes the proof of every session an hour old. */
const proofsAreOld = () =>
  deps.db
    .updateTable('user_session')
    .set({ proven_at: new Date(Date.now() - 3_600_000) })
    .execute()

t.test('a passkey is added, signs in, and lets nobody in once it is removed', async t => {
  const { user, password, totp } = await readyUser(deps, 'maria', ['administrator'])
  const { page, errors, deeds } = await newDeeds(t)
  const useKey = () => deeds.click('button', 'Sign in with a passkey')
  await page.goto(`${url}/sign-in?next=%2Fme`)
  await deeds.type('Name', user)
  await deeds.type('Passphrase', password)
  await deeds.type('Code from the app', codeAt(totp, Date.now()))
  await deeds.click('button', 'Sign in')
  await deeds.type('Name of the passkey', 'Laptop')
  await deeds.click('button', 'Add a passkey')
  await page.getByText('Not used yet').waitFor()
  await deeds.type('Name of the passkey', 'The same one')
  await deeds.click('button', 'Add a passkey')
  await page.getByText('That did not work').first().waitFor()

  await deeds.click('button', 'Sign out')
  await page.goto(`${url}/people`)
  await useKey()
  await page.getByRole('heading', { name: 'People' }).waitFor()
  t.match(page.url(), /\/people$/, 'it leads on to the page that was asked for')
  await page.getByText('passphrase and code, 1 passkey').waitFor()

  await page.goto(`${url}/me`)
  await page.getByText('Last used').waitFor()
  await proofsAreOld()
  await deeds.type('Name of the passkey', 'Phone')
  await deeds.click('button', 'Add a passkey')
  await page.getByRole('heading', { name: 'Confirm that it is you' }).waitFor()
  t.equal(await page.getByText('Remove').count(), 0, 'nothing is changed before')
  await deeds.click('button', 'Confirm with a passkey')
  await deeds.confirm('Remove', 'Remove “Laptop”')
  await page.getByText('Laptop', { exact: true }).waitFor({ state: 'detached' })
  await deeds.click('button', 'Sign out')
  await page.getByRole('heading', { name: 'Sign in' }).waitFor()
  await useKey()
  await page.getByText('That did not work').waitFor()
  t.match(page.url(), /\/sign-in/, 'a passkey that was removed lets nobody in')
  const own = errors.filter(error => !/status of (401|403|422)/.test(error))
  t.strictSame(own, [], 'neither the policy nor a script fails')
  t.comment(`adding, using and removing a passkey: ${deeds.effort}`)
})

t.test('an invitation is accepted by a passkey, and the person proves by it alone', async t => {
  const invitation = await inviteUser(admin, person('anna'), { name: 'irina', roles: ['supervisor'] })
  const link = linkOf(deps.config, invitation).reveal()
  t.ok(link.startsWith(`${url}/invitation#`))
  const { page, errors, deeds } = await newDeeds(t)
  await page.goto(link)
  await page.getByRole('heading', { name: 'Welcome, irina' }).waitFor()
  await deeds.type('Name of the passkey', 'Laptop')
  await deeds.click('button', 'Add a passkey')
  await page.getByRole('heading', { name: 'Recovery codes' }).waitFor()
  t.equal(await page.locator('.codes code').count(), 10)
  await page.reload()
  const code = (await page.locator('.codes code').first().textContent())!
  await deeds.click('link', 'I have kept these codes')
  await page.waitForURL(`${url}/now`)
  await page.goto(`${url}/me`)
  await deeds.click('button', 'Sign out')
  await deeds.click('button', 'Sign in with a passkey')
  await page.waitForURL(`${url}/now`)
  await page.goto(`${url}/me`)
  await page.getByText('You have no passphrase').waitFor()
  await proofsAreOld()
  await page.reload()
  t.equal(await page.getByLabel('Passphrase').count(), 0)
  await deeds.click('button', 'Confirm with a passkey')
  await deeds.confirm('Remove', 'Remove “Laptop”')
  await page.getByText('all that lets you in').waitFor()
  t.ok(await page.getByText('Laptop', { exact: true }).isVisible(), 'the last passkey stays')
  await deeds.click('button', 'Sign out')
  await deeds.type('Name', 'irina')
  await deeds.type('Code from the app', code)
  await deeds.click('button', 'Sign in')
  await page.waitForURL(`${url}/now`)
  const own = errors.filter(error => !/status of (401|422)/.test(error))
  t.strictSame(own, [])
})

t.test('the forms with passkeys look right', async t => {
  const invitation = await inviteUser(admin, person('anna'), { name: 'olga', roles: ['supervisor'] })
  for (const [name, address] of [
    ['invitation-passkey', `/invitation#${invitation.secret.reveal()}`],
    ['sign-in-passkey', '/sign-in'],
  ] as const)
    await lookInAllForms(t, {
      name,
      open: form => openPage(browser, form),
      async show(page) {
        await page.goto(url + address)
        await page.locator('form[data-passkey]').waitFor()
      },
    })
})

t.test(
  'the own page looks right with a passkey, before and after a proof, and without a passphrase',
  async t => {
    const credentials = await readyUser(deps, 'nora', ['supervisor'])
    const { actor, secret } = await signIn(deps, {
      ...{ name: 'nora', passphrase: new Secret(credentials.password), address: '127.0.0.1' },
      code: new Secret(codeAt(credentials.totp, Date.now())),
    })
    const key = { credential: 'none', publicKey: Buffer.from('none'), counter: 0, transports: [] }
    await insertPasskey(deps.db, {
      ...{ user: actor.user, owner: 'nora', key, name: 'A laptop with a rather long name', at: Date.now() },
    })
    for (const name of ['passkey-proven', 'passkey-unproven', 'passkey-alone'] as const) {
      if (name !== 'passkey-proven') await proofsAreOld()
      if (name === 'passkey-alone')
        await deps.db
          .updateTable('user_credential')
          .set({ passphrase: null, totp: null })
          .where('user_id', '=', actor.user)
          .execute()
      await lookInAllForms(t, {
        name: `me-${name}`,
        open: form => openSignedIn(browser, form, { cookie: `consentry=${secret.reveal()}`, url }),
        async show(page) {
          await page.goto(`${url}/me`)
          await page.locator(`form[data-passkey=${name === 'passkey-proven' ? 'add' : 'prove'}]`).waitFor()
          const typed = await page.locator('#passphrase, #present').count()
          t.equal(typed, name === 'passkey-alone' ? 0 : 1, 'whoever has no passphrase is asked for none')
        },
      })
    }
  },
)

t.test('at an address for which there are no passkeys, the page says where they are', async t => {
  const { page, errors } = await newDeeds(t)
  for (const [at, offered] of [
    [url, true],
    [url.replace('localhost', '127.0.0.1'), false],
  ] as const) {
    await page.goto(`${at}/sign-in`)
    const told = page.getByText('Passkeys work only at another address of this console')
    await (offered ? page.getByRole('button', { name: 'Sign in with a passkey' }) : told).waitFor()
    t.equal(await page.getByRole('button', { name: 'Sign in with a passkey' }).isVisible(), offered, at)
    t.equal(await told.isVisible(), !offered, at)
  }
  t.equal(await page.getByRole('link', { name: url }).getAttribute('href'), url)
  t.strictSame(errors, [])
})

t.test(
  'who signs in while the database does not answer is told so, and not that the passkey is wrong',
  async t => {
    const { page, deeds } = await newDeeds(t)
    await page.goto(`${url}/sign-in`)
    const giveBack = await takeConnections(deps.db)
    await deeds.click('button', 'Sign in with a passkey')
    await page.getByText('The database does not answer').waitFor()
    t.equal(await page.getByText('That did not work').count(), 0)
    await giveBack()
  },
)
