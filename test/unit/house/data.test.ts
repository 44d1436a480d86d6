// Real: the page about security, the migrations, the types of tables and events. Fake: none.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'

const root = projectRoot()
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const page = read('docs/security.md')
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!)
const sorted = (names: Iterable<string>) => [...new Set(names)].sort()

/** The text below a heading, up to the next one. */
const section = (title: string) => page.split(`\n## ${title}\n`)[1]!.split('\n## ')[0]!
/** The rows of a table, as cells. */
const rows = (title: string) =>
  section(title)
    .split('\n')
    .filter(line => /^\| (?!class|log|---)/.test(line))
    .map(line =>
      line
        .split('|')
        .slice(1, -1)
        .map(cell => cell.trim()),
    )
const classes = rows('Classes of data').map(([name]) => name!)

t.test('each table of the database has one class', async t => {
  const migrations = readdirSync(join(root, 'migrations'))
    .map(name => read(`migrations/${name}`))
    .join('\n')
  const made = all(migrations, /^create (?:table|view) "?([a-z_]+)/gm)
  const listed = rows('Tables').flatMap(([, names]) => all(names!, /`([a-z_]+)`/g))
  t.strictSame([...listed].sort(), sorted(made))
})

t.test('each class that a table or file has is described', async t => {
  const used = [...rows('Tables'), ...rows('Files')].flatMap(([names]) => names!.split(', '))
  for (const name of used) t.ok(classes.includes(name), name)
  for (const [name, ...cells] of rows('Classes of data'))
    t.ok(cells.length === 4 && cells.every(cell => cell !== ''), `${name} says what, how, how long and who`)
})

t.test('each personal field of an event is named, so that all others are facts', async t => {
  const personal = /interface PersonalData \{([\s\S]*?)\n\}/.exec(read('src/core/personal-data.ts'))![1]!
  t.strictSame(
    sorted(all(section('Events'), /`([a-zA-Z.]+)`/g)),
    sorted(all(personal, /^ {2}'?([\w.]+)'?\?:/gm)),
  )
})

t.test('the log goes to standard error alone, and nothing else writes one', async t => {
  t.match(read('src/lib/log.ts'), /destination\(\{ dest: 2,/)
  for (const path of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }))
    if (/\.tsx?$/.test(path))
      t.notMatch(
        read(`src/${path}`),
        /\bconsole\.(log|error|warn|info|debug)\(|\bsyslog\b|createWriteStream/,
        path,
      )
})
