// Real: the scripts of bin/, each as a separate process in a checkout of its own. Fake: the compiler, the bundler, the bill of materials, the program.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { projectRoot } from '../../../src/lib/process/project.js'
import { scratch, until } from '../../support/processes/database.js'

const SECRETS = { DATABASE_URL: 'postgres://a:geheim@b/c', ARI_PASSWORD: 'geheim', AWS_SECRET_KEY: 'geheim' }

/** A compiler that writes down its environment and then runs `then`. */
const compiler = (then: string) => `const { writeFileSync } = require('node:fs')
writeFileSync('compiler.json', JSON.stringify({ pid: process.pid, env: process.env }))
${then}
`
const WRITES = `require('node:fs').mkdirSync('dist/src', { recursive: true })
writeFileSync('dist/src/cli.js', "export const main = async args => console.log('built', args[0])")`

/** Ends a process by SIGTERM in the moment in which it has started a child, whose process id it writes down. */
const SIGNAL_AT_START = `import childProcess from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
const { spawn } = childProcess
childProcess.spawn = (...words) => {
  const child = spawn(...words)
  writeFileSync('started', String(child.pid))
  process.kill(process.pid, 'SIGTERM')
  return child
}
syncBuiltinESMExports()`

/** A checkout with installed packages and no build. */
async function checkout(t: Test, then = WRITES): Promise<string> {
  const dir = await scratch(t)
  const root = projectRoot()
  await cp(join(root, 'bin'), join(dir, 'bin'), { recursive: true })
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.json'])
    await cp(join(root, name), join(dir, name))
  for (const script of ['bundle.js', 'bill-of-materials.js']) await writeFile(join(dir, 'bin', script), '')
  await mkdir(join(dir, 'src'))
  await mkdir(join(dir, 'dist'))
  await writeFile(join(dir, 'src', 'cli.ts'), '')
  const tsc = join(dir, 'node_modules', 'typescript-native', 'bin')
  await mkdir(tsc, { recursive: true })
  await writeFile(join(tsc, 'tsc'), compiler(then))
  await writeFile(join(dir, 'node_modules', '.package-lock.json'), '{}')
  return dir
}

/** Starts a script of bin/ with secrets in its environment, as a service's manager would. */
const start = (dir: string, ...words: string[]): ChildProcess =>
  spawn(process.execPath, words, { cwd: dir, env: { ...process.env, ...SECRETS, NO_COLOR: '1' } })

async function outcome(child: ChildProcess) {
  let [out, err] = ['', '']
  child.stdout!.on('data', piece => (out += piece))
  child.stderr!.on('data', piece => (err += piece))
  const [code, signal] = await once(child, 'close')
  return { code, signal, out, err }
}

const compilerOf = async (dir: string): Promise<{ pid: number; env: object } | undefined> =>
  JSON.parse(await readFile(join(dir, 'compiler.json'), 'utf8').catch(() => 'null')) ?? undefined

t.test('a service never installs or compiles: it says what to run, and ends', async t => {
  const dir = await checkout(t)
  const refused = { code: 1, out: '', err: /^consentry: .*run `npm ci && npm run build` there\.\n$/ }
  for (const verb of ['serve', 'migrate', 'calls', 'purge'])
    t.match(await outcome(start(dir, 'bin/consentry.js', verb)), refused, verb)
  t.equal(await compilerOf(dir), undefined)

  t.match(await outcome(start(dir, 'bin/build.js')), { code: 0 })
  t.match(await outcome(start(dir, 'bin/consentry.js', 'serve')), { code: 0, out: 'built serve\n', err: '' })

  await writeFile(join(dir, 'src', 'cli.ts'), '// changed')
  t.match(await outcome(start(dir, 'bin/consentry.js', 'serve')), refused, 'older than its sources')
})

t.test('a service does not start from a build that failed', async t => {
  const dir = await checkout(t, `${WRITES}\nprocess.exitCode = 2`)
  t.match(await outcome(start(dir, 'bin/build.js')), { code: 1, err: /compiling failed/ })
  t.match(await outcome(start(dir, 'bin/consentry.js', 'serve')), { code: 1, err: /npm run build/ })
})

t.test('a build removes what was compiled from sources that are gone', async t => {
  const dir = await checkout(t)
  await mkdir(join(dir, 'dist', 'test'))
  const left = ['moved.test.js', 'moved.test.js.map'].map(name => join(dir, 'dist', 'test', name))
  const other = join(dir, 'dist', '.tsbuildinfo')
  for (const path of [...left, other]) await writeFile(path, '')
  t.match(await outcome(start(dir, 'bin/build.js')), { code: 0 })
  for (const path of left) t.notOk(existsSync(path), path)
  for (const path of [other, join(dir, 'dist', 'src', 'cli.js')]) t.ok(existsSync(path), path)
})

t.test('the demo and the lab compile what they need, and the compiler gets no secret', async t => {
  for (const verb of ['demo', 'lab']) {
    const dir = await checkout(t)
    t.match(await outcome(start(dir, 'bin/consentry.js', verb)), { code: 0, out: `built ${verb}\n` })
    const { env } = (await compilerOf(dir))!
    t.match(env, { PATH: process.env['PATH'] })
    for (const name of Object.keys(SECRETS)) t.notOk(name in env, name)
  }
})

t.test('the end of the preparation ends the compiler and its child', async t => {
  const dir = await checkout(
    t,
    `const child = require('node:child_process').spawn('sleep', ['600'])
writeFileSync('child', String(child.pid))
setInterval(() => {}, 1000)`,
  )
  const wrapper = start(dir, 'bin/consentry.js', 'lab')
  const ended = outcome(wrapper)
  const child = () => readFile(join(dir, 'child'), 'utf8').catch(() => '')
  await until(async () => (await child()) !== '')
  const pids = [(await compilerOf(dir))!.pid, Number(await child())]
  for (const pid of pids) t.ok(await runs(pid), 'it runs before')
  wrapper.kill('SIGTERM')
  t.match(await ended, { signal: 'SIGTERM' })
  for (const [i, pid] of pids.entries())
    await t.resolves(
      until(async () => !(await runs(pid))),
      i === 0 ? 'the compiler ends' : 'its child ends',
    )
})

t.test('a signal that comes as soon as the compiler starts ends the compiler, too', async t => {
  const dir = await checkout(t, 'setInterval(() => {}, 1000)')
  await writeFile(join(dir, 'signal.mjs'), SIGNAL_AT_START)
  const wrapper = start(dir, '--import', './signal.mjs', 'bin/consentry.js', 'lab')
  t.match(await once(wrapper, 'exit'), { 0: null, 1: 'SIGTERM' })
  const pid = Number(await readFile(join(dir, 'started'), 'utf8'))
  t.teardown(() => {
    if (existsSync(`/proc/${pid}`)) process.kill(pid, 'SIGKILL')
  })
  await t.resolves(until(async () => !(await runs(pid))))
})

/** Whether a process runs. A process that has ended and was not reaped does not run. */
async function runs(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat !== '' && !/\) Z /.test(stat)
}
