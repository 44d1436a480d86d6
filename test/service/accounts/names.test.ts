// Real: people on PostgreSQL with the console's role, argon2id, the journal. Fake: the clock.
import t from 'tap'
import { inviteUser } from '../../../src/accounts/invitations.js'
import { codeAt } from '../../../src/accounts/second-factor.js'
import { listUsers } from '../../../src/accounts/users.js'
import { person } from '../../support/data/actors.js'
import { peopleSetup } from '../../support/processes/people.js'

const anna = person('anna')
const roles = ['auditor'] as const

t.test('a name may be in Cyrillic, in capitals too, and its user signs in by it', async t => {
  const { deps, clock, ready, enter } = await peopleSetup(t)
  const { name } = await inviteUser(deps, anna, { name: ' Анна.Петрова-2 ', roles })
  t.equal(name, 'анна.петрова-2')
  const maria = await ready('Мария')
  const user = await enter({ ...maria, user: 'МАРИЯ' }, { code: codeAt(maria.totp, clock.now()) })
  t.equal(user.actor.name, 'мария')
  t.strictSame(
    (await listUsers(deps)).map(one => one.name),
    ['анна.петрова-2', 'мария'],
  )
})

t.test('no name reads like another one', async t => {
  const { deps } = await peopleSetup(t)
  await inviteUser(deps, anna, { name: 'cop', roles })
  const invite = (name: string) => inviteUser(deps, anna, { name, roles })
  await t.rejects(invite('сор'), { code: 'request.invalid', message: /looks like that of cop/ })
  await t.rejects(invite('cоp'), { message: /all Latin or all Cyrillic/ }, 'two alphabets in one name')
  await t.rejects(invite('Cop'), { message: /There is a user cop/ })
  for (const name of ['', '1cop', 'c op', 'c\u202eop', 'ж'.repeat(65), 'é', '-cop'])
    await t.rejects(invite(name), { message: /begins with a letter/ }, name)
})
