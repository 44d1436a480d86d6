import { addToken, listTokens, revokeToken, type TokenSummary } from '../accounts/tokens.js'
import { ROLES, type Role } from '../core/actor.js'
import { actor, byOption } from './actor.js'
import { type Command, print, type Request, texts, UsageError } from './command.js'
import { endOf } from './moment.js'
import { nested } from './nested.js'
import { table } from './table.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: 'Adds, lists and revokes tokens of the API',
  details: `A token is shown once, when it is added. Roles: ${ROLES.join(', ')}; docs/commands.md says what each may do.`,
  example: 'token add crm --role supervisor --until 2027-01-31',
  options: { role: { type: 'string', multiple: true }, until: { type: 'string' }, ...byOption },
  ...nested({
    add: {
      does: 'Adds a token and prints it, this only time',
      usage: 'NAME --role ROLE… [--until DATE] [--by NAME]',
      run: add,
    },
    list: { does: 'Lists the tokens', usage: '', run: list },
    revoke: { does: 'Revokes a token, at once', usage: 'NAME [--by NAME]', run: revoke },
  }),
}

async function add(request: Request, name: string): Promise<number> {
  const roles = texts(request, 'role').map(roleOf)
  if (roles.length === 0) throw new UsageError(`A token needs a role: --role ${ROLES.join(', ')}.`)
  const expiresAt = endOf(request, 'until') ?? null
  const by = actor(request)
  const made = await withProject(project => addToken(project, by, { name, roles, expiresAt }))
  const token = made.reveal()
  print(request, { name, token }, `${token}\n`)
  if (!request.json)
    process.stderr.write(
      'Keep this token now: it is shown only this once. Send it as Authorization: Bearer.\n',
    )
  return 0
}

function roleOf(given: string): Role {
  const role = ROLES.find(one => one === given)
  if (role) return role
  throw new UsageError(`--role is one of: ${ROLES.join(', ')}`)
}

async function list(request: Request): Promise<number> {
  const tokens = await withProject(listTokens)
  return print(request, tokens, table(HEAD, tokens.map(row), 'No tokens yet.'))
}

const HEAD = ['token', 'roles', 'made', 'by', 'until']

const row = ({ name, roles, madeAt, madeBy, expiresAt }: TokenSummary): string[] => [
  name,
  roles.join('\n'),
  madeAt,
  madeBy,
  expiresAt ?? '(until it is revoked)',
]

async function revoke(request: Request, name: string): Promise<number> {
  const by = actor(request)
  await withProject(project => revokeToken(project, by, name))
  return print(request, { name, revoked: true }, `Token ${name} is revoked.\n`)
}
