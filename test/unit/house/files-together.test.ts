// Real: the runner of several test files in one process, and that process. Fake: the test files.
// Alone: the runner listens to the signals of its process.
import fs, { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'

const root = projectRoot()
const names = ['run-together.js', 'read-tap.js', 'shared-state.js', 'heads.js']
const [
  { runTogether, groupTests },
  { readTap },
  { sharedState, changesOf },
  { hasLongForm, isLongOnly, sourceIn },
] = await Promise.all(names.map(name => import(pathToFileURL(join(root, 'bin', 'test', name)).href)))
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
      /unfinished|exited with/,
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

t.test('a file that hangs fails, and those after it run all the same', async t => {
  const hangs = `${passes}t.test('hangs', () => new Promise(() => setInterval(() => {}, 1_000)))`
  const all = await outcomes(t, [passes, hangs, passes, passes], { limit: 5, lastWords: 1 })
  t.strictSame(counts(all), [told(0, 1), told(1, 1, 1), told(2, 1), told(3, 1)])
  t.match(all[1]!.why, /timeout|did not end within 5 s/)
})

t.test('a process that goes on after its files fails', async t => {
  const all = await outcomes(t, [passes, `${passes}setInterval(() => {}, 1_000)`], { limit: 5, lastWords: 1 })
  t.strictSame(counts(all), [told(0, 1), told(1, 1, 1)])
  t.match(all[1]!.why, 'did not end within 5 s')
})

t.test('a file that changes what all share fails, and says what', async t => {
  const all = await outcomes(t, [
    `${passes}process.env.PATH = '/nowhere'; process.exitCode = 3`,
    `process.chdir('/')\n${passes}`,
    `const former = process.umask(0); t.teardown(() => process.umask(former))\n${passes}`,
    passes,
  ])
  t.strictSame(counts(all), [told(0, 1, 1), told(1, 1, 1), told(2, 1), told(3, 1)])
  t.match(all[0]!.why, '`// Alone: …`): its exit code; the variable PATH')
  t.match(all[1]!.why, '`// Alone: …`): its folder')
})

t.test('what a file can change is noticed', t => {
  /** Replaces a member, and gives what puts the former one back. */
  const replace = (object: object, name: string, value: unknown) => {
    const former = Object.getOwnPropertyDescriptor(object, name)
    Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true })
    return () => (former ? Object.defineProperty(object, name, former) : Reflect.deleteProperty(object, name))
  }
  const listen = (event: string) => {
    const nothing = () => {}
    process.on(event, nothing)
    return () => process.off(event, nothing)
  }
  const setUmask = () => {
    const former = process.umask(0o777)
    return () => process.umask(former)
  }
  const changes: [what: string, change: () => () => unknown][] = [
    ['the variable CONSENTRY_SHARED', () => replace(process.env, 'CONSENTRY_SHARED', 'yes')],
    ['its umask', setUmask],
    ['who listens to exit', () => listen('exit')],
    ['who listens to SIGTERM', () => listen('SIGTERM')],
    ['process.exit', () => replace(process, 'exit', () => {})],
    ['process.stderr.write', () => replace(process.stderr, 'write', () => true)],
    ['Date.now', () => replace(Date, 'now', () => 0)],
    ['Math.random', () => replace(Math, 'random', () => 0)],
    ['globalThis.setTimeout', () => replace(globalThis, 'setTimeout', () => {})],
    ['globalThis.shared', () => replace(globalThis, 'shared', () => {})],
    ['fs.readFileSync', () => replace(fs, 'readFileSync', () => '')],
    ['fs/promises.readFile', () => replace(fs.promises, 'readFile', () => '')],
  ]
  for (const [what, change] of changes) {
    const before = sharedState()
    const restore = change()
    const after = sharedState()
    restore()
    t.strictSame(changesOf(before, after), [what])
    t.strictSame(changesOf(before, sharedState()), [], `${what} is as before`)
  }
  t.end()
})

