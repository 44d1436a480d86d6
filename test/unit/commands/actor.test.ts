// Real: the choice of the actor. Fake: the users of the system.
import t from 'tap'
import { actor } from '../../../src/commands/actor.js'
import { UsageError } from '../../../src/commands/command.js'
import type { SystemUser } from '../../../src/core/actor.js'

/** A command line. @param by the value of `--by` */
const commandLine = (by?: string) => ({ words: [], json: false, options: by === undefined ? {} : { by } })
const anna = { uid: 1_000, name: 'anna', sudoUser: undefined }
const root = { uid: 0, name: 'root', sudoUser: undefined }
const service = { uid: 995, name: 'consentry', sudoUser: undefined }

t.test('the person whom --by names is the actor, whoever runs the command', async t => {
  for (const user of [anna, root, service]) t.equal(actor(commandLine(' boris '), user).name, 'boris')
})

t.test('whoever runs the command may do everything', async t => {
  t.strictSame(actor(commandLine(), anna), { name: 'anna', way: 'command', roles: ['superuser'] })
})

t.test('a person who runs a command is its actor, also by sudo', async t => {
  t.equal(actor(commandLine(), anna).name, 'anna')
  t.equal(actor(commandLine('  '), anna).name, 'anna')
  t.equal(actor(commandLine(), { ...root, sudoUser: 'anna' }).name, 'anna')
  t.equal(actor(commandLine(), { ...service, sudoUser: 'anna' }).name, 'anna')
})

t.test('root is the actor unless a person became root by sudo', async t => {
  t.equal(actor(commandLine(), root).name, 'root')
  t.equal(actor(commandLine(), { ...root, sudoUser: 'Anna, at the request of the court' }).name, 'root')
})

t.test('users of services and users without a name must say who acts', async t => {
  const impersonal = [
    service,
    { ...service, uid: 1_001 },
    { uid: 33, name: 'www-data', sudoUser: undefined },
    { uid: 1_000, name: 'node', sudoUser: undefined },
    { uid: 65_534, name: 'nobody', sudoUser: undefined },
    { uid: 4_711, name: undefined, sudoUser: undefined },
    { ...service, sudoUser: 'nobody' },
  ]
  const refusal = (user: SystemUser) => {
    try {
      return actor(commandLine(), user)
    } catch (error) {
      return error
    }
  }
  for (const user of impersonal)
    t.ok(refusal(user) instanceof UsageError, `${user.name ?? user.uid}, sudo: ${user.sudoUser}`)
  t.match(refusal(service), { message: /--by NAME/ })
})
