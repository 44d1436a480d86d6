// Real: the test files of the project. Fake: the test files with planted breaches.
import { join } from 'node:path'
import t from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'
import { foldersThatSayWhatIsReal, foldersWithStrictChecks } from './rules.js'
import { silentFirstLines, weakChecks } from './test-breaches.js'

const tests = join(projectRoot(), 'test')

t.test('the first line of every test file says what is real', async t => {
  t.strictSame(silentFirstLines(tests, foldersThatSayWhatIsReal), [])
})

t.test('no test has a check that holds too easily', async t => {
  t.strictSame(weakChecks(tests, foldersWithStrictChecks), [])
})

t.test('a first line that does not say what is real is found', async t => {
  const folder = t.testdir({
    unit: {
      'good.test.ts': '// Real: the parser. Fake: none.\n',
      'late.test.ts': "import t from 'tap'\n// Real: the parser. Fake: none.\n",
      'empty.test.ts': '// Real: \n',
      'helper.ts': '',
      room: { 'other.test.ts': '// Fake: all.\n' },
    },
    other: { 'unread.test.ts': '' },
  })
  t.strictSame(
    silentFirstLines(folder, ['unit']).map(({ file }) => file),
    ['unit/empty.test.ts', 'unit/late.test.ts', 'unit/room/other.test.ts'],
  )
})

t.test('a list that is matched only in part, and a check that always holds, are found', async t => {
  const folder = t.testdir({
    unit: {
      'bad.test.ts': 't.match(found, [{ a: 1 }])\n',
      'worse.test.ts': "t.pass('done')\n",
      'good.test.ts': "t.match(found, { a: [1] })\nt.match(text, /a/)\nmatchEach(t, found, ['a'])\n",
    },
  })
  t.strictSame(
    weakChecks(folder, ['unit']).map(({ file }) => file),
    ['unit/bad.test.ts', 'unit/worse.test.ts'],
  )
})

t.test('a folder without test files is an error', async t => {
  const folder = t.testdir({ unit: { 'helper.ts': '' } })
  t.throws(() => silentFirstLines(folder, ['unit']), /no test files/)
  t.throws(() => silentFirstLines(folder, ['nowhere']), { code: 'ENOENT' })
})
