// Real: the list of files in main.ts, the files that it names and their imports, the architecture page. Fake: nothing.
import t from 'tap'
import { readProject, readWay, unreachedFiles } from './read-way.js'

/** Most files that a newcomer can be asked to read from the dialplan's `Gosub` to a committed yes. */
const MOST_FILES = 15

const { files, wrong } = readWay('src/main/main.ts')

t.test('the way of a yes is a list of at most 15 files that exist', async t => {
  t.strictSame(wrong, [])
  t.ok(files.length > 10 && files.length <= MOST_FILES, `${files.length} files`)
  t.match(files[0]!, 'asterisk/consentry.conf')
  t.match(readProject(files.at(-1)!), /connection\.query\('commit'\)/, 'the last file commits')
})

t.test('each file of the way is reached from one before it', async t => {
  t.strictSame(unreachedFiles(files.slice(1), ['src/call/ports.ts', 'src/core/ports.ts']), [])
})

t.test('rooms on the way that share only a port are connected by main.ts', async t => {
  const rooms = new Set(files.slice(1).map(file => file.split('/')[1]!))
  t.strictSame([...rooms], ['asterisk', 'call', 'journal'])
  const main = readProject('src/main/main.ts')
  const entries = ['asterisk/telephony', 'call/run/calls', 'journal/journal']
  t.strictSame(
    entries.filter(entry => !main.includes(`from '../${entry}.js'`)),
    [],
  )
})

t.test('the architecture page names the list', async t => {
  t.match(
    readProject('docs/architecture.md'),
    /`Gosub` to a committed yes is \w+ files\. \[main\.ts\]\(\.\.\/src\/main\/main\.ts\)/,
  )
})
