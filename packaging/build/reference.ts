import fastify from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import type { Command } from '../../src/commands/command.js'
import type { Access } from '../../src/console/access.js'
import { apiRoutes } from '../../src/console/app.js'
import type { App, ConsoleDeps } from '../../src/console/deps.js'
import { ROLES } from '../../src/core/actor.js'

/** The groups of verbs, as src/cli.ts has them. */
type Groups = Readonly<Record<string, Readonly<Record<string, () => Promise<{ command: Command }>>>>>

const BEGIN = '<!-- begin: written by `npm run docs` -->'
const END = '<!-- end -->'

/** Puts a text between the two markers of a page. @throws Error if the page lacks them */
export function putBetweenMarkers(page: string, text: string): string {
  const [before, after] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (before < 0 || after < before) throw new Error(`the page lacks ${BEGIN} or ${END}`)
  return `${page.slice(0, before + BEGIN.length)}\n\n${text}\n\n${page.slice(after)}`
}

const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`

/** A code span in a cell of a table, where a pipe is escaped. */
const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``

/** A sentence in a cell: options and settings are code, and the documents that it names are links. */
const sentence = (text: string): string =>
  text
    .replaceAll('|', '\\|')
    .replaceAll(/(?<![\w-])--[a-z][a-z-]*(?: [A-Z]{2,})?|\b[A-Z]+(?:_[A-Z]+)+\b|\{[a-z]+\}/g, '`$&`')
    .replaceAll(/docs\/([a-z-]+\.md)/g, '[$1]($1)')

/** A usage without the option that every verb takes that is journalled with a name. */
const shown = (verb: string, usage: string): string =>
  code(`${verb} ${usage.replace(' [--by NAME]', '')}`.trim())

/** The tables of all verbs, with those below them, by who uses them. */
export async function verbTables(groups: Groups): Promise<string> {
  const tables = Object.entries(groups).map(async ([title, verbs]) => {
    const rows = Object.entries(verbs).map(async ([verb, load]) => verbRows(verb, (await load()).command))
    return [`### ${title}`, '', row('verb', 'does'), '|---|---|', ...(await Promise.all(rows)).flat()].join(
      '\n',
    )
  })
  return (await Promise.all(tables)).join('\n\n')
}

function verbRows(verb: string, { summary, usage, below }: Command): string[] {
  if (below) return below.map(one => row(shown(verb, one.usage), sentence(one.does)))
  return [row(usage.map(words => shown(verb, words)).join('<br>'), sentence(summary))]
}

/** Compares by code units, whatever the language of the machine is. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The tables of all routes of the API by path, one for each set of roles that may use them. */
export async function routeTable(): Promise<string> {
  const routes: { path: string; shown: string; roles: string }[] = []
  const app = fastify({ exposeHeadRoutes: false })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.addHook('onRoute', ({ method, url, config, schema }) => {
    const { summary } = schema as { summary: string }
    const path = url.replaceAll(/:(\w+)/g, '{$1}')
    const shown = row(code(`${method} ${path}`), sentence(summary))
    routes.push({ path, shown, roles: rolesOf(config!.access!) })
  })
  // Nothing is requested, so no part of the console is needed.
  for (const add of apiRoutes) add(app as unknown as App, {} as ConsoleDeps)
  await app.ready()
  const sorted = routes.sort((a, b) => compare(a.path, b.path))
  const tables = [...new Set(sorted.map(({ roles }) => roles))].map(roles => {
    const rows = sorted.filter(route => route.roles === roles).map(({ shown }) => shown)
    return [`#### ${roles}`, '', row('route', 'does'), '|---|---|', ...rows].join('\n')
  })
  return tables.join('\n\n')
}

function rolesOf({ roles, peopleOnly }: Access): string {
  const names = roles === 'anyone' ? [roles] : roles
  const named = names.join() === ROLES.join() ? 'every role' : names.join(', ')
  return peopleOnly ? `${named}, no token` : named
}
