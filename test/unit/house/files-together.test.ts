// Real: the runner of several test files in one process, and that process. Fake: the test files.
// Alone: the runner listens to the signals of its process.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { projectRoot } from '../../../src/process/project.js'

const root = projectRoot()
const names = ['run-together.js', 'read-tap.js', 'shared-state.js']
const [{ runTogether, groupTests, sourceIn }, { readTap }, { sharedState, changesOf }] = await Promise.all(
  names.map(name => import(pathToFileURL(join(root, 'bin', 'test', name)).href)),
)
/** What a test gets as `tap` if its file shares a process. */
const tap = pathToFileURL(join(root, 'dist', 'test', 'node_modules', 'tap', 'together.js')).href

interface Run {
  readonly file: string
  readonly seconds: number
  readonly ended: string
  readonly tap: string
  readonly said: string
}

/** Runs files with these texts in one process, and gives what came of each. */
async function outcomes(t: Test, texts: string[], times = {}) {
  const imported = `import t from ${JSON.stringify(tap)}\n`
  const files = Object.fromEntries(texts.map((text, i) => [`${i}.test.mjs`, imported + text]))
  const cwd = t.testdir(files)
  const runs: Run[] = []
  await runTogether(Object.keys(files), { cwd, ...times }, (run: Run) => void runs.push(run))
  return runs.map(run => {
    const { passed, failed, failures } = readTap(run)
    return { file: run.file[0], passed, failed, why: failures.join('\n'), said: run.said }
  })
}

const passes = `t.test('one', async t => t.ok(true))\n`
const told = (file: number, passed: number, failed = 0) => ({ file: String(file), passed, failed })
const counts = (all: { file?: string | undefined; passed: number; failed: number }[]) =>
  all.map(({ file, passed, failed }) => ({ file, passed, failed }))

t.test('each file has its own result, report and words', async t => {
  const all = await outcomes(t, [
    `${passes}process.stderr.write('first\\n')\n`,
    `${passes}t.test('two', async t => { process.stderr.write('cut'); t.equal(1, 2, 'as many') })`,
    `t.equal(1, 1)\n${passes.repeat(2)}process.stderr.write('third\\n')`,
  ])
  t.strictSame(counts(all), [told(0, 1), told(1, 1, 1), told(2, 3)])
  t.match(all[1]!.why, /not ok 1 - as many.*1\.test\.mjs.*\nnot ok 2 - two/s)
  t.notMatch(all[1]!.why, /planned|exited|as a whole|bin.test/)
  t.strictSame([all[0]!.why, all[2]!.why], ['', ''])
  t.strictSame(
    all.map(({ said }) => said),
    ['first\n', 'cut', 'third\n'],
  )
})

t.test('the tests of a file are over, with its teardown, before the next file begins', async t => {
  const note = (what: string) => `globalThis.process.stderr.write('${what}\\n')`
  const slow = `await new Promise(done => setTimeout(done, 20))`
  const all = await outcomes(t, [
    `t.teardown(() => ${note('torn down')})\nt.test('one', async t => { t.ok(true); ${slow}; ${note('one')} })
t.test('two', async t => { t.ok(true); ${note('two')} })`,
    `${note('next')}\n${passes}`,
  ])
  t.strictSame(counts(all), [told(0, 2), told(1, 1)])
  t.strictSame([all[0]!.said, all[1]!.said], ['one\ntwo\ntorn down\n', 'next\n'])
})

t.test('a file that has no tests, or breaks off, fails by itself', async t => {
  const all = await outcomes(t, ['', passes, `${passes}throw new Error('broken')`, passes])
  t.strictSame(counts(all), [told(0, 0, 1), told(1, 1), told(2, 1, 1), told(3, 1)])
  t.match(all[0]!.why, 'no tests')
  t.match(all[2]!.why, 'broken')
})

