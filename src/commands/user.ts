import { type Invitation, inviteUser, linkOf, resetUser } from '../accounts/invitations.js'
import { recordTraining } from '../accounts/training.js'
import { changeRoles, disableUser, enableUser, listUsers, type UserSummary } from '../accounts/users.js'
import { ROLES, type Role } from '../core/actor.js'
import { dayOf } from '../core/clock.js'
import { counted } from '../lib/plural.js'
import { actor, byOption } from './actor.js'
import { type Command, print, type Request, text, texts, UsageError } from './command.js'
import { momentOf } from './moment.js'
import { nested } from './nested.js'
import { table } from './table.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Adds, lists, resets and disables people who sign in to the console',
  details: `add and reset print a link. It is valid for 7 days and once: whoever has it sets passphrase and second factor, or a passkey, so hand it to that person alone. reset takes passphrase, second factor, passkeys, recovery codes and sessions away. Roles: ${ROLES.join(', ')}; docs/commands.md says what each may do.`,
  example: 'user add maria --role administrator',
  options: {
    role: { type: 'string', multiple: true },
    what: { type: 'string' },
    on: { type: 'string' },
    ...byOption,
  },
  ...nested({
    add: {
      does: 'Lets a person into the console: prints the link',
      usage: 'NAME --role ROLE… [--by NAME]',
      run: add,
    },
    list: {
      does: 'Lists people with roles, sessions, rules acknowledged and training',
      usage: '',
      run: list,
    },
    roles: { does: 'Gives a person other roles', usage: 'NAME --role ROLE… [--by NAME]', run: roles },
    reset: { does: 'Lets a person in again, by a new link', usage: 'NAME [--by NAME]', run: reset },
    disable: { does: 'Keeps a person out, at once', usage: 'NAME [--by NAME]', run: disable },
    enable: { does: 'Lets a person in again', usage: 'NAME [--by NAME]', run: enable },
    training: {
      does: 'Records a training, of today or another day',
      usage: 'NAME --what TEXT [--on DAY] [--by NAME]',
      run: training,
    },
  }),
}

async function add(request: Request, name: string): Promise<number> {
  const given = rolesOf(request)
  const by = actor(request)
  return withProject(async project => {
    const made = await inviteUser(project, by, { name, roles: given })
    return printLink(request, made, linkOf(project.config, made).reveal())
  })
}

async function reset(request: Request, name: string): Promise<number> {
  const by = actor(request)
  return withProject(async project => {
    const made = await resetUser(project, by, name)
    return printLink(request, made, linkOf(project.config, made).reveal())
  })
}

function printLink(request: Request, { name, expiresAt }: Invitation, link: string): number {
  const until = expiresAt.toISOString()
  print(request, { name, link, expiresAt: until }, `${link}\n`)
  if (!request.json)
    process.stderr.write(
      `Hand this link to ${name} alone: it is shown only this once, and valid once, until ${until}.\n`,
    )
  return 0
}

async function list(request: Request): Promise<number> {
  const users = await withProject(listUsers)
  return print(request, users, table(HEAD, users.map(row), 'No users yet.'))
}

const HEAD = [
  'user',
  'roles',
  'state',
  'sessions',
  'signs in by',
  'rules acknowledged',
  'training',
  'made',
  'by',
]

/** The credentials of a user, one per line. */
const factorsOf = ({ factors: { passphrase, code, passkeys } }: UserSummary): string =>
  [
    ...(passphrase ? [code ? 'passphrase and code' : 'passphrase'] : []),
    ...(passkeys > 0 ? [counted(passkeys, 'passkey', 'passkeys')] : []),
  ].join('\n') || '(nothing)'

const row = (user: UserSummary): string[] => [
  user.name,
  user.roles.join('\n'),
  user.state === 'invited' && user.invitedUntil ? `invited until\n${user.invitedUntil}` : user.state,
  String(user.sessions),
  factorsOf(user),
  user.acknowledgedAt ?? '(no)',
  user.training?.on ?? '(none)',
  user.madeAt,
  user.madeBy,
]

async function roles(request: Request, name: string): Promise<number> {
  const given = rolesOf(request)
  const by = actor(request)
  await withProject(project => changeRoles(project, by, name, given))
  return printDone(request, { name, roles: given }, `User ${name} has the roles: ${given.join(', ')}.`)
}

async function disable(request: Request, name: string): Promise<number> {
  const by = actor(request)
  await withProject(project => disableUser(project, by, name))
  return printDone(request, { name, disabled: true }, `User ${name} is disabled. All sessions have ended.`)
}

async function enable(request: Request, name: string): Promise<number> {
  const by = actor(request)
  await withProject(project => enableUser(project, by, name))
  return printDone(request, { name, disabled: false }, `User ${name} may sign in again.`)
}

async function training(request: Request, name: string): Promise<number> {
  const what = text(request, 'what')
  if (what === undefined) throw new UsageError('say which training: --what TEXT')
  const on = dayOf(momentOf(request, 'on')?.getTime() ?? Date.now())
  const by = actor(request)
  await withProject(project => recordTraining(project, by, name, { what, on }))
  return printDone(request, { name, what, on }, `A training of ${name} on ${on} is recorded.`)
}

function printDone(request: Request, document: object, words: string): number {
  return print(request, document, `${words}\n`)
}

function rolesOf(request: Request): Role[] {
  const given = texts(request, 'role').map(roleOf)
  if (given.length > 0) return given
  throw new UsageError(`A user needs a role: --role ${ROLES.join(', ')}.`)
}

function roleOf(given: string): Role {
  const role = ROLES.find(one => one === given)
  if (role) return role
  throw new UsageError(`--role is one of: ${ROLES.join(', ')}`)
}
