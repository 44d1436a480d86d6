// Real: PostgreSQL with the console's role, the journal. Fake: the clock.
import t from 'tap'
import { FirstUser } from '../../../src/operations/people/first-user.js'
import { listUsers } from '../../../src/operations/people/users.js'
import { peopleSetup } from '../../support/processes/people.js'

const REFUSED = { code: 'sign-in.refused' }

t.test('the address is valid for 30 minutes', async t => {
  const { deps, clock } = await peopleSetup(t)
  const first = (await FirstUser.awaited(deps))!
  clock.advance(1_800_001)
  await t.rejects(first.invite(deps, first.secret.reveal(), 'marina'), REFUSED)
  t.strictSame(await listUsers(deps), [])
})

t.test('only its secret lets somebody in, and a name that cannot be does not use it up', async t => {
  const { deps, events } = await peopleSetup(t)
  const first = (await FirstUser.awaited(deps))!
  for (const wrong of ['', 'A'.repeat(43), first.secret.reveal().slice(1)])
    await t.rejects(first.invite(deps, wrong, 'marina'), REFUSED)
  await t.rejects(first.invite(deps, first.secret.reveal(), 'Not A Name'), { code: 'request.invalid' })
  await first.invite(deps, first.secret.reveal(), 'marina')
  t.match(await events('user.invited'), { length: 1, 0: { name: 'marina', by: 'setup', way: 'console' } })
})

t.test('two who open it at once: one gets in', async t => {
  const { deps } = await peopleSetup(t)
  const first = (await FirstUser.awaited(deps))!
  const both = await Promise.allSettled(
    ['anna', 'eve'].map(name => first.invite(deps, first.secret.reveal(), name)),
  )
  t.strictSame(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  t.equal((await listUsers(deps)).length, 1)
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
