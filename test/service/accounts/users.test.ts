// Real: people on PostgreSQL, with the roles of the console and of the command, argon2id, the journal. Fake: the clock.
import t from 'tap'
import {
  beginAcceptance,
  completeAcceptance,
  inviteUser,
  resetUser,
} from '../../../src/accounts/invitations.js'
import { changePassphrase, renewRecoveryCodes } from '../../../src/accounts/own-account.js'
import { prove } from '../../../src/accounts/proof.js'
import { codeAt } from '../../../src/accounts/second-factor.js'
import { actorOfSession } from '../../../src/accounts/sessions.js'
import { changeRoles, disableUser, enableUser, listUsers } from '../../../src/accounts/users.js'
import { Secret } from '../../../src/core/secret.js'
import { openDatabase } from '../../../src/db/database.js'
import { exactly } from '../../support/assertions/exactly.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { person } from '../../support/data/actors.js'
import { startTestJournal } from '../../support/data/journal.js'
import { CONNECTION_LIMIT_MS } from '../../support/processes/connection-limit.js'
import { browserOf, peopleSetup, STEP_MS } from '../../support/processes/people.js'

const anna = person('anna')
const DAY_MS = 86_400_000
/** How long a proof lasts, ms. */
const FRESH_MS = 300_000
const secret = (text: string) => new Secret(text)

