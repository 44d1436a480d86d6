// Real: PostgreSQL with the console's role, the journal. Fake: the clock.
import t from 'tap'
import { FirstUser } from '../../../src/accounts/first-user.js'
import { beginAcceptance, completeAcceptance } from '../../../src/accounts/invitations.js'
import { codeAt } from '../../../src/accounts/second-factor.js'
import { listUsers } from '../../../src/accounts/users.js'
import { Secret } from '../../../src/core/secret.js'
import { peopleSetup } from '../../support/processes/people.js'

const REFUSED = { code: 'sign-in.refused' }

t.test('the address is valid for 30 minutes', async t => {
  const { deps, clock } = await peopleSetup(t)
  const first = (await FirstUser.awaited(deps))!
  clock.advance(1_800_001)
  await t.rejects(first.invite(deps, first.secret.reveal(), 'marina'), REFUSED)
  t.strictSame(await listUsers(deps), [])
})

t.test('only its secret lets somebody in, and a name that cannot be changes nothing', async t => {
  const { deps, events } = await peopleSetup(t)
  const first = (await FirstUser.awaited(deps))!
  for (const wrong of ['', 'A'.repeat(43), first.secret.reveal().slice(1)])
    await t.rejects(first.invite(deps, wrong, 'marina'), REFUSED)
  await t.rejects(first.invite(deps, first.secret.reveal(), 'Not A Name'), { code: 'request.invalid' })
  await first.invite(deps, first.secret.reveal(), 'marina')
  t.match(await events('user.invited'), { length: 1, 0: { name: 'marina', by: 'setup', way: 'console' } })
})

t.test(
  'whoever opens it again before somebody is in gets another link, and those before are void',
  async t => {
    const { deps, events } = await peopleSetup(t)
    const first = (await FirstUser.awaited(deps))!
    const links = []
    for (const name of ['anna', 'anna', 'eve', 'anna'])
      links.push((await first.invite(deps, first.secret.reveal(), name)).secret)
    const last = links.pop()!
    for (const link of links) await t.rejects(beginAcceptance(deps, link), REFUSED)
    const { totp } = await beginAcceptance(deps, last)
    t.match(await listUsers(deps), {
      ...{ length: 2, 0: { name: 'anna', state: 'invited' } },
      1: { name: 'eve', state: 'disabled' },
    })
    await completeAcceptance(deps, {
      ...{ link: last, passphrase: new Secret('four quiet herons wade') },
      code: new Secret(codeAt(totp.reveal(), deps.clock.now())),
    })
    await t.rejects(first.invite(deps, first.secret.reveal(), 'anna'), REFUSED)
    t.equal((await events('user.accepted')).length, 1)
  },
)

t.test('of two who open it at once the later one gets in', async t => {
  const { deps } = await peopleSetup(t)
  const first = (await FirstUser.awaited(deps))!
  const [anna, eve] = await Promise.all(
    ['anna', 'eve'].map(name => first.invite(deps, first.secret.reveal(), name)),
  )
  await t.rejects(beginAcceptance(deps, anna!.secret), REFUSED)
  t.match(await beginAcceptance(deps, eve!.secret), { name: 'eve' })
})

t.test('a user who came meanwhile makes it void', async t => {
  const { deps, ready } = await peopleSetup(t)
  const first = (await FirstUser.awaited(deps))!
  await ready('boris')
  await t.rejects(first.invite(deps, first.secret.reveal(), 'eve'), REFUSED)
})

t.test('who closed the page before a passphrase was set begins again after the next start', async t => {
  const { deps, ready } = await peopleSetup(t)
  const first = (await FirstUser.awaited(deps))!
  await first.invite(deps, first.secret.reveal(), 'marina')
  const next = (await FirstUser.awaited(deps))!
  const again = await next.invite(deps, next.secret.reveal(), 'marina')
  t.equal(again.name, 'marina')
  t.equal((await listUsers(deps)).length, 1)
  await ready('boris')
  t.equal(await FirstUser.awaited(deps), undefined)
})
