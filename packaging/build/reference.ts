import fastify from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import type { Command } from '../../src/commands/command.js'
import { SETTING_TEXTS } from '../../src/config/setting-texts.js'
import type { Access } from '../../src/console/access.js'
import { apiRoutes } from '../../src/console/app.js'
import type { App, ConsoleDeps } from '../../src/console/deps.js'
import { ROLES } from '../../src/core/actor.js'

/** The groups of verbs, as src/cli.ts has them. */
type Groups = Readonly<Record<string, Readonly<Record<string, () => Promise<{ command: Command }>>>>>

/**
 * Puts a text between two markers of a page, such as `<!-- begin verbs: npm run docs -->` and `<!-- end verbs -->`.
 *
 * @param name of the two markers
 * @throws Error if the page lacks them
 */
export function putBetweenMarkers(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- begin ${name}: npm run docs -->`, `<!-- end ${name} -->`]
  const [before, after] = [page.indexOf(begin), page.indexOf(end)]
  if (before < 0 || after < before) throw new Error(`the page lacks ${begin} or ${end}`)
  return `${page.slice(0, before + begin.length)}\n\n${text}\n\n${page.slice(after)}`
}

/** A code span. */
const code = (text: string): string => `\`${text}\``

/** An item of a list: names and what is said of them. */
const item = (names: readonly string[], text: string): string =>
  `- ${names.map(code).join(', ')}: ${sentence(text)}`

/** A sentence: options and settings are code, and the documents that it names are links. */
const sentence = (text: string): string =>
  text
    .replaceAll(/(?<![\w-])--[a-z][a-z-]*(?: [A-Z]{2,})?|\b[A-Z]+(?:_[A-Z]+)+\b|\{[a-z]+\}/g, '`$&`')
    .replaceAll(/docs\/([a-z-]+\.md)/g, '[$1]($1)')

/** A usage without what may be left out, such as `[--json]`, which `consentry help VERB` has. */
const shown = (verb: string, usage: string): string =>
  `${verb} ${usage.replaceAll(/ ?\[[^\]]*\]…?/g, '').trim()}`.trim()

/** All verbs, with those below them, by who uses them. */
export async function verbList(groups: Groups): Promise<string> {
  const lists = Object.entries(groups).map(async ([title, verbs]) => {
    const items = Object.entries(verbs).map(async ([verb, load]) => verbItems(verb, (await load()).command))
    return [`### ${title}`, '', ...(await Promise.all(items)).flat()].join('\n')
  })
  return (await Promise.all(lists)).join('\n\n')
}

/** The words of a usage before its arguments: `draft new` of `draft new NUMBER`. */
const nameIn = (usage: string): string => /^[a-z]+(?: [a-z]+)*/.exec(usage)![0]

function verbItems(verb: string, { summary, usage, below }: Command): string[] {
  if (below) return [`${item([verb], summary)}: ${below.map(({ usage }) => code(nameIn(usage))).join(', ')}`]
  return [item([...new Set(usage.map(words => shown(verb, words)))], summary)]
}

/** Compares by code units, whatever the language of the machine is. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** All routes of the API by path, by the set of roles that may use them. The API's own description says what each does. */
export async function routeList(): Promise<string> {
  const routes: { path: string; shown: string; roles: string }[] = []
  const app = fastify({ exposeHeadRoutes: false })
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.addHook('onRoute', ({ method, url, config }) => {
    const path = url.replaceAll(/:(\w+)/g, '{$1}')
    const shown = code(`${method} ${path}`)
    routes.push({ path, shown, roles: rolesOf(config!.access!) })
  })
  // Nothing is requested, so no part of the console is needed.
  for (const add of apiRoutes) add(app as unknown as App, {} as ConsoleDeps)
  await app.ready()
  const sorted = routes.sort((a, b) => compare(a.path, b.path))
  const lists = [...new Set(sorted.map(({ roles }) => roles))].map(roles => {
    const shown = sorted.filter(route => route.roles === roles).map(route => route.shown)
    return `#### ${roles}\n\n${shown.join(',\n')}`
  })
  return lists.join('\n\n')
}

function rolesOf({ roles, peopleOnly }: Access): string {
  const names = roles === 'anyone' ? [roles] : roles
  const named = names.join() === ROLES.join() ? 'every role' : names.join(', ')
  return peopleOnly ? `${named}, no token` : named
}

/** All settings, in a table for each subject. */
export function settingTables(): string {
  const tables = SETTING_TEXTS.map(({ title, settings }) => {
    const rows = settings.map(
      ({ names, usual, means }) => `| ${names.map(code).join(', ')} | ${usual} | ${means} |`,
    )
    return [`### ${title}`, '', '| variable | default | meaning |', '|---|---|---|', ...rows].join('\n')
  })
  return tables.join('\n\n')
}
