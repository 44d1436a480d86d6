import t from 'tap'
import { actor } from '../../../src/commands/actor.js'
import { UsageError } from '../../../src/commands/command.js'
import type { SystemUser } from '../../../src/shared/actor.js'

// Fake: the system's users.

const asked = (by?: string) => ({ words: [], json: false, options: by === undefined ? {} : { by } })
const anna = { uid: 1_000, name: 'anna', sudoUser: undefined }
const root = { uid: 0, name: 'root', sudoUser: undefined }
const service = { uid: 995, name: 'consentry', sudoUser: undefined }

t.test('whom --by names acts, whoever runs it', async t => {
  for (const user of [anna, root, service]) t.equal(actor(asked(' boris '), user).name, 'boris')
})

t.test('whoever runs the command may do everything', async t => {
  t.strictSame(actor(asked(), anna), { name: 'anna', way: 'command', role: 'superuser' })
})

t.test('a person acts as herself, also by sudo', async t => {
  t.equal(actor(asked(), anna).name, 'anna')
  t.equal(actor(asked('  '), anna).name, 'anna')
  t.equal(actor(asked(), { ...root, sudoUser: 'anna' }).name, 'anna')
  t.equal(actor(asked(), { ...service, sudoUser: 'anna' }).name, 'anna')
})

t.test('root acts as root, unless a person became root', async t => {
  t.equal(actor(asked(), root).name, 'root')
  t.equal(actor(asked(), { ...root, sudoUser: 'Anna, at the request of the court' }).name, 'root')
})

t.test('the service’s user, other services and numbers without a name must say who acts', async t => {
  const nobodies = [
    service,
    { ...service, uid: 1_001 },
    { uid: 33, name: 'www-data', sudoUser: undefined },
    { uid: 65_534, name: 'nobody', sudoUser: undefined },
    { uid: 4_711, name: undefined, sudoUser: undefined },
    { ...service, sudoUser: 'nobody' },
  ]
  const refusal = (user: SystemUser) => {
    try {
      return actor(asked(), user)
    } catch (error) {
      return error
    }
  }
  for (const user of nobodies)
    t.ok(refusal(user) instanceof UsageError, `${user.name ?? user.uid}, sudo: ${user.sudoUser}`)
  t.match(refusal(service), { message: /--by NAME/ })
})
