// Real: people and sessions on PostgreSQL with the console's role, argon2id, the journal. Fake: the clock.
import t from 'tap'
import { renewRecoveryCodes } from '../../../src/accounts/own-account.js'
import { prove, provenUntil } from '../../../src/accounts/proof.js'
import {
  beginSecondFactor,
  nextSecondFactor,
  replaceSecondFactor,
} from '../../../src/accounts/replace-second-factor.js'
import { codeAt } from '../../../src/accounts/second-factor.js'
import {
  actorOfSession,
  endOtherSessions,
  openSession,
  revokeSession,
} from '../../../src/accounts/sessions.js'
import { Secret } from '../../../src/core/secret.js'
import { browserOf, peopleSetup, STEP_MS } from '../../support/processes/people.js'

/** How long a proof lasts, ms. */
const FRESH_MS = 300_000
const address = '10.0.0.1'
const secret = (text: string) => new Secret(text)

t.test('a proof lasts for 5 min of its session, and needs passphrase and code', async t => {
  const { deps, clock, ready, enter, events } = await peopleSetup(t)
  const rita = await ready('rita')
  const { actor } = await enter(rita, { code: codeAt(rita.totp, clock.now()) })
  const passphrase = secret(rita.password)
  t.same(await provenUntil(deps, actor), new Date(clock.now() + FRESH_MS), 'signing in is one')
  clock.standStill(FRESH_MS)
  t.equal(await provenUntil(deps, actor), undefined)
  const code = () => secret(codeAt(rita.totp, clock.now()))
  for (const wrong of [
    { passphrase },
    { passphrase, code: secret('000000') },
    { passphrase: secret('not the passphrase'), code: code() },
  ])
    await t.rejects(prove(deps, { actor, address, ...wrong }), { code: 'request.invalid' })
  t.equal(await provenUntil(deps, actor), undefined)
  const used = code()
  await prove(deps, { actor, address, passphrase, code: used })
  t.ok(await provenUntil(deps, actor))
  await t.rejects(
    prove(deps, { actor, address, passphrase, code: used }),
    { code: 'request.invalid' },
    'once',
  )
  await t.resolves(prove(deps, { actor, address, passphrase, code: secret(rita.recoveryCodes[0]!) }))
  const other = await enter(rita, { code: rita.recoveryCodes[1]! })
  clock.standStill(FRESH_MS - 1)
  await t.resolves(endOtherSessions(deps, other.actor))
  t.match(await events('user.proved'), {
    length: 2,
    0: { name: 'rita', session: actor.session, with: 'code' },
    1: { with: 'recovery-code' },
  })
  t.match(await events('user.sign-in-refused'), { length: 4, 2: { reason: 'passphrase' } })
})

t.test('failed proofs are limited like failed sign-ins', async t => {
  const { deps, clock, ready, enter } = await peopleSetup(t)
  const rita = await ready('rita')
  const { actor } = await enter(rita, { code: codeAt(rita.totp, clock.now()) })
  const attempt = () => prove(deps, { actor, address, passphrase: secret('wrong'), code: secret('000000') })
  for (let i = 0; i < 5; i += 1) await t.rejects(attempt(), { code: 'request.invalid' })
  await t.rejects(attempt(), { code: 'sign-in.limited', retryAfterS: 30 })
  await t.rejects(enter(rita, { code: codeAt(rita.totp, clock.now() + STEP_MS) }), {
    code: 'sign-in.limited',
  })
})

t.test('whoever finds an old session open changes nothing, and ends no other session', async t => {
  const { deps, clock } = await peopleSetup(t)
  const { actor } = await browserOf(deps, 'rita', ['supervisor'])
  const boss = await browserOf(deps, 'boss', ['administrator'])
  clock.standStill(FRESH_MS)
  const own = await openSession(deps.db, { user: actor.user, address, at: clock.now() })
  for (const attempt of [
    () => renewRecoveryCodes(deps, actor),
    () => beginSecondFactor(deps, actor),
    () => nextSecondFactor(deps, actor),
    () => replaceSecondFactor(deps, actor, secret('000000')),
    () => endOtherSessions(deps, actor),
    () => revokeSession(deps, actor, own.id),
  ])
    await t.rejects(attempt as () => Promise<unknown>, {
      code: 'proof.required',
      message: /POST \/me\/proof/,
    })
  await t.resolves(revokeSession(deps, boss.actor, own.id), 'an administrator ends those of others')
  await t.resolves(revokeSession(deps, actor, actor.session), 'everybody ends the present one')
})

t.test('a second factor is replaced once the new one is confirmed', async t => {
  const { deps, clock, ready, enter, events } = await peopleSetup(t)
  const rita = await ready('rita')
  const there = await enter(rita, { code: rita.recoveryCodes[0]! })
  const { actor } = await enter(rita, { code: rita.recoveryCodes[1]! })
  await t.rejects(nextSecondFactor(deps, actor), { code: 'request.conflict', message: /begin again/ })
  await beginSecondFactor(deps, actor)
  const next = (await nextSecondFactor(deps, actor)).totp.reveal()
  await beginSecondFactor(deps, actor)
  t.equal((await nextSecondFactor(deps, actor)).totp.reveal(), next, 'two tabs show the same one')
  await t.rejects(replaceSecondFactor(deps, actor, secret(codeAt(rita.totp, clock.now()))), {
    code: 'request.invalid',
    message: /QR code/,
  })
  await t.resolves(enter(rita, { code: codeAt(rita.totp, clock.now()) }), 'the present one counts until then')
  await replaceSecondFactor(deps, actor, secret(codeAt(next, clock.now())))
  t.equal(await actorOfSession(deps, there.secret.reveal()), undefined, 'other sessions end')
  clock.standStill(STEP_MS)
  await t.rejects(enter(rita, { code: codeAt(rita.totp, clock.now()) }), { code: 'sign-in.refused' })
  await t.resolves(enter(rita, { code: codeAt(next, clock.now()) }))
  await t.resolves(enter(rita, { code: rita.recoveryCodes[2]! }), 'recovery codes stay')
  t.match(await events('user.second-factor-changed'), { length: 1, 0: { name: 'rita' } })
  t.notMatch(JSON.stringify(await events()), next)

  await beginSecondFactor(deps, actor)
  await prove(deps, {
    actor,
    address,
    passphrase: secret(rita.password),
    code: secret(rita.recoveryCodes[3]!),
  })
  await t.rejects(nextSecondFactor(deps, actor), { code: 'request.conflict' }, 'a proof begins again')
})