t.test('an invitation is accepted once, within seven days, with the code of its second factor', async t => {
  const { deps, clock, enter, events } = await peopleSetup(t)
  const { secret: link } = await inviteUser(deps, anna, { name: 'maria', roles: ['supervisor', 'auditor'] })
  matchEach(t, await listUsers(deps), [{ name: 'maria', state: 'invited', sessions: 0 }])
  const first = await beginAcceptance(deps, link)
  t.match(first.uri.reveal(), /^otpauth:\/\/totp\/Consentry:maria\?/)
  const { totp } = await beginAcceptance(deps, link)
  const accept = (code: string, passphrase = 'eleven quiet herons', given = link) =>
    completeAcceptance(deps, { link: given, passphrase: secret(passphrase), code: secret(code) })
  const code = () => codeAt(totp.reveal(), clock.now())
  const old = codeAt(first.totp.reveal(), clock.now())
  await t.rejects(accept(old), { code: 'request.invalid', message: /QR code/ }, 'the one drawn last counts')
  await t.rejects(accept(code(), 'too short'), { code: 'request.invalid', message: /12 to 256/ })
  await t.rejects(completeAcceptance(deps, { link, passphrase: secret('eleven quiet herons') }), {
    code: 'request.invalid',
  })
  const both = await Promise.allSettled([accept(code()), accept(code())])
  t.strictSame(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  const { recoveryCodes } = (
    both.find(one => one.status === 'fulfilled') as PromiseFulfilledResult<{
      recoveryCodes: Secret<string[]>
    }>
  ).value
  t.equal(new Set(recoveryCodes.reveal()).size, 10)
  await t.rejects(beginAcceptance(deps, link), { code: 'sign-in.refused', message: /not valid/ })
  await t.rejects(beginAcceptance(deps, secret('nonsense')), { code: 'sign-in.refused' })
  const maria = { user: 'maria', password: 'eleven quiet herons' }
  await t.rejects(enter(maria, { code: code() }), { code: 'sign-in.refused' }, 'the code is used')
  await t.resolves(enter(maria, { code: codeAt(totp.reveal(), clock.now() + STEP_MS) }))

  const late = await inviteUser(deps, anna, { name: 'late', roles: ['auditor'] })
  clock.standStill(7 * DAY_MS)
  await t.rejects(beginAcceptance(deps, late.secret), { code: 'sign-in.refused' })
  const text = JSON.stringify(await events())
  for (const hidden of [link.reveal(), totp.reveal(), 'herons', recoveryCodes.reveal()[0]!])
    t.notMatch(text, hidden, 'the journal has no secret')
  const dump = JSON.stringify([
    await deps.db.selectFrom('user_credential').selectAll().execute(),
    await deps.db.selectFrom('user_invitation').selectAll().execute(),
  ])
  t.notMatch(dump, Buffer.from(totp.reveal()).toJSON().data.slice(0, 8).join(), 'nor has the database')
})

t.test('a name is refused that is malformed or taken, and so is a user without a role', async t => {
  const { deps } = await peopleSetup(t)
  for (const name of ['', '1a', 'a b', 'a'.repeat(65), 'mария'])
    await t.rejects(inviteUser(deps, anna, { name, roles: ['auditor'] }), { code: 'request.invalid' }, name)
  await t.rejects(inviteUser(deps, anna, { name: 'maria', roles: [] }), { code: 'request.invalid' })
  await inviteUser(deps, anna, { name: 'maria', roles: ['auditor'] })
  await t.rejects(inviteUser(deps, anna, { name: 'maria', roles: ['auditor'] }), { message: /already/ })
  const token = { name: 'crm', way: 'token', roles: ['administrator'] } as const
  const supervisor = { ...token, way: 'console', roles: ['supervisor'] } as const
  for (const [other, code] of [
    [token, 'person.required'],
    [supervisor, 'role.required'],
  ] as const)
    await t.rejects(inviteUser(deps, other, { name: 'eva', roles: ['auditor'] }), { code })
})

t.test('a reset takes everything that let the user in', async t => {
  const { deps, clock, ready, enter, events } = await peopleSetup(t)
  const ivan = await ready('ivan')
  const { secret: cookie } = await enter(ivan, { code: codeAt(ivan.totp, clock.now()) })
  const { secret: link } = await resetUser(deps, anna, 'ivan')
  t.equal(await actorOfSession(deps, cookie.reveal()), undefined)
  const next = { code: codeAt(ivan.totp, clock.now() + STEP_MS) }
  await t.rejects(enter(ivan, next), { code: 'sign-in.refused' })
  await t.rejects(enter(ivan, { code: ivan.recoveryCodes[0]! }), { code: 'sign-in.refused' })
  const { secret: newer } = await resetUser(deps, anna, 'ivan')
  await t.rejects(beginAcceptance(deps, link), { code: 'sign-in.refused' }, 'an earlier link is void')
  await disableUser(deps, anna, 'ivan')
  await enableUser(deps, anna, 'ivan')
  await t.rejects(beginAcceptance(deps, newer), { code: 'sign-in.refused' }, 'so is that of a disabled user')
  await t.rejects(resetUser(deps, anna, 'nobody'), { code: 'not-found' })
  t.match(await events('user.reset'), { length: 2, 0: { name: 'ivan', by: 'anna', way: 'command' } })
})

t.test('nobody changes own roles, and nobody takes the last administrator away', async t => {
  const { deps, ready, events } = await peopleSetup(t)
  const one = await browserOf(deps, 'invited', ['administrator'])
  await ready('boss', ['administrator', 'auditor'])
  for (const attempt of [
    () => disableUser(deps, anna, 'boss'),
    () => changeRoles(deps, anna, 'boss', ['auditor']),
    () => changeRoles(deps, one.actor, 'invited', ['administrator', 'auditor']),
    () => disableUser(deps, one.actor, 'invited'),
    () => resetUser(deps, one.actor, 'invited'),
  ])
    await t.rejects(attempt as () => Promise<unknown>, { code: 'request.invalid' })
  await changeRoles(deps, anna, 'boss', ['administrator'])
  await ready('deputy', ['administrator'])
  const both = await Promise.allSettled(['boss', 'deputy'].map(name => disableUser(deps, anna, name)))
  t.strictSame(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'], 'not both at once')
  t.match(await events('user.disabled'), { length: 1 })
  t.match(await events('user.roles-changed'), {
    length: 1,
    0: { before: ['administrator', 'auditor'], after: ['administrator'], by: 'anna' },
  })
})

t.test('a role that is taken away does not come back by what was seen before', async t => {
  const { deps, events } = await peopleSetup(t)
  await browserOf(deps, 'eva', ['operator', 'auditor'])
  await changeRoles(deps, anna, 'eva', ['auditor'], ['auditor', 'operator'])
  const late = changeRoles(deps, anna, 'eva', ['operator', 'auditor', 'supervisor'], ['operator', 'auditor'])
  await t.rejects(late, { code: 'request.conflict', message: /roles of eva meanwhile/ })
  await t.resolves(changeRoles(deps, anna, 'eva', ['auditor'], ['operator', 'auditor']), 'it is so already')
  matchEach(t, await listUsers(deps), [{ name: 'eva', roles: exactly('auditor') }])
  t.match(await events('user.roles-changed'), { length: 2 })
})

t.test('who is disabled, and whose roles change, notices at the next request', async t => {
  const { deps } = await peopleSetup(t)
  const { actor, headers } = await browserOf(deps, 'eva', ['supervisor'])
  const who = () => actorOfSession(deps, headers.cookie.split('=')[1]!)
  await changeRoles(deps, anna, 'eva', ['operator'])
  t.match(await who(), { roles: ['operator'], session: actor.session })
  await disableUser(deps, anna, 'eva')
  t.equal(await who(), undefined)
  await enableUser(deps, anna, 'eva')
  t.equal(await who(), undefined, 'the session has ended for good')
})

t.test('a passphrase is changed by whoever knows the old one, and other sessions end', async t => {
  const { deps, clock, ready, enter, events } = await peopleSetup(t)
  const petr = await ready('petr')
  const here = await enter(petr, { code: codeAt(petr.totp, clock.now()) })
  const there = await enter(petr, { code: codeAt(petr.totp, clock.now() + STEP_MS) })
  const own = (passphrase: string) => ({
    ...{ actor: here.actor, passphrase: secret(passphrase), address: '10.0.0.1' },
  })
  const wanted = secret('a lake without boats')
  await t.rejects(changePassphrase(deps, own('not the old one'), wanted), { code: 'request.invalid' })
  await t.rejects(changePassphrase(deps, own(petr.password), secret('petr')), { code: 'request.invalid' })
  await changePassphrase(deps, own(petr.password), wanted)
  t.ok(await actorOfSession(deps, here.secret.reveal()))
  t.equal(await actorOfSession(deps, there.secret.reveal()), undefined)
  clock.standStill(FRESH_MS)
  const code = codeAt(petr.totp, clock.now())
  await t.rejects(enter(petr, { code }), { code: 'sign-in.refused' })
  await t.resolves(enter({ ...petr, password: wanted.reveal() }, { code }))

  await t.rejects(renewRecoveryCodes(deps, here.actor), { code: 'proof.required' }, 'the proof is too old')
  clock.standStill(STEP_MS)
  const again = { passphrase: wanted, code: secret(codeAt(petr.totp, clock.now())), address: '10.0.0.1' }
  await prove(deps, { actor: here.actor, ...again })
  const codes = (await renewRecoveryCodes(deps, here.actor)).reveal()
  const now = { ...petr, password: wanted.reveal() }
  await t.rejects(enter(now, { code: petr.recoveryCodes[0]! }), { code: 'sign-in.refused' })
  await t.resolves(enter(now, { code: codes[0]! }))
  t.match(await events('user.passphrase-changed'), { length: 1, 0: { name: 'petr' } })
  t.match(await events('user.recovery-codes-renewed'), { length: 1 })
})

t.test('without a second factor a user is in only as long as it is optional', async t => {
  const { deps, enter, events } = await peopleSetup(t, { secondFactor: 'optional' })
  const { secret: link } = await inviteUser(deps, anna, { name: 'olga', roles: ['operator'] })
  t.equal((await beginAcceptance(deps, link)).optional, true)
  const passphrase = secret('eleven quiet herons')
  const { recoveryCodes } = await completeAcceptance(deps, { link, passphrase })
  t.strictSame(recoveryCodes.reveal(), [])
  const olga = { user: 'olga', password: passphrase.reveal() }
  await t.resolves(enter(olga, {}))
  matchEach(t, await events('user.signed-in'), [{ with: 'none' }])
  deps.config.secondFactor = 'required'
  await t.rejects(enter(olga, {}), { code: 'sign-in.refused' })
})

t.test('the command, with the role of the service, changes people but reads no secret of theirs', async t => {
  const { clock, ready, server } = await peopleSetup(t)
  const db = openDatabase(server.url, CONNECTION_LIMIT_MS)
  t.teardown(() => db.close())
  const command = { db, clock, journal: startTestJournal(t, server.url) }
  const vera = await ready('vera', ['administrator'])
  await inviteUser(command, anna, { name: 'ivan', roles: ['auditor'] })
  await changeRoles(command, anna, 'ivan', ['operator'])
  await resetUser(command, anna, 'vera')
  await disableUser(command, anna, 'ivan')
  await enableUser(command, anna, 'ivan')
  t.match(await listUsers(command), {
    length: 2,
    0: { name: 'ivan', roles: ['operator'], state: 'invited' },
    1: { name: 'vera', state: 'invited' },
  })
  t.ok(vera)
  for (const read of [
    db.selectFrom('user_credential').select('totp'),
    db.selectFrom('user_credential').select('passphrase'),
    db.selectFrom('user_recovery_code').select('hash'),
    db.selectFrom('user_invitation').select('hash'),
    db.selectFrom('user_session').select('hash'),
    db.selectFrom('sign_in_attempt').select('subject'),
  ])
    await t.rejects(read.execute() as Promise<unknown>, { code: '42501' })
})
