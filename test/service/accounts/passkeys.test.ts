// Real: passkeys on PostgreSQL with the console's role, their verification, argon2id, the journal. Fake: the clock, the authenticator.
import t, { type Test } from 'tap'
import { acceptByPasskey, beginAcceptanceByPasskey } from '../../../src/accounts/accept-by-passkey.js'
import { inviteUser, resetUser } from '../../../src/accounts/invitations.js'
import { beginPasskeyProof, proveByPasskey } from '../../../src/accounts/passkey-proof.js'
import { beginPasskeySignIn, signInByPasskey } from '../../../src/accounts/passkey-sign-in.js'
import {
  addPasskey,
  beginPasskey,
  hasPassphrase,
  listPasskeys,
  removePasskey,
} from '../../../src/accounts/passkeys.js'
import { provenUntil } from '../../../src/accounts/proof.js'
import { beginSecondFactor } from '../../../src/accounts/replace-second-factor.js'
import { actorOfSession } from '../../../src/accounts/sessions.js'
import { disableUser, enableUser, listUsers } from '../../../src/accounts/users.js'
import { relyingParty } from '../../../src/accounts/webauthn.js'
import { Secret } from '../../../src/core/secret.js'
import { sql } from '../../../src/db/database.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { person } from '../../support/data/actors.js'
import { type Mistakes, SoftPasskey } from '../../support/data/soft-passkey.js'
import { codeOfNow, passkeySetup } from '../../support/processes/passkeys.js'

const anna = person('anna')
const ORIGIN = 'https://consentry.test'
const FIVE_MINUTES = 300_000

/** A person with passphrase, code and passkey. */
async function withPasskey(t: Test, setup: Awaited<ReturnType<typeof passkeySetup>>, name = 'maria') {
  const { deps, ready, enter } = setup
  const credentials = await ready(name)
  const { actor } = await enter(credentials, { code: codeOfNow(setup, credentials) })
  const key = new SoftPasskey(ORIGIN)
  const options = await beginPasskey(deps, actor)
  const added = await addPasskey(deps, actor, { name: ' Laptop ', response: key.make(options) })
  t.match(added, { name: 'Laptop', usedAt: null })
  return { key, added, actor }
}

t.test('a passkey signs in by itself, and its use is noted', async t => {
  const setup = await passkeySetup(t)
  const { deps, clock, events } = setup
  const { key, added, actor } = await withPasskey(t, setup)
  clock.advance(60_000)
  const options = await beginPasskeySignIn(deps)
  t.match(options, { rpId: 'consentry.test', userVerification: 'required', timeout: FIVE_MINUTES })
  t.notOk(options.allowCredentials?.length, 'it names no user')
  const signedIn = await signInByPasskey(deps, {
    ...{ response: key.prove(options), address: '10.0.0.2', replaces: actor.session },
  })
  t.match(await actorOfSession(deps, signedIn.secret.reveal()), { name: 'maria', way: 'console' })
  matchEach(t, await listPasskeys(deps, actor), [
    { id: added.id, usedAt: new Date(clock.now()).toISOString() },
  ])
  t.match((await events('user.signed-in')).at(-1), { name: 'maria', with: 'passkey', passkey: added.id })
  t.match((await events('session.ended')).at(-1), { how: 'replaced', sessions: [actor.session] })
  const registered = await events('user.passkey-registered')
  t.strictSame(registered, [{ user: actor.user, name: 'maria', passkey: added.id }], 'and nothing of the key')
  matchEach(t, await listUsers(deps), [{ factors: { passphrase: true, code: true, passkeys: 1 } }])
})

