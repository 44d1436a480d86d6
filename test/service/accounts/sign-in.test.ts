// Real: sign-in on PostgreSQL with the console's role, argon2id, the journal. Fake: the clock.
import t from 'tap'
import { hashesComputed } from '../../../src/accounts/passphrases.js'
import { codeAt } from '../../../src/accounts/second-factor.js'
import { actorOfSession } from '../../../src/accounts/sessions.js'
import { signIn } from '../../../src/accounts/sign-in.js'
import { disableUser, enableUser } from '../../../src/accounts/users.js'
import { Secret } from '../../../src/core/secret.js'
import { person } from '../../support/data/actors.js'
import { duringEntry } from '../../support/processes/at-once.js'
import { peopleSetup, STEP_MS } from '../../support/processes/people.js'
import { takeConnections } from '../../support/processes/taken-connections.js'

const anna = person('anna')

t.test('a code counts once, also for two requests at the same time', async t => {
  const { deps, clock, ready, enter, events } = await peopleSetup(t)
  const maria = await ready('maria')
  const code = codeAt(maria.totp, clock.now())
  const both = await Promise.allSettled([enter(maria, { code }), enter(maria, { code, address: '10.0.0.2' })])
  t.strictSame(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  await t.rejects(enter(maria, { code }), { code: 'sign-in.refused' }, 'replayed')
  const spaced = `${codeAt(maria.totp, clock.now() + STEP_MS)}`.replace(/^(...)/, '$1 ')
  const { actor, secret } = await enter(maria, { code: spaced })
  t.match(await actorOfSession(deps, secret.reveal()), {
    name: 'maria',
    session: actor.session,
    way: 'console',
  })
  t.match(await events('user.signed-in'), { length: 2, 1: { name: 'maria', with: 'code' } })
  t.match(await events('user.sign-in-refused'), { length: 2, 1: { name: 'maria', reason: 'code' } })
})

t.test('a code may be one step old or early, and no more', async t => {
  const { clock, ready, enter } = await peopleSetup(t)
  const olga = await ready('olga')
  const codeOf = (steps: number) => codeAt(olga.totp, clock.now() + steps * STEP_MS)
  for (const steps of [-2, 2])
    await t.rejects(enter(olga, { code: codeOf(steps) }), { code: 'sign-in.refused' })
  clock.advance(3 * STEP_MS)
  for (const steps of [-1, 0, 1]) {
    await t.resolves(enter(olga, { code: codeOf(steps) }))
    await t.rejects(enter(olga, { code: codeOf(steps) }), { code: 'sign-in.refused' }, 'each once')
  }
  await t.rejects(enter(olga, { code: codeOf(0) }), { code: 'sign-in.refused' }, 'not an earlier one either')
})

t.test(
  'whoever is in when the database is lost has the session, although the count of attempts stays',
  async t => {
    const { deps, clock, ready } = await peopleSetup(t)
    const vera = await ready('vera')
    let giveBack: Promise<() => Promise<void>> | undefined
    const losing = duringEntry(deps, async () => {
      // The connection of the sign-in is taken, too, as soon as it has committed.
      giveBack = takeConnections(deps.db)
    })
    const request = { name: vera.user, passphrase: new Secret(vera.password), address: '10.0.0.1' }
    const code = new Secret(codeAt(vera.totp, clock.now()))
    const { actor, secret } = await signIn(losing, { ...request, code })
    await (await giveBack!)()
    t.match(await actorOfSession(deps, secret.reveal()), { name: 'vera', session: actor.session })
  },
)

t.test('a recovery code counts once', async t => {
  const { clock, ready, enter, events } = await peopleSetup(t)
  const {
    recoveryCodes: [code, other],
    ...ivan
  } = await ready('ivan')
  t.match(code, /^[0-9A-Z]{4}(-[0-9A-Z]{4}){5}$/)
  const both = await Promise.allSettled([
    enter(ivan, { code: code! }),
    enter(ivan, { code: code!.toLowerCase().replaceAll('-', ' ') }),
  ])
  t.strictSame(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  await t.resolves(enter(ivan, { code: other! }))
  t.match(await events('user.signed-in'), { length: 2, 0: { with: 'recovery-code' } })
  t.ok(clock.now())
})

t.test('unknown, disabled and wrong get the same answer for the same work', async t => {
  const { deps, clock, ready, enter, events } = await peopleSetup(t)
  const known = await ready('petr')
  await ready('boss', ['administrator'])
  await disableUser(deps, anna, 'petr')
  const right = await ready('vera')
  const told = new Set<string>()
  for (const [who, code] of [
    [{ ...right, user: 'my-own-passphrase' }, '000000'],
    [{ ...right, user: 'x'.repeat(500) }, '000000'],
    [known, codeAt(known.totp, clock.now())],
    [{ ...right, password: 'nothing like it' }, codeAt(right.totp, clock.now())],
    [right, 'none'],
    [right, undefined],
  ] as const) {
    const before = hashesComputed()
    const failed = await enter(who, { code }).then(
      () => 'signed in',
      (error: Error) => `${(error as Error & { code: string }).code} ${error.message}`,
    )
    t.equal(hashesComputed() - before, 1, 'one hash')
    told.add(failed)
  }
  t.equal(told.size, 1)
  t.match([...told][0], /^sign-in.refused /)
  const refused = await events('user.sign-in-refused')
  t.strictSame(
    refused.map(({ name, reason }) => `${name} ${reason}`),
    [...['null unknown', 'null unknown', 'petr disabled', 'vera passphrase', 'vera code', 'vera code']],
  )
  t.notMatch(JSON.stringify(refused), /my-own-passphrase/)
  await enableUser(deps, anna, 'petr')
  await t.resolves(enter(known, { code: codeAt(known.totp, clock.now()) }))
})

t.test('a name is the same in capitals, and a passphrase however it was typed', async t => {
  const { deps, clock, ready, events } = await peopleSetup(t)
  const passphrase = 'Пароль ё №1 für alle'
  const eva = await ready('eva', ['auditor'], passphrase)
  const composed = await signIn(deps, {
    ...{ name: ' EVA ', passphrase: new Secret(passphrase.normalize('NFD')), address: '10.0.0.1' },
    code: new Secret(codeAt(eva.totp, clock.now())),
  })
  t.equal(composed.actor.name, 'eva')
  const text = JSON.stringify(await events())
  t.notMatch(text, passphrase)
  t.notMatch(text, eva.totp)
  t.notMatch(text, composed.secret.reveal())
})
