// Real: the page about security, the table of data, the migrations, the types of tables and events. Fake: none.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'

const root = projectRoot()
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const page = read('docs/security.md')
const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, name]) => name!)
const sorted = (names: Iterable<string>) => [...new Set(names)].sort()

/** The cells of the table of classes. */
const described = page
  .split('\n## Classes of data\n')[1]!
  .split('\n## ')[0]!
  .split('\n')
  .filter(line => /^\| (?!class)/.test(line))
  .map(line =>
    line
      .split('|')
      .slice(1, -1)
      .map(cell => cell.trim()),
  )
const classes = described.map(([name]) => name!)
const [head, ...rows] = read('docs/data.tsv')
  .replace(/\n$/, '')
  .split('\n')
  .map(line => line.split('\t'))
/** The names of one kind, such as `table`. */
const named = (kind: string) => rows.filter(row => row[0] === kind).map(([, name]) => name!)

t.test('each table of the database has one class', async t => {
  const migrations = readdirSync(join(root, 'migrations'))
    .map(name => read(`migrations/${name}`))
    .join('\n')
  const made = all(migrations, /^create (?:table|view) "?([a-z_]+)/gm)
  t.strictSame(named('table').sort(), sorted(made))
})

t.test('each class that a table or file has is described', async t => {
  t.strictSame(head, ['kind', 'name', 'class', 'note'])
  t.strictSame(sorted(rows.map(([kind]) => kind!)), ['file', 'member of an event', 'table'])
  for (const row of rows) {
    t.equal(row.length, head!.length, `${row[1]} has four columns`)
    for (const name of row[2]!.split(', ')) t.ok(classes.includes(name), name)
  }
  for (const [name, ...cells] of described)
    t.ok(cells.length === 4 && cells.every(cell => cell !== ''), `${name} says what, how, how long and who`)
})

t.test('each personal field of an event is named, so that all others are facts', async t => {
  const personal = /interface PersonalData \{([\s\S]*?)\n\}/.exec(read('src/core/personal-data.ts'))![1]!
  t.strictSame(
    named('member of an event').sort(),
    [...sorted(all(personal, /^ {2}'?([\w.]+)'?\?:/gm)), 'any other'].sort(),
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
