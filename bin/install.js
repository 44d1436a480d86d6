// `npm run test:install`: installs the package on clean machines with a real systemd, and makes calls. Needs root and the programs below.
// `--fresh` makes the roots of these machines anew, too.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { prepare } from './prepare.js'
import { readTap } from './test/read-tap.js'
import { requireParts } from './test/require-parts.js'
import { runFile } from './test/run-file.js'

/** What it may take, s, on two cores that others use as well. */
const LIMIT = 3_600
/** Debian's packages, and a program of each. */
const NEEDED = {
  debootstrap: 'debootstrap',
  dpkg: 'dpkg-deb',
  iproute2: 'ip',
  mount: 'mount',
  'systemd-container': 'systemd-nspawn',
  'util-linux': 'unshare',
}
const INSIDE = 'CONSENTRY_TEST_INSIDE'

if (process.env[INSIDE]) await runTests()
else process.exitCode = await enter()

/** Makes packages and roots, and runs this program again in a network of its own with nothing but the loopback interface. */
async function enter() {
  requireParts('the test of the installation', NEEDED)
  const { root } = await prepare()
  const ours = path => import(pathToFileURL(join(root, 'dist', path)).href)
  const cache = join(homedir(), '.cache', 'consentry', 'machines')
  const roots = join(cache, recipe(root))
  if (process.argv.includes('--fresh')) rmSync(cache, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  await makeRoots(root, roots, await ours('lab/tools/mirror.js'))
  const work = newRun(cache)
  const packages = join(work, 'packages')
  const builds = await buildTwice(work, (await ours('packaging/build/main.js')).main)
  copyDebianPackage(builds[0], packages)
  makeNext(packages)
  // Made here, because the tests reach no network.
  const { prepareTools } = await ours('lab/tools/prepare-tools.js')
  const progress = line => process.stderr.write(`consentry: ${line}\n`)
  await prepareTools(['sipp', 'sounds'], { progress })
  const { convertPrompts } = await ours('test/support/processes/converted-prompts.js')
  await convertPrompts(await (await ours('lab/ffmpeg.js')).findFfmpeg({ progress }))
  const again = [process.execPath, fileURLToPath(import.meta.url)]
  const inNetwork = ['sh', '-euc', 'ip link set lo up && exec "$@"', 'sh']
  // All processes end with the first of their namespace, also those of a machine whose systemd-nspawn was killed.
  const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
  const child = spawn('unshare', [...namespaces, ...inNetwork, ...again], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: JSON.stringify({ root, roots, work, packages, builds }) },
  })
  const code = await new Promise(resolve => child.once('close', resolve))
  rmSync(work, { recursive: true, force: true })
  return code ?? 1
}

function scriptOf(root) {
  return join(root, 'test', 'install', 'machine', 'make-root.sh')
}

function controlOf(root) {
  return join(root, 'packaging', 'debian', 'control')
}

/** Stands for what the roots are made of. */
function recipe(root) {
  const hash = createHash('sha256')
  for (const path of [scriptOf(root), controlOf(root)]) hash.update(readFileSync(path))
  return hash.digest('hex').slice(0, 12)
}

/** Makes the folder of this run, and removes those of runs that were killed. */
function newRun(cache) {
  const runs = readdirSync(cache).filter(name => name.startsWith('run-'))
  for (const name of runs.filter(one => !existsSync(`/proc/${one.slice('run-'.length)}`)))
    rmSync(join(cache, name), { recursive: true, force: true })
  const work = join(cache, `run-${process.pid}`)
  mkdirSync(work)
  return work
}

/** Makes the roots of the machines, if they are not there yet: from where this machine's own apt takes its packages. */
async function makeRoots(root, roots, { findMirror }) {
  if (existsSync(join(roots, 'stock'))) return
  process.stderr.write('consentry: making the roots of the machines …\n')
  const words = [scriptOf(root), roots, await findMirror('trixie'), controlOf(root)]
  const { status } = spawnSync('sh', words, { stdio: ['ignore', 2, 2] })
  if (status === 0) return
  process.stdout.write('\n0 passed, 1 failed: the roots of the machines cannot be made\n')
  process.exit(1)
}

/** Builds all packages in two environments. The same files are packed quickly (dpkg-deb(1)). @returns the folders of both builds */
async function buildTwice(work, buildPackages) {
  process.env.DPKG_DEB_COMPRESSOR_LEVEL = '1'
  const builds = ['build', 'build-elsewhere'].map(name => join(work, name))
  await buildPackages(['--out', builds[0]])
  const before = { TZ: process.env.TZ, LC_ALL: process.env.LC_ALL }
  const mask = process.umask(0o077)
  Object.assign(process.env, { TZ: 'Asia/Kamchatka', LC_ALL: 'POSIX' })
  await buildPackages(['--out', builds[1]])
  process.umask(mask)
  for (const [name, value] of Object.entries(before)) {
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  }
  return builds
}

function copyDebianPackage(build, packages) {
  mkdirSync(packages)
  for (const name of readdirSync(build).filter(one => one.endsWith('.deb')))
    copyFileSync(join(build, name), join(packages, name))
}

/** Makes the next package of the same version, with the same files. Its compression is the quickest. */
function makeNext(packages) {
  const [first] = readdirSync(packages)
  const work = join(packages, 'next')
  const next = join(packages, first.replace('-1_', '-2_'))
  const commands = `dpkg-deb -R "$0" "$1"
sed -i '/^Version:/s/-1$/-2/' "$1/DEBIAN/control"
dpkg-deb --root-owner-group -Zgzip -z1 --build "$1" "$2" >&2
rm -r "$1"`
  execFileSync('sh', ['-euc', commands, join(packages, first), work, next], { stdio: ['ignore', 2, 2] })
}

async function runTests() {
  const { root } = JSON.parse(process.env[INSIDE])
  // The first failure ends it: each step needs those before it.
  const env = { ...process.env, TAP_BAIL: '1' }
  const file = join('dist', 'test', 'install', 'machine', 'install.js')
  const run = await runFile(file, { cwd: root, env, limit: LIMIT })
  const { passed, failed, failures } = readTap(run)
  process.stderr.write(run.said)
  const rows = run.tap.split('\n').filter(line => /^(not )?ok |^# /.test(line))
  process.stdout.write(`${rows.join('\n')}\n`)
  process.stdout.write(`${failures.map(line => `${line}\n`).join('')}\n${passed} passed, ${failed} failed\n`)
  process.exitCode = failed === 0 ? 0 : 1
}