t.test('what is only read is no change', t => {
  const before = sharedState()
  t.type(globalThis.fetch, 'function')
  t.type(globalThis.crypto, 'object')
  const { write } = process.stderr
  process.stderr.write = write
  t.strictSame(changesOf(before, sharedState()), [])
  t.end()
})

t.test('files share a process, but for those that say why they are alone', t => {
  const files = (folder: string) => Array.from({ length: 20 }, (_, i) => `${folder}/${i}.test.js`)
  const source = (path: string) => {
    if (path.endsWith('/2.test.js')) return '// Real: b.\n// Alone: it ends its process.\n'
    return path.endsWith('/3.test.js') ? '// Alone:' : ''
  }
  for (const [folder, most] of [
    ['unit', 16],
    ['service', 6],
    ['call', 1],
  ] as const) {
    const groups: string[][] = groupTests(files(folder), source, false)
    t.strictSame(groups[0], [`${folder}/2.test.js`])
    t.strictSame(groups.flat().sort(), files(folder).sort(), 'each file once')
    t.equal(Math.max(...groups.map(({ length }) => length)), most, folder)
    t.equal(groups.length, 1 + Math.ceil(19 / most), 'a reason that is not told is none')
  }
  t.equal(groupTests(files('unit'), source, true).length, 20, 'the long forms of tests are alone')
  t.end()
})

t.test('a test says that it has a long form if it has one, and no other does', t => {
  const folder = join(root, 'test')
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(path =>
    path.endsWith('.test.ts'),
  )
  const wrong = files.filter(path => {
    const source = readFileSync(join(folder, path), 'utf8')
    const has = /^import \{.*\b(fuzzRuns|isLong|lookInAllForms)\b.*\} from/m.test(source)
    return has !== hasLongForm(source)
  })
  t.strictSame(wrong, [])
  t.ok(hasLongForm('// Real: a.\n// Long: more of them.\n') && !hasLongForm('// Long:\n'))
  t.end()
})

t.test('a test of the long lane alone names what covers its promise in `npm test`', t => {
  const folder = join(root, 'test')
  const heads = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter(path => path.endsWith('.test.ts'))
    .map(path => ({ path: path.replace('.test.ts', ''), source: readFileSync(join(folder, path), 'utf8') }))
  const longOnly = heads.filter(({ source }) => isLongOnly(source))
  const short = heads.filter(one => !longOnly.includes(one)).map(({ path }) => path)
  const uncovered = longOnly.filter(({ source }) => {
    const [why] = /^\/\/ Long only: [\s\S]*?\.$/m.exec(source)!
    const named = [...why.matchAll(/`([a-z]+\/[^`]+)`/g)].map(([, word]) => word!)
    return named.length === 0 || !named.every(word => short.some(path => `${path}/`.startsWith(`${word}/`)))
  })
  t.strictSame(
    uncovered.map(({ path }) => path),
    [],
  )
  t.ok(longOnly.length > 0)
  t.end()
})

t.test('a test that sets the languages of its process is alone', t => {
  const read = sourceIn(join(root, 'test'))
  for (const [folder, sets] of [
    ['unit', /^\s*useLanguages\(/m],
    ['service', /CONSENTRY_LANGUAGES/],
  ] as const) {
    const all = readdirSync(join(root, 'test', folder), { recursive: true, encoding: 'utf8' })
      .filter(path => path.endsWith('.test.ts'))
      .map(path => join(folder, path.replace(/ts$/, 'js')))
    const setting = all.filter(path => sets.test(read(path)))
    t.ok(setting.length > 0, `such a test is found in ${folder}`)
    const groups: string[][] = groupTests(all, read, false)
    for (const path of setting)
      t.strictSame(
        groups.find(group => group.includes(path)),
        [path],
      )
  }
  t.ok(readFileSync(join(root, 'bin', 'test.js'), 'utf8').includes('groupTests('), 'the runner groups them')
  t.end()
})
