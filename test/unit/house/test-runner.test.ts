// Real: the runner of `npm test` and the processes of test files. Fake: the test files.
// Alone: the runner listens to the signals of its process.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'
import { until } from '../../support/processes/database.js'

const runner = join(projectRoot(), 'bin', 'test')
const memory = new URL('../../support/processes/memory-folder.js', import.meta.url).href
const names = ['run-file.js', 'read-tap.js', 'lanes.js', 'select.js', 'table.js', 'source-lines.js']
const [
  { runFile, leftInMemory },
  { readTap },
  { runLane, runInLanes },
  { selectTests },
  { alignRows, tableRows },
  { atSources },
] = await Promise.all(names.map(name => import(pathToFileURL(join(runner, name)).href)))

/** Runs a test file with this text in the project. */
async function outcome(t: Test, text: string, times = {}) {
  const dir = t.testdir({ 'file.test.mjs': `import t from 'tap'\n${text}` })
  const { passed, failed, failures } = readTap(await runFile('file.test.mjs', { cwd: dir, ...times }))
  return { passed, failed, why: failures.join('\n') }
}

t.test('tests are counted, and the report on a failed test says where and why', async t => {
  const good = `t.test('one', async t => { t.ok(true); t.ok(true) })\n`
  t.strictSame(await outcome(t, good.repeat(2)), { passed: 2, failed: 0, why: '' })
  const bad = `t.test('two', async t => { t.equal(1, 2, 'as many') })`
  t.match(await outcome(t, good + bad), {
    passed: 1,
    failed: 1,
    why: /not ok 1 - as many.*file\.test\.mjs/s,
  })
})

t.test('a failure is told by the lines of the source, in a stack trace and in a diagnosis', async t => {
  const [root, source] = [projectRoot(), 'test/unit/house/test-runner.test.ts']
  const { stack } = new Error('here')
  const [, line, column] = /test-runner\.test\.js:(\d+):(\d+)/.exec(stack!)!
  const wanted = readFileSync(join(root, source), 'utf8')
    .split('\n')
    .findIndex(one => one.includes("new Error('here')"))
  t.match(atSources(stack!, root), `${source}:${wanted + 1}:`)
  const place = `    fileName: dist/test/unit/house/test-runner.test.js\n    lineNumber: ${line}\n    columnNumber: ${column}`
  t.match(
    atSources(place, root),
    `    fileName: ${source}\n    lineNumber: ${wanted + 1}\n    columnNumber: `,
  )
  const unknown = 'at dist/test/gone.test.js:1:2'
  t.equal(atSources(unknown, root), unknown)
})

t.test('a file that ends before its tests, or has none, fails', async t => {
  t.match(await outcome(t, ''), { passed: 0, failed: 1, why: /no tests/ })
  const exits = `t.test('one', async t => { t.ok(true); process.exit(0) })`
  t.match(await outcome(t, exits), { failed: Number, why: /unfinished/ })
  const crashes = `t.test('one', async t => { t.ok(true) }).then(() => process.kill(process.pid, 'SIGKILL'))`
  t.match(await outcome(t, crashes), { failed: 1, why: /SIGKILL/ })
})

t.test('a file that hangs is ended with all that it started', async t => {
  const dir = t.testdir({})
  const started = `import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { makeMemoryFolder } from ${JSON.stringify(memory)}
const child = spawn('sleep', ['600'])
const left = [String(child.pid), await makeMemoryFolder()]
writeFileSync(${JSON.stringify(join(dir, 'left'))}, JSON.stringify(left))
t.test('stands still', async () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))`
  // The limit is long enough that the file hangs before it, also on a busy machine.
  t.match(await outcome(t, started, { limit: 5, lastWords: 25 }), {
    passed: 0,
    failed: 1,
    why: /did not end within 5 s/,
  })
  const [pid, folder] = JSON.parse(readFileSync(join(dir, 'left'), 'utf8'))
  await until(() => !existsSync(`/proc/${pid}`))
  t.notOk(existsSync(folder), 'what it kept in memory is gone')
})

t.test('what another user keeps in memory is not removed, though the process id was the same', async t => {
  const [nobody, own] = [999_999_999, process.getuid!()]
  const folder = mkdtempSync(`/dev/shm/consentry-test-${nobody}-`)
  t.teardown(() => rmSync(folder, { recursive: true }))
  t.strictSame(leftInMemory(nobody), [folder])
  t.strictSame(leftInMemory(nobody, own + 1), [])
})

t.test('files of a lane run side by side, and one after the other while the machine is busy', async t => {
  const files = ['a', 'b', 'c', 'd', 'e']
  for (const [busy, most] of [
    [false, 2],
    [true, 1],
  ] as const) {
    const ran: string[] = []
    let [running, atOnce] = [0, 0]
    await runLane(
      [...files],
      2,
      async (file: string) => {
        atOnce = Math.max(atOnce, ++running)
        await pause(20)
        running--
        ran.push(file)
      },
      { busy: () => busy },
    )
    t.strictSame(ran, files, 'each runs once')
    t.equal(atOnce, most, busy ? 'the machine is busy' : 'the machine is not busy')
  }
})

