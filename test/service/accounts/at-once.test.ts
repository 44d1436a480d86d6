// Real: people on PostgreSQL with the console's role, argon2id, passkeys and their verification, the journal. Fake: the clock, the
// authenticator, and when a transaction goes on after its event.
import t from 'tap'
import { acceptByPasskey, beginAcceptanceByPasskey } from '../../../src/accounts/accept-by-passkey.js'
import {
  beginAcceptance,
  completeAcceptance,
  inviteUser,
  resetUser,
} from '../../../src/accounts/invitations.js'
import { renewRecoveryCodes } from '../../../src/accounts/own-account.js'
import { addPasskey, beginPasskey } from '../../../src/accounts/passkeys.js'
import {
  beginSecondFactor,
  nextSecondFactor,
  replaceSecondFactor,
} from '../../../src/accounts/replace-second-factor.js'
import { codeAt } from '../../../src/accounts/second-factor.js'
import { listUsers } from '../../../src/accounts/users.js'
import { Secret } from '../../../src/core/secret.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { person } from '../../support/data/actors.js'
import { SoftPasskey } from '../../support/data/soft-passkey.js'
import { duringEntry, waiting } from '../../support/processes/at-once.js'
import { passkeySetup } from '../../support/processes/passkeys.js'
import { STEP_MS } from '../../support/processes/people.js'

const anna = person('anna')
const ORIGIN = 'https://consentry.test'
const secret = (text: string) => new Secret(text)

t.test('a reset takes away what is set by the former link at the same moment', async t => {
  const { deps, clock, enter } = await passkeySetup(t)
  const resets: Promise<unknown>[] = []
  const whileReset = (name: string) =>
    duringEntry(deps, () => {
      resets.push(resetUser(deps, anna, name))
      return waiting(deps.db, 1)
    })
  const { secret: link } = await inviteUser(deps, anna, { name: 'eva', roles: ['auditor'] })
  const { totp } = await beginAcceptance(deps, link)
  const password = 'eleven quiet herons'
  const { recoveryCodes } = await completeAcceptance(whileReset('eva'), {
    ...{ link, passphrase: secret(password), code: secret(codeAt(totp.reveal(), clock.now())) },
  })
  await Promise.all(resets)
  const code = recoveryCodes.reveal()[0]!
  await t.rejects(enter({ user: 'eva', password }, { code }), { code: 'sign-in.refused' })

  const { secret: other } = await inviteUser(deps, anna, { name: 'ivan', roles: ['auditor'] })
  const response = new SoftPasskey(ORIGIN).make(await beginAcceptanceByPasskey(deps, other))
  await acceptByPasskey(whileReset('ivan'), { link: other, name: 'Laptop', response })
  await Promise.all(resets)
  const nothing = { state: 'invited', factors: { passphrase: false, code: false, passkeys: 0 } }
  matchEach(t, await listUsers(deps), [nothing, nothing])
})

t.test('a second factor that is replaced does not let in whoever is being verified', async t => {
  const { deps, clock, ready, enter } = await passkeySetup(t)
  const rita = await ready('rita')
  const { actor } = await enter(rita, { code: rita.recoveryCodes[0]! })
  await beginSecondFactor(deps, actor)
  const next = (await nextSecondFactor(deps, actor)).totp.reveal()
  let entering: Promise<unknown> = Promise.resolve()
  const replacing = duringEntry(deps, () => {
    entering = enter(rita, { code: codeAt(rita.totp, clock.now() + STEP_MS) })
    entering.catch(() => undefined)
    return waiting(deps.db, 1)
  })
  const code = secret(codeAt(next, clock.now()))
  await replaceSecondFactor(replacing, actor, code)
  await t.rejects(entering, { code: 'sign-in.refused' })
})

t.test('a session that is ended while it changes its account changes nothing', async t => {
  const { deps, ready, enter } = await passkeySetup(t)
  const petr = await ready('petr')
  const { actor } = await enter(petr, { code: petr.recoveryCodes[0]! })
  const response = new SoftPasskey(ORIGIN).make(await beginPasskey(deps, actor))
  let changes: Promise<PromiseSettledResult<unknown>[]> | undefined
  const resetting = duringEntry(deps, () => {
    changes = Promise.allSettled([
      addPasskey(deps, actor, { name: 'Laptop', response }),
      renewRecoveryCodes(deps, actor),
    ])
    return waiting(deps.db, 2)
  })
  await resetUser(resetting, anna, 'petr')
  const refused = { status: 'rejected', reason: { code: 'proof.required' } }
  matchEach(t, await changes, [refused, refused])
  matchEach(t, await listUsers(deps), [{ state: 'invited', factors: { passkeys: 0 } }])
})
