import { readOwner } from '../config/read-owner.js'
import { migrate } from '../db/migrate.js'
import { type Command, noWords, print, text, UsageError } from './command.js'

export const command: Command = {
  summary: "Brings the database's schema up to date",
  details:
    'Runs as the owner of the database (DATABASE_ADMIN_URL), before each new version of the service. Gives the roles of service and console their privileges. --role: the role of the service; by default the one in DATABASE_URL. --console-role: that of the console; by default the one in DATABASE_CONSOLE_URL.',
  usage: ['[--role ROLE] [--console-role ROLE]'],
  example: 'migrate',
  options: { role: { type: 'string' }, 'console-role': { type: 'string' } },
  async run(request) {
    noWords(request)
    const owner = readOwner(process.env)
    const role = text(request, 'role')?.trim() || owner.service
    if (!role) throw new UsageError("name the service's role: --role consentry, or a DATABASE_URL")
    const consoleRole = text(request, 'console-role')?.trim() || owner.console
    const { applied } = await migrate(owner.adminUrl, { service: role, console: consoleRole })
    const roles = consoleRole ? `The roles ${role} and ${consoleRole} have` : `The role ${role} has`
    const privileges = consoleRole ? 'their privileges' : 'its privileges'
    return print(
      request,
      { applied, role, consoleRole: consoleRole ?? null },
      `${appliedText(applied)} ${roles} ${privileges}.\n`,
    )
  },
}

const appliedText = (applied: readonly string[]): string =>
  applied.length === 0 ? 'The schema was up to date.' : `Carried out: ${applied.join(', ')}.`
