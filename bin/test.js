// `npm test`: prepares what the tests need, then runs them all. `--asterisk 16` runs the call and fault tests alone, on Asterisk 16.
// Words that follow name tests: `npm test -- unit/vault` runs those whose path contains one of them.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { prepare } from './prepare.js'

const { values, positionals } = parseArgs({
  options: { asterisk: { type: 'string', default: '22' } },
  allowPositionals: true,
})
const { root } = await prepare()
const results = join(root, '.tap', 'results.tap')

const starts =
  (...folders) =>
  path =>
    folders.includes(path.split('/')[0])
/** What keeps time to a packet's length has the machine to itself. */
const isMeasured = path => path === 'call/legs.test.js'
/** Groups in the order in which they run, with how many files at once: what fails fastest comes first. */
const groups = [
  { wanted: starts('unit', 'service'), jobs: 2 },
  { wanted: isMeasured, jobs: 1 },
  { wanted: path => starts('call', 'fault', 'browser')(path) && !isMeasured(path), jobs: 3 },
]
const isOurs = path => values.asterisk === '22' || starts('call', 'fault')(path)

const tests = readdirSync(join(root, 'dist', 'test'), { recursive: true, encoding: 'utf8' })
  .filter(path => path.endsWith('.test.js') && !path.startsWith('bench'))
  .filter(isOurs)
  .filter(path => positionals.length === 0 || positionals.some(word => path.includes(word)))
  .sort()

if (tests.length === 0) {
  process.stderr.write('No test has such a name.\n')
  process.exit(1)
}

// Fetched here, with progress, so that no test has to wait for a download.
const { prepareTools } = await import(
  pathToFileURL(join(root, 'dist', 'src', 'lab', 'tools', 'prepare-tools.js')).href
)
const { findFfmpeg } = await import(pathToFileURL(join(root, 'dist', 'src', 'lab', 'ffmpeg.js')).href)
const { findChromium } = await import(pathToFileURL(join(root, 'dist', 'src', 'lab', 'chromium.js')).href)
const progress = line => process.stderr.write(`consentry: ${line}\n`)
await prepareTools([`asterisk${values.asterisk}`, 'sipp', 'sounds', 'litetlog', 'strace', 'faketime'], {
  progress,
})
await findFfmpeg({ progress })
await findChromium({ progress })

const tally = { passed: 0, failed: 0 }
for (const { wanted, jobs } of groups) {
  const files = tests.filter(wanted)
  if (files.length > 0) run(files, jobs)
}
process.stdout.write(`\n${tally.passed} passed, ${tally.failed} failed\n`)
process.exitCode = tally.failed === 0 ? 0 : 1

function run(files, jobs) {
  rmSync(results, { force: true })
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules', 'tap', 'dist', 'esm', 'run.mjs'),
      'run',
      `--jobs=${jobs}`,
      `--output-file=${results}`,
      `--reporter=${process.stdout.isTTY ? 'default' : 'silent'}`,
      ...files.map(path => relative(root, join(root, 'dist', 'test', path))),
    ],
    { cwd: root, stdio: ['ignore', 1, 2], env: { ...process.env, CONSENTRY_TEST_ASTERISK: values.asterisk } },
  )
  const before = tally.failed
  const tap = readFileSync(results, 'utf8')
  count(tap)
  if (!process.stdout.isTTY) tell(tap)
  // Whatever the count says, a runner that is not content is a failure.
  if (status !== 0 && tally.failed === before) tally.failed += 1
}

/** Counts tests, not assertions: one level below the files, or the file where it has no tests of its own. */
function count(tap) {
  for (const line of tap.split('\n')) {
    const [, no] = /^ {4}(not )?ok \d/.exec(line) ?? []
    if (/^ {4}(not )?ok \d/.test(line)) tally[no ? 'failed' : 'passed'] += 1
  }
}

/** Without a terminal: a line for each file, and of one that failed every assertion that did, with where and why. */
function tell(tap) {
  let file = []
  for (const line of tap.split('\n')) {
    file.push(line)
    const [, no, name, ms] = /^(not )?ok \d+ - (\S+) # time=([\d.]+)/.exec(line) ?? []
    if (!name) continue
    process.stdout.write(`${no ? 'FAIL' : 'ok  '} ${(ms / 1000).toFixed(1).padStart(6)} s  ${name}\n`)
    if (no) process.stdout.write(`${failures(file).join('\n')}\n`)
    file = []
  }
}

/** The `not ok` lines of one file's TAP, each with its diagnosis. */
function failures(lines) {
  let until = ''
  return lines.filter(line => {
    const [, indent] = /^( *)not ok /.exec(line) ?? []
    if (indent !== undefined) until = `${indent}  ...`
    else if (until === '') return false
    if (line === until) until = ''
    return true
  })
}
