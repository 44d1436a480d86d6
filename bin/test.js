// `npm test`: prepares what the tests need, then runs them all. `--asterisk 16` runs the call and fault tests alone, on Asterisk 16.
// `--long` (`npm run test:long`) runs the long forms of those tests that have one, and the tests that run there alone.
// Words that follow name tests: `npm test -- unit/vault` runs those whose path contains one of them.
// The runner of `tap` is not used. It cannot give calls the processor before other tests, nor end what a test file left behind.
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { prepare } from './prepare.js'
import { sourceIn } from './test/heads.js'
import { runInLanes } from './test/lanes.js'
import { readTap } from './test/read-tap.js'
import { comeForward } from './test/run-file.js'
import { groupTests, runTogether } from './test/run-together.js'
import { selectTests } from './test/select.js'
import { atSources } from './test/source-lines.js'
import { alignRows, tableRows } from './test/table.js'

/** What tests take from outside besides Asterisk, ffmpeg and Chromium. */
const TOOLS = [
  ...['sipp', 'sounds', 'litetlog', 'strace', 'faketime', 'python', 'pgbouncer', 'openssl'],
  ...['voices', 'speech', 'speechsounds', 'systemd'],
]
/** How many of the slowest files are named at the end. */
const SLOWEST = 10

const { values, positionals } = readArguments()
const { root } = await prepare()
const sourceOf = sourceIn(join(root, 'test'))
const folder = join(root, 'dist', 'test')

const compiled = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  path => path.endsWith('.test.js') && !path.startsWith('bench'),
)
const tests = selectTests(compiled, sourceOf, { ...values, words: positionals })

if (tests.length === 0) {
  process.stderr.write('No test has such a name.\n')
  process.exit(1)
}

const env = {
  ...process.env,
  CONSENTRY_TEST_ASTERISK: values.asterisk,
  ...(values.long && { CONSENTRY_TEST_LONG: '1' }),
}
/** What a long form may take, s. */
const LONG_LIMIT = 3_600
const tally = { passed: 0, failed: 0 }
const times = []
/** Rows of the table that test files fill together. */
const rows = []
const run = (paths, niceness) => {
  const files = paths.map(path => relative(root, join(folder, path)))
  return runTogether(files, { cwd: root, env, niceness, ...(values.long && { limit: LONG_LIMIT }) }, tell)
}
const group = paths => groupTests(paths, sourceOf, values.long)
await runInLanes(tests, prepareAllTools(), run, { onLiveOver: comeForward, group })

times.sort((a, b) => b.seconds - a.seconds)
if (times.length > SLOWEST) {
  process.stdout.write(`\nThe slowest:\n${times.slice(0, SLOWEST).map(timed).join('\n')}\n`)
}
if (rows.length > 0) {
  process.stdout.write(
    `\nWho is recorded in each situation, on Asterisk ${values.asterisk}:\n${alignRows(rows).join('\n')}\n`,
  )
}
process.stdout.write(`\n${tally.passed} passed, ${tally.failed} failed\n`)
process.exitCode = tally.failed === 0 ? 0 : 1

/** What the command line asks for. Ends the process where an option is unknown. */
function readArguments() {
  try {
    const options = { asterisk: { type: 'string', default: '22' }, long: { type: 'boolean', default: false } }
    return parseArgs({ options, allowPositionals: true })
  } catch {
    process.stderr.write(
      'Usage: npm test -- [--asterisk 22|16] [--long] [WORD …]   runs the tests whose path contains a word\n',
    )
    process.exit(2)
  }
}

/** A line for each file, and of one that failed every assertion that did, with where and why, and what it said. */
function tell(run) {
  const { passed, failed, failures } = readTap(run)
  tally.passed += passed
  tally.failed += failed
  times.push(run)
  rows.push(...tableRows(run.tap))
  const why = atSources(failures.map(line => `${line}\n`).join(''), root)
  process.stdout.write(`${failed > 0 ? 'FAIL' : 'ok  '} ${timed(run)}\n${why}`)
  process.stderr.write(atSources(run.said, root))
}

function timed({ seconds, file }) {
  return `${seconds.toFixed(1).padStart(6)} s  ${file}`
}

/** Prepares what tests take from outside, with progress, so that no test has to wait for a download. */
async function prepareAllTools() {
  const ours = path => import(pathToFileURL(join(root, 'dist', path)).href)
  const { prepareTools } = await ours('lab/tools/prepare-tools.js')
  const { findFfmpeg } = await ours('lab/ffmpeg.js')
  const { findChromium } = await ours('lab/chromium.js')
  const progress = line => process.stderr.write(`consentry: ${line}\n`)
  const { convertPrompts } = await ours('test/support/processes/converted-prompts.js')
  await Promise.all([
    prepareTools([`asterisk${values.asterisk}`, ...TOOLS], { progress }),
    findFfmpeg({ progress }).then(convertPrompts),
    findChromium({ progress }),
  ])
}