t.test('whatever is wrong with a passkey, the answer is the same, and the challenge is used up', async t => {
  const setup = await passkeySetup(t)
  const { deps, clock, events } = setup
  const { key, actor } = await withPasskey(t, setup)
  await setup.ready('boss', ['administrator'])
  let attempts = 0
  const told = new Set<string>()
  const tryIn = async (response: ReturnType<SoftPasskey['prove']>) => {
    attempts += 1
    const error = await signInByPasskey(deps, { response, address: `10.1.0.${attempts}` }).then(
      () => undefined,
      (error: Error & { code?: string }) => error,
    )
    if (error) told.add(`${error.code}: ${error.message}`)
    return error === undefined
  }
  const fresh = async (mistakes: Mistakes = {}) => key.prove(await beginPasskeySignIn(deps), mistakes)

  const once = await beginPasskeySignIn(deps)
  t.ok(await tryIn(key.prove(once)))
  t.notOk(await tryIn(key.prove(once)), 'a challenge counts once')
  const wrongs: [string, Mistakes][] = [
    ['another challenge', { challenge: 'A'.repeat(43) }],
    ['another origin', { origin: 'https://evil.test' }],
    ['a part of the name', { origin: 'https://consentry.test.evil.test' }],
    ['another relying party', { rpId: 'evil.test' }],
    ['no user verification', { verified: false }],
    ['a counter that stands', { counter: 1 }],
    ['a counter that goes back', { counter: 0 }],
    ['another type', { type: 'webauthn.create' }],
    ['another user', { user: Buffer.from('somebody else').toString('base64url') }],
  ]
  for (const [what, mistakes] of wrongs) t.notOk(await tryIn(await fresh(mistakes)), what)
  const foreign = new SoftPasskey(ORIGIN)
  t.notOk(await tryIn(foreign.prove(await beginPasskeySignIn(deps))), 'a foreign passkey')
  const forged = { ...foreign.prove(await beginPasskeySignIn(deps)), id: key.id, rawId: key.id }
  t.notOk(await tryIn(forged), 'another key under the same id')
  const burnt = await beginPasskeySignIn(deps)
  t.notOk(await tryIn(key.prove(burnt, { verified: false })))
  t.notOk(await tryIn(key.prove(burnt)), 'a challenge that failed is used up')
  const toProve = await beginPasskeyProof(deps, actor)
  t.notOk(await tryIn(key.prove(toProve)), 'a challenge that was drawn for something else')
  const late = await beginPasskeySignIn(deps)
  clock.advance(FIVE_MINUTES)
  t.notOk(await tryIn(key.prove(late)), 'five minutes later')
  await disableUser(deps, anna, 'maria')
  t.notOk(await tryIn(await fresh()), 'a person who is disabled')
  t.equal(told.size, 1, [...told].join('\n'))
  t.match([...told][0], /^sign-in.refused: This passkey does not let you in/)
  t.ok((await events('user.sign-in-refused')).length >= wrongs.length)
  await enableUser(deps, anna, 'maria')
  t.ok(await tryIn(await fresh()), 'and the right one still lets in')
})

