import { readOwner } from '../config/read-owner.js'
import { migrate } from '../db/migrate.js'
import { type Command, noWords, printJson, text, UsageError } from './command.js'

export const command: Command = {
  summary: "Brings the database's schema up to date",
  details:
    'Runs as the owner of the database (DATABASE_ADMIN_URL), before each new version of the service. Gives the role of the service its privileges. --role: that role; by default the one in DATABASE_URL.',
  usage: ['[--role ROLE]'],
  example: 'migrate',
  options: { role: { type: 'string' } },
  async run(request) {
    noWords(request)
    const owner = readOwner(process.env)
    const role = text(request, 'role')?.trim() || owner.role
    if (!role) throw new UsageError("name the service's role: --role consentry, or a DATABASE_URL")
    const { applied } = await migrate(owner.adminUrl, role)
    if (request.json) printJson({ applied, role })
    else process.stdout.write(`${told(applied)} The role ${role} has its privileges.\n`)
    return 0
  },
}

const told = (applied: readonly string[]): string =>
  applied.length === 0 ? 'The schema was up to date.' : `Carried out: ${applied.join(', ')}.`
