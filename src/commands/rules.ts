import { readFile } from 'node:fs/promises'
import { listRules, publishRules, type RulesVersion } from '../accounts/rules.js'
import { actor, byOption } from './actor.js'
import { type Command, print, type Request } from './command.js'
import { nested } from './nested.js'
import { table } from './table.js'
import { withProject } from './with-project.js'

export const command: Command = {
  summary: "Publishes and shows the company's rules for those who work with recordings",
  details:
    'Whoever has not acknowledged the version in force may not hear recordings. People acknowledge it in the console, each for themselves.',
  example: 'rules publish rules.txt',
  options: { ...byOption },
  ...nested({
    publish: { does: 'Puts rules into force', usage: 'FILE [--by NAME]', run: publish },
    show: { does: 'Prints the rules in force', usage: '', run: show },
    list: { does: 'Lists all versions, and how many people have acknowledged each', usage: '', run: list },
  }),
}

async function publish(request: Request, file: string): Promise<number> {
  // Normalised as a form of the console is, so that the same text has the same version by either way.
  const text = (await readFile(file, 'utf8')).replaceAll('\r\n', '\n').trim()
  const by = actor(request)
  const version = await withProject(project => publishRules(project, by, text))
  return print(request, { version }, `the rules are in force: version ${version}\n`)
}

/** @returns 1 if no rules are in force */
async function show(request: Request): Promise<number> {
  const [rules] = await withProject(listRules)
  print(request, rules ?? null, rules ? `${rules.text}\n` : 'No rules are in force.\n')
  return rules ? 0 : 1
}

async function list(request: Request): Promise<number> {
  const versions = await withProject(listRules)
  return print(
    request,
    versions,
    table(['version', 'published', 'by', 'acknowledged'], versions.map(row), 'No rules are in force.'),
  )
}

const row = ({ version, publishedAt, publishedBy, acknowledged, inForce }: RulesVersion): string[] => [
  ...[inForce ? `${version.slice(0, 12)} (in force)` : version.slice(0, 12), publishedAt, publishedBy],
  String(acknowledged),
]