t.test('a file that ends the process fails, and those after it run all the same', async t => {
  for (const [end, why] of [
    ['process.exit(0)', /unfinished/],
    [`process.kill(process.pid, 'SIGKILL')`, /SIGKILL/],
    [
      `setTimeout(() => { throw new Error('thrown late') }); await new Promise(() => {})`,
      /exited with|ended|late/,
    ],
  ] as const) {
    const ends = `${passes}t.test('ends', async t => { ${end} })`
    const all = await outcomes(t, [passes, ends, passes, passes])
    t.strictSame(
      all.map(({ file, failed }) => ({ file, failed: failed > 0 })),
      ['0', '1', '2', '3'].map(file => ({ file, failed: file === '1' })),
      end,
    )
    t.match(all[1]!.why, why)
  }
})

t.test('a process that goes on after its files fails', async t => {
  const all = await outcomes(t, [passes, `${passes}setInterval(() => {}, 1_000)`], { limit: 2, lastWords: 1 })
  t.strictSame(counts(all), [told(0, 1), told(1, 1, 1)])
  t.match(all[1]!.why, 'did not end within 2 s')
})

t.test('a file that changes what all share fails, and says what', async t => {
  for (const [change, what] of [
    [`process.env.PATH = '/nowhere'`, 'the variable PATH'],
    [`delete process.env.HOME`, 'the variable HOME'],
    [`process.chdir('/')`, 'its folder'],
    [`process.umask(0o777)`, 'its umask'],
    [`process.exitCode = 3`, 'its exit code'],
    [`process.on('exit', () => {})`, 'who listens to exit'],
    [`process.on('SIGTERM', () => {})`, 'who listens to SIGTERM'],
    [`process.exit = () => {}`, 'process.exit'],
    [`Date.now = () => 0`, 'Date.now'],
    [`globalThis.setTimeout = () => {}`, 'globalThis.setTimeout'],
    [`globalThis.shared = () => {}`, 'globalThis.shared'],
    [`Math.random = () => 0`, 'Math.random'],
    [`process.stderr.write = () => {}`, 'process.stderr.write'],
    [`;(await import('node:fs')).default.readFileSync = () => ''`, 'fs.readFileSync'],
  ] as const) {
    const [changed] = await changing(t, change)
    t.strictSame([changed!.passed, changed!.failed], [1, 1], change)
    t.match(changed!.why, `\`// Alone: …\`): ${what};`)
  }
  const [restored] = await changing(
    t,
    `const former = process.umask(0); t.teardown(() => process.umask(former))`,
  )
  t.strictSame(counts([restored!]), [told(0, 1)], 'what is restored at the end is allowed')
})

const changing = (t: Test, change: string) => outcomes(t, [`${passes}${change}`, passes])

t.test('what is only read is no change', t => {
  const before = sharedState()
  t.type(globalThis.fetch, 'function')
  t.type(globalThis.crypto, 'object')
  t.strictSame(changesOf(before, sharedState()), [])
  t.end()
})

t.test('files share a process, but for those that say why they are alone', t => {
  const sources: Record<string, string> = {
    ...{
      'a.js': '',
      'b.js': '// Real: b.\n// Alone: it ends its process.\n',
      'c.js': '',
      'd.js': '// Alone:',
    },
  }
  const read = (path: string) => sources[path]!
  t.strictSame(groupTests(Object.keys(sources), read, 2), [['b.js'], ['a.js', 'c.js'], ['d.js']])
  t.strictSame(
    groupTests(Object.keys(sources), read, 1).flat(),
    ['b.js', 'a.js', 'c.js', 'd.js'],
    'the long forms of tests are alone',
  )
  t.end()
})

t.test('a test that sets the languages of its process is alone', t => {
  const read = sourceIn(join(root, 'test'))
  const units = readdirSync(join(root, 'test', 'unit'), { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.test.ts'))
    .map(path => join('unit', path.replace(/ts$/, 'js')))
  const setting = units.filter(path => /^\s*useLanguages\(/m.test(read(path)))
  t.ok(setting.length > 0, 'such a test is found')
  const groups = groupTests(units, read) as string[][]
  for (const path of setting)
    t.strictSame(
      groups.find(group => group.includes(path)),
      [path],
    )
  t.ok(readFileSync(join(root, 'bin', 'test.js'), 'utf8').includes('groupTests('), 'the runner groups them')
  t.end()
})
