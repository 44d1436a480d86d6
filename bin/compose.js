// `npm run test:compose`: builds the image, runs it with Docker Compose on a Podman, and records calls. Needs root and the programs below.
// `--fresh` makes the base images anew, too.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { prepare } from './prepare.js'
import { readTap } from './test/read-tap.js'
import { requireParts } from './test/require-parts.js'
import { runFile } from './test/run-file.js'

/** What it may take, s: the images are built anew where they have changed, on two cores that others use as well. */
const LIMIT = 3_600
/** Debian's packages, and a program of each. */
const NEEDED = {
  podman: 'podman',
  runc: 'runc',
  catatonit: 'catatonit',
  debootstrap: 'debootstrap',
  'docker-cli': 'docker',
  'docker-compose': 'docker-compose',
  iproute2: 'ip',
  'util-linux': 'unshare',
}
const INSIDE = 'CONSENTRY_TEST_INSIDE'

const { root } = await prepare()
const cache = join(homedir(), '.cache', 'consentry', 'containers')
if (process.env[INSIDE]) await runTests()
else process.exitCode = await enter()

/** Runs this program again on a machine of its own, as the program sees it. All processes end with it. */
async function enter() {
  requireParts('the test of containers', NEEDED)
  if (process.argv.includes('--fresh')) rmSync(cache, { recursive: true, force: true })
  // Made here, because the tests reach no network.
  const ours = path => import(pathToFileURL(join(root, 'dist', path)).href)
  const { prepareTools } = await ours('lab/tools/prepare-tools.js')
  const { findFfmpeg } = await ours('lab/ffmpeg.js')
  const progress = line => process.stderr.write(`consentry: ${line}\n`)
  await prepareTools(['sounds', 'speechsounds'], { progress })
  const { findVoices } = await ours('lab/voices.js')
  await findFfmpeg({ progress })
  await findVoices({ progress })
  const namespaces = ['--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
  // The first process of a namespace must take in children that have lost their parents.
  const first = ['catatonit', '--', 'sh', join(root, 'test', 'install', 'compose', 'enter.sh')]
  const again = [process.execPath, fileURLToPath(import.meta.url)]
  const child = spawn('unshare', [...namespaces, ...first, ...again], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: cache },
  })
  return new Promise(resolve => child.once('close', code => resolve(code ?? 1)))
}

async function runTests() {
  const file = join('dist', 'test', 'install', 'compose', 'compose.js')
  // The first failure ends it: each step needs those before it.
  const env = { ...process.env, TAP_BAIL: '1' }
  const run = await runFile(file, { cwd: root, env, limit: LIMIT })
  const { passed, failed, failures } = readTap(run)
  process.stderr.write(run.said)
  process.stdout.write(
    `${run.tap
      .split('\n')
      .filter(line => /^(not )?ok |^# /.test(line))
      .join('\n')}\n`,
  )
  process.stdout.write(`${failures.map(line => `${line}\n`).join('')}\n${passed} passed, ${failed} failed\n`)
  process.exitCode = failed === 0 ? 0 : 1
}
