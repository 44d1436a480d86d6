import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { findCycles } from './find-cycles.js'
import { type Import, importsBelow, roomOf, sourcesBelow, targetOf } from './read-imports.js'
import { allowed, besides, common, doors, makers, owners, ports, withoutQueries } from './rules.js'

/** What is wrong, and where. */
export interface Breach {
  file: string
  rule: string
}

/** Reads every file below `src` and returns what the house does not allow. */
export function breaches(src: string): Breach[] {
  const imports = importsBelow(src)
  const inside = imports.filter(({ module }) => module.startsWith('.'))
  const outside = imports.filter(({ module }) => !module.startsWith('.'))
  return [
    ...inside.flatMap(one => breach(one, insideRule(one))),
    ...outside.flatMap(one => breach(one, outsideRule(one))),
    ...cyclesAmong(inside),
    ...unusedPermissions(inside),
    ...forgeries(src),
    ...queries(src),
  ]
}

const breach = ({ file }: Import, rule: string | undefined): Breach[] => (rule ? [{ file, rule }] : [])

function insideRule(one: Import): string | undefined {
  const [from, target] = [roomOf(one.file), targetOf(one)]
  // What lies beside src/ is the lab.
  if (target.startsWith('..')) return from === 'cli.ts' ? undefined : 'only cli.ts reaches out of src'
  const to = roomOf(target)
  if (to === from) return undefined
  if (from === 'keeper') return 'keeper imports no other room'
  const may = allowed[from]
  if (!may) return `${from} is no room of the house`
  if (isCommon(to)) return commonRule(from, to)
  if (![...may, ...(besides[one.file] ?? [])].includes(to)) return `${from} may not import ${to}`
  if (doors[to] && !doors[to].test(target)) return `${target} is no door of ${to}`
  if (to === 'call' && from !== 'main' && !ports.test(target)) return `${target} is a door for main only`
  return undefined
}

const isCommon = (room: string): boolean => (common as readonly string[]).includes(room)

/** Common rooms build on each other in the order in which they are listed. */
function commonRule(from: string, to: string): string | undefined {
  const places: readonly string[] = common
  return isCommon(from) && places.indexOf(to) > places.indexOf(from)
    ? `${from} may not import ${to}`
    : undefined
}

function outsideRule({ file, module, computed }: Import): string | undefined {
  const room = roomOf(file)
  const parts = module.split('/')
  const name = parts.slice(0, module.startsWith('@') ? 2 : 1).join('/')
  const owner = owners[name] ?? owners[parts[0]!]
  if (computed && !owner) return 'import() of a name that is known only at run time'
  if (room === 'keeper' && !module.startsWith('node:')) return 'keeper imports no package'
  if (owner && !owner.some(one => one === room || file.startsWith(`${one}/`)))
    return `${name} belongs to ${owner.join(', ')}`
  if (!owner && !module.startsWith('node:')) return `${name} has no owner in the table`
  return undefined
}

function cyclesAmong(imports: readonly Import[]): Breach[] {
  const files = imports.map(one => [one.file, targetOf(one)] as const)
  const rooms = files
    .map(([from, to]) => [roomOf(from), roomOf(to)] as const)
    .filter(([from, to]) => from !== to)
  return [...findCycles(files), ...findCycles(rooms)].map(cycle => ({
    file: cycle[0]!,
    rule: `a cycle: ${cycle.join(', ')}`,
  }))
}

/** Rooms and files that stand below `src`, with permissions that they do not need. */
function unusedPermissions(imports: readonly Import[]): Breach[] {
  const used = new Set(imports.map(one => `${roomOf(one.file)} ${roomOf(targetOf(one))}`))
  for (const one of imports) used.add(`${one.file} ${roomOf(targetOf(one))}`)
  const present = new Set(imports.flatMap(({ file }) => [file, roomOf(file)]))
  return [...Object.entries(allowed), ...Object.entries(besides)]
    .filter(([owner]) => present.has(owner))
    .flatMap(([owner, may]) =>
      may
        .filter(to => !used.has(`${owner} ${to}`))
        .map(to => ({ file: owner, rule: `the permission to import ${to} is not used` })),
    )
}

/** The methods with which a query of Kysely begins. */
const QUERY_METHODS = ['selectFrom', 'insertInto', 'updateTable', 'deleteFrom', 'mergeInto']

/** Queries in rooms that have none. */
function queries(src: string): Breach[] {
  return sourcesBelow(src)
    .filter(file => withoutQueries.includes(roomOf(file)))
    .flatMap(file => {
      const found: Breach[] = []
      const visit = (node: ts.Node): void => {
        if (beginsQuery(node)) found.push({ file, rule: `${roomOf(file)} has no queries` })
        ts.forEachChild(node, visit)
      }
      const text = readFileSync(join(src, file), 'utf8')
      visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true))
      return found
    })
}

function beginsQuery(node: ts.Node): boolean {
  if (ts.isTaggedTemplateExpression(node)) return node.tag.getText() === 'sql'
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false
  return QUERY_METHODS.includes(node.expression.name.text)
}

/** Casts and constructions of a type outside the room that makes its values. */
function forgeries(src: string): Breach[] {
  return sourcesBelow(src).flatMap(file => {
    const found: Breach[] = []
    const note = (name: string) => {
      const maker = makers[name]
      if (maker && maker !== roomOf(file) && maker !== file)
        found.push({ file, rule: `only ${maker} makes a ${name}` })
    }
    const visit = (node: ts.Node): void => {
      if (ts.isAsExpression(node) && ts.isTypeReferenceNode(node.type)) note(node.type.typeName.getText())
      if (ts.isNewExpression(node)) note(node.expression.getText())
      ts.forEachChild(node, visit)
    }
    const text = readFileSync(join(src, file), 'utf8')
    visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true))
    return found
  })
}