t.test('of two requests with one proof, one gets in', async t => {
  const setup = await passkeySetup(t)
  const { deps } = setup
  const { key } = await withPasskey(t, setup)
  const response = key.prove(await beginPasskeySignIn(deps))
  const both = await Promise.allSettled(
    ['10.0.0.3', '10.0.0.4'].map(address => signInByPasskey(deps, { response, address })),
  )
  t.strictSame(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
})

t.test('failures of one passkey at one address are slowed down', async t => {
  const setup = await passkeySetup(t)
  const { deps } = setup
  const { key } = await withPasskey(t, setup)
  const fail = async (address: string) => {
    const response = key.prove(await beginPasskeySignIn(deps), { verified: false })
    return signInByPasskey(deps, { response, address })
  }
  for (let i = 0; i < 5; i += 1) await t.rejects(fail('10.0.0.5'), { code: 'sign-in.refused' })
  await t.rejects(fail('10.0.0.5'), { code: 'sign-in.limited' })
  const response = key.prove(await beginPasskeySignIn(deps))
  await t.resolves(signInByPasskey(deps, { response, address: '10.0.0.6' }), 'elsewhere it lets in')
})

t.test('a passkey is added and removed within 5 min of a proof', async t => {
  const setup = await passkeySetup(t)
  const { deps, clock, events } = setup
  const { key, added, actor } = await withPasskey(t, setup)
  const other = new SoftPasskey(ORIGIN)
  const add = async (mistakes: Mistakes = {}, name = 'Phone') =>
    addPasskey(deps, actor, { name, response: other.make(await beginPasskey(deps, actor), mistakes) })
  const invalid = { code: 'request.invalid' }
  await t.rejects(add({ origin: 'https://evil.test' }), invalid)
  await t.rejects(add({ rpId: 'evil.test' }), invalid)
  await t.rejects(add({ verified: false }), invalid)
  await t.rejects(add({ challenge: 'A'.repeat(43) }), invalid)
  for (const name of [' ', 'half \ud83d', 'nothing\0']) await t.rejects(add({}, name), invalid)
  t.match(await add(), { name: 'Phone' })
  await t.rejects(add(), invalid, 'the same passkey twice')
  const olga = await withPasskey(t, setup, 'olga')
  await t.rejects(removePasskey(deps, olga.actor, added.id), { code: 'not-found' }, 'that of somebody else')

  const begun = await beginPasskey(deps, actor)
  clock.standStill(FIVE_MINUTES)
  const late = { code: 'proof.required' }
  await t.rejects(beginPasskey(deps, actor), late)
  const response = new SoftPasskey(ORIGIN).make(begun)
  await t.rejects(addPasskey(deps, actor, { name: 'Tablet', response }), late)
  await t.rejects(removePasskey(deps, actor, added.id), late)
  t.match(await listPasskeys(deps, actor), { length: 2 }, 'and nothing has changed')
  await proveByPasskey(deps, {
    ...{ actor, address: '10.0.0.1', response: key.prove(await beginPasskeyProof(deps, actor)) },
  })
  await removePasskey(deps, actor, added.id)
  t.match(await listPasskeys(deps, actor), { length: 1, 0: { name: 'Phone' } })
  matchEach(t, await events('user.passkey-removed'), [{ name: 'maria', by: 'maria', passkey: added.id }])
  const gone = key.prove(await beginPasskeySignIn(deps))
  await t.rejects(signInByPasskey(deps, { response: gone, address: '10.0.0.7' }), {
    code: 'sign-in.refused',
  })
})

t.test('a passkey of the same person proves who it is, once, and failures are limited', async t => {
  const setup = await passkeySetup(t)
  const { deps, clock, events } = setup
  const { key, added, actor } = await withPasskey(t, setup)
  const olga = await withPasskey(t, setup, 'olga')
  clock.standStill(FIVE_MINUTES)
  const prove = (response: ReturnType<SoftPasskey['prove']>, address = '10.0.0.1') =>
    proveByPasskey(deps, { actor, response, address })
  const begin = () => beginPasskeyProof(deps, actor)
  const invalid = { code: 'request.invalid', message: /does not prove that it is you/ }
  await t.rejects(prove(key.prove(await begin(), { verified: false })), invalid)
  await t.rejects(prove(key.prove(await begin(), { origin: 'https://evil.test' })), invalid)
  await t.rejects(prove(olga.key.prove(await begin())), invalid, 'that of somebody else')
  await t.rejects(prove(key.prove(await beginPasskeySignIn(deps))), invalid, 'a sign-in is no such proof')
  t.equal(await provenUntil(deps, actor), undefined)
  const asked = await begin()
  t.match(asked, { allowCredentials: [{ id: key.id }] })
  const proof = key.prove(asked)
  t.same(await prove(proof), new Date(clock.now() + FIVE_MINUTES))
  t.same(await provenUntil(deps, actor), new Date(clock.now() + FIVE_MINUTES))
  await t.rejects(prove(proof), invalid, 'a proof counts once')
  matchEach(t, await events('user.proved'), [
    { name: 'maria', session: actor.session, with: 'passkey', passkey: added.id },
  ])
  const fail = async () => prove(key.prove(await begin(), { verified: false }), '10.0.0.9')
  for (let i = 0; i < 5; i += 1) await t.rejects(fail(), invalid)
  await t.rejects(fail(), { code: 'sign-in.limited' })
  t.match((await events('user.sign-in-refused')).at(-1), { name: 'maria', reason: 'passkey' })
  const rita = await setup.ready('rita')
  const without = await setup.enter(rita, { code: codeOfNow(setup, rita) })
  await t.rejects(beginPasskeyProof(deps, without.actor), { message: /passphrase and code/ })
})

t.test('an invitation is accepted by a passkey alone, and recovery codes let in once each', async t => {
  const setup = await passkeySetup(t)
  const { deps, events, enter } = setup
  const { secret: link } = await inviteUser(deps, anna, { name: 'ivan', roles: ['supervisor'] })
  const key = new SoftPasskey(ORIGIN)
  await t.rejects(beginAcceptanceByPasskey(deps, new Secret('A'.repeat(43))), { code: 'sign-in.refused' })
  const accept = (response: ReturnType<SoftPasskey['make']>) =>
    acceptByPasskey(deps, { link, name: 'Laptop', response })
  const begin = () => beginAcceptanceByPasskey(deps, link)
  await t.rejects(accept(key.make(await begin(), { verified: false })), { code: 'request.invalid' })
  const { name, recoveryCodes } = await accept(key.make(await begin()))
  const [code, second] = recoveryCodes.reveal()
  t.strictSame([name, recoveryCodes.reveal().length], ['ivan', 10])
  await t.rejects(begin(), { code: 'sign-in.refused' }, 'the link is used up')
  matchEach(t, await listUsers(deps), [
    { state: 'active', factors: { passphrase: false, code: false, passkeys: 1 } },
  ])
  matchEach(t, await events('user.accepted'), [{ name: 'ivan', secondFactor: true, passkey: String }])

  const inByKey = async () =>
    signInByPasskey(deps, { response: key.prove(await beginPasskeySignIn(deps)), address: '10.0.0.8' })
  const { actor } = await inByKey()
  t.notOk(await hasPassphrase(deps, actor))
  t.ok(await provenUntil(deps, actor), 'signing in is a proof')
  const ivan = { user: 'ivan', password: '' }
  for (const code of [undefined, '000000', 'A'.repeat(24)])
    await t.rejects(enter(ivan, { code }), { code: 'sign-in.refused' })
  await t.resolves(enter(ivan, { code: code! }))
  await t.rejects(enter(ivan, { code: code! }), { code: 'sign-in.refused' }, 'each once')
  await t.resolves(enter({ user: 'ivan', password: 'anything that is typed' }, { code: second! }))

  const [only] = await listPasskeys(deps, actor)
  await t.rejects(removePasskey(deps, actor, only!.id), { message: /all that lets you in/ })
  await t.rejects(beginSecondFactor(deps, actor), { code: 'request.conflict', message: /no passphrase/ })
  await setup.ready('boss', ['administrator'])
  await resetUser(setup.deps, anna, 'ivan')
  await t.rejects(inByKey(), { code: 'sign-in.refused' }, 'a reset takes passkeys too')
  t.match(await listUsers(deps), { 1: { name: 'ivan', state: 'invited', factors: { passkeys: 0 } } })
})

t.test('a name with a passkey alone costs a stranger no other work than one that nobody has', async t => {
  const { deps, enter } = await passkeySetup(t)
  const { secret: link } = await inviteUser(deps, anna, { name: 'ivan', roles: ['auditor'] })
  const response = new SoftPasskey(ORIGIN).make(await beginAcceptanceByPasskey(deps, link))
  await acceptByPasskey(deps, { link, name: 'Laptop', response })
  /** How many transactions have written or locked something. */
  const written = async () => {
    const { rows } = await sql<{ xmax: string }>`
      select pg_snapshot_xmax(pg_current_snapshot())::text as xmax`.execute(deps.db)
    return Number(rows[0]!.xmax)
  }
  let attempts = 0
  const workOf = async (user: string) => {
    const before = await written()
    const wrong = { code: 'A'.repeat(24), address: `10.3.0.${++attempts}` }
    await t.rejects(enter({ user, password: '' }, wrong), { code: 'sign-in.refused' })
    return (await written()) - before
  }
  // Others, such as a vacuum, may write something in between.
  const least = async (user: string) => Math.min(await workOf(user), await workOf(user), await workOf(user))
  t.equal(await least('ivan'), await least('nobody'))
})

t.test('passkeys are for a name: that of the console, or localhost', async t => {
  const listening = { host: '127.0.0.1', port: 8081 }
  const of = (consoleOrigin?: string) =>
    relyingParty({ console: listening, consoleOrigin, consoleTls: undefined })
  t.strictSame(of(), { id: 'localhost', origin: 'http://localhost:8081' })
  t.strictSame(of('https://pbx.example:8443'), { id: 'pbx.example', origin: 'https://pbx.example:8443' })
  for (const address of ['https://192.0.2.1', 'https://[2001:db8::1]:8443']) t.equal(of(address), undefined)
  const { deps } = await passkeySetup(t, { consoleOrigin: 'https://192.0.2.1' })
  await t.rejects(beginPasskeySignIn(deps), { message: /CONSENTRY_CONSOLE_ORIGIN/ })
})