t.test('the rows that test files show become one table, with the head once', async t => {
  const head = '| situation | asked |'
  const shows = (...rows: string[]) => `t.test('a', async t => {
    t.comment('no row')
    for (const row of ${JSON.stringify([head, ...rows])}) t.comment(row)
    t.ok(true)
  })`
  const rows: string[] = []
  for (const text of [shows('| park | 1 |'), shows('| a call of three, | 2 |', '| hold | 1 |')]) {
    const dir = t.testdir({ 'file.test.mjs': `import t from 'tap'\n${text}` })
    rows.push(...tableRows((await runFile('file.test.mjs', { cwd: dir })).tap))
  }
  t.strictSame(alignRows(rows), [
    '| situation        | asked |',
    '| park             | 1     |',
    '| a call of three, | 2     |',
    '| hold             | 1     |',
  ])
})

/** Files of each kind, more than run at once. */
const files = (folder: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${folder}/${String.fromCharCode(97 + i)}.test.js`)

t.test('each file runs once: those of units before the tools are there, the measured ones alone', async t => {
  const measured = ['call/lab-pbx.test.js', 'call/legs.test.js']
  const [units, services, calls] = [files('unit', 4), files('service', 40), files('call', 3)]
  const tests = [...calls, ...measured, ...services, ...units]
  let makePrepared = () => {}
  const prepared = new Promise<void>(resolve => (makePrepared = resolve))
  const begun: { path: string; niceness: number; beside: string[]; isLiveOver: boolean }[] = []
  const running = new Set<string>()
  let isLiveOver = false
  const run = async ([path = '']: string[], niceness: number) => {
    begun.push({ path, niceness, beside: [...running], isLiveOver })
    if (path === units[0]) makePrepared()
    running.add(path)
    await pause(path.startsWith('call') ? 20 : 5)
    running.delete(path)
  }
  const onLiveOver = () => (isLiveOver = true)
  await runInLanes(tests, prepared, run, { busy: () => false, onLiveOver })
  t.strictSame(begun.map(({ path }) => path).sort(), [...tests].sort())
  const place = (path: string) => begun.findIndex(one => one.path === path)
  t.equal(place(units[0]!), 0, 'a unit is first')
  t.ok(place(units.at(-1)!) > place(services[0]!), 'no further unit begins when the tools are there')
  for (const { path, beside } of begun) {
    const alone = [path, ...beside].some(one => measured.includes(one))
    if (alone) t.strictSame(beside, [], `${path} runs alone`)
  }
  const givesWay = ({ path, isLiveOver }: (typeof begun)[number]) =>
    /^(unit|service)/.test(path) && !isLiveOver
  t.ok(
    begun.every(one => one.niceness > 0 === givesWay(one)),
    'what is no call gives way while there are calls',
  )
  t.ok(isLiveOver && !begun.filter(one => one.isLiveOver).some(({ path }) => path.startsWith('call')))
  const most = (kind: RegExp) =>
    Math.max(...begun.map(one => one.beside.filter(path => kind.test(path)).length))
  t.ok(most(/^service/) > most(/^call/), 'the places of the calls go to the rest')
})

t.test('when the rest is over first, one more call runs', async t => {
  const cores = Math.max(2, availableParallelism())
  let [running, most] = [0, 0]
  const run = async () => {
    most = Math.max(most, ++running)
    await pause(20)
    running--
  }
  const calls = Array.from({ length: 3 * cores }, (_, i) => `call/${i}.test.js`)
  await runInLanes(calls, Promise.resolve(), run, { busy: () => false })
  t.equal(most, cores + 2)
})

t.test('nothing stands back while the machine is busy with something else', async t => {
  const niceness: number[] = []
  const run = async (_paths: string[], nice: number) => void niceness.push(nice)
  await runInLanes(files('service', 3), Promise.resolve(), run, { busy: () => true })
  t.strictSame(niceness, [0, 0, 0])
})

t.test('tools that cannot be prepared end the run', async t => {
  const ran: string[] = []
  const failing = Promise.reject(new Error('no mirror'))
  const run = async (paths: string[]) => void ran.push(...paths)
  await t.rejects(runInLanes([...files('call', 1), ...files('unit', 1)], failing, run), {
    message: 'no mirror',
  })
  t.notOk(ran.includes('call/a.test.js'), 'no test runs without them')
})

t.test('a file of the long lane alone runs there, where a word names it, and on an older Asterisk', t => {
  const heads: Record<string, string> = {
    'call/deep.test.js': '// Real: all.\n// Long only: further situations.\nimport',
    'call/plain.test.js': '// Real: all.\nimport',
    'fault/drawn.test.js': '// Real: all.\n// Long: more draws.\nimport',
    'unit/deep.test.js': '// Fake: all.\n// Long only: further inputs.\nimport',
  }
  const [deep, plain, drawn, unit] = Object.keys(heads)
  const select = (asked = {}) =>
    selectTests(Object.keys(heads).reverse(), (path: string) => heads[path], asked)
  t.strictSame(select(), [plain, drawn])
  t.strictSame(select({ long: true }), [deep, drawn, unit])
  t.strictSame(select({ words: ['deep'] }), [deep, unit])
  t.strictSame(select({ words: ['plain', 'drawn'] }), [plain, drawn])
  t.strictSame(select({ long: true, words: ['plain', 'drawn'] }), [drawn])
  t.strictSame(select({ asterisk: '16' }), [deep, plain, drawn])
  t.end()
})
