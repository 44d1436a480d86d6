// Real: the list of files in recorder.ts, the files that it names, their imports, the architecture page. Fake: nothing.
import t from 'tap'
import { readProject, readWay, unreachedFiles } from './read-way.js'

/** Most files that a newcomer can be asked to read from the keeper's socket to the disk and back. */
const MOST_FILES = 13

const { files, wrong } = readWay('src/audio/recorder.ts')

t.test('the way of a block is a list of at most 13 files that exist', async t => {
  t.strictSame(wrong, [])
  t.ok(files.length > 9 && files.length <= MOST_FILES, `${files.length} files`)
  t.match(readProject(files[0]!), /connect\(\{ path: folder\.socket/, 'the first file reads the socket')
  const disk = files.findIndex(file => /\bdatasync\(\)/.test(readProject(file)))
  const acknowledged = files.findIndex(file => file.endsWith('acknowledger.ts'))
  t.ok(disk > 0 && disk < acknowledged, 'a block is on disk before it is acknowledged')
})

t.test('each file of the way is reached from one before it', async t => {
  // The link and the tap call interfaces of their own, which client and session fulfil.
  t.strictSame(unreachedFiles(files, ['src/audio/tap/keeper-link.ts', 'src/audio/tap/tap.ts']), [])
})

t.test('the architecture page names the list', async t => {
  t.match(
    readProject('docs/architecture.md'),
    /keeper's socket to the disk is \w+ files\. \[recorder\.ts\]\(\.\.\/src\/audio\/recorder\.ts\)/,
  )
})
