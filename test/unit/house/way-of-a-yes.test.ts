// Real: the list of files in main.ts, the files that it names and their imports, the architecture page. Fake: nothing.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'
import { importsBelow, targetOf } from './read-imports.js'

/** Most files that a newcomer can be asked to read from the dialplan's `Gosub` to a committed yes. */
const MOST_FILES = 15

const root = projectRoot()
const read = (file: string) => readFileSync(join(root, file), 'utf8')

/** The numbered files of the list in main.ts. */
const way = [...read('src/main/main.ts').matchAll(/^ \* +(\d+)\. (\S+) +\S/gm)].map(([, place, file]) => ({
  place: Number(place),
  file: file!,
}))

t.test('the way of a yes is a list of at most 15 files that exist', async t => {
  t.strictSame(
    way.map(({ place }) => place),
    way.map((_, i) => i + 1),
  )
  t.ok(way.length > 10 && way.length <= MOST_FILES, `${way.length} files`)
  t.equal(new Set(way.map(({ file }) => file)).size, way.length, 'each is named once')
  t.strictSame(
    way.filter(({ file }) => !existsSync(join(root, file))),
    [],
  )
  t.match(way[0]!.file, 'asterisk/consentry.conf')
  t.match(read(way.at(-1)!.file), /connection\.query\('commit'\)/, 'the last file commits')
})

t.test('each file of the way is reached from one before it', async t => {
  const imports = importsBelow(join(root, 'src')).map(
    one => [`src/${one.file}`, `src/${targetOf(one)}`] as const,
  )
  const imported = new Map<string, Set<string>>()
  for (const [from, to] of imports) imported.set(from, (imported.get(from) ?? new Set()).add(to))
  const hasImport = (from: string, to: string) => imported.get(from)?.has(to) === true
  /** Rooms know each other only through ports. The one side calls the port, the other one is the port. */
  const sharesPort = (one: string, other: string) =>
    ['src/call/ports.ts', 'src/core/ports.ts'].some(port => hasImport(one, port) && hasImport(other, port))
  const sources = way.slice(1).map(({ file }) => file)
  const unreached = sources.slice(1).filter((file, i) => {
    const before = sources.slice(0, i + 1)
    return !before.some(one => hasImport(one, file) || sharesPort(one, file))
  })
  t.strictSame(unreached, [])
})

t.test('rooms on the way that share only a port are connected by main.ts', async t => {
  const rooms = new Set(way.slice(1).map(({ file }) => file.split('/')[1]!))
  t.strictSame([...rooms], ['asterisk', 'call', 'journal'])
  const main = read('src/main/main.ts')
  const entries = ['asterisk/telephony', 'call/run/calls', 'journal/journal']
  t.strictSame(
    entries.filter(entry => !main.includes(`from '../${entry}.js'`)),
    [],
  )
})

t.test('the architecture page names the list', async t => {
  t.match(
    read('docs/architecture.md'),
    /`Gosub` to a committed yes is \w+ files\. \[main\.ts\]\(\.\.\/src\/main\/main\.ts\)/,
  )
})
