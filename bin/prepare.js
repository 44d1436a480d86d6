// What must run before anything is installed or built: packages as the lockfile says, and the compiled program.
import { spawn } from 'node:child_process'
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import {
  buildIsOld,
  checkNode,
  compiledCommand,
  fail,
  filesOf,
  fingerprint,
  INSTALLED,
  MARK,
  root,
} from './program.js'

/** The variables that npm and the compiler get: none of the service's settings, which hold passwords. */
const PASSED =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TERM|NO_COLOR|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|XDG_\w+|NODE_OPTIONS|NODE_EXTRA_CA_CERTS|SSL_CERT_\w+|(https?|no|all)_proxy|npm_config_.+)$/i

/**
 * Installs and builds what is missing or out of date in this checkout, telling about it on standard error.
 *
 * @returns {Promise<{root: string, cli: string}>} the project's folder and the URL of the compiled command
 */
export async function prepare() {
  checkNode()
  if (packagesAreOld())
    await step('installing packages', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  if (buildIsOld()) await build()
  return { root, cli: compiledCommand() }
}

/** Compiles the sources, bundles what browsers get, and marks the build as whole. A failure ends this process. */
export async function build() {
  rmSync(MARK, { force: true })
  // The fingerprint is taken first, so that a source that changes meanwhile makes the build out of date.
  const made = fingerprint()
  // TypeScript 7 is a native program, four times as fast as 5.9. The tests of the house parse sources by 5.9.
  await step('compiling', process.execPath, [
    join(root, 'node_modules', 'typescript-native', 'bin', 'tsc'),
    '-p',
    root,
  ])
  removeLeftovers()
  await step('bundling the pages', process.execPath, [join(root, 'bin', 'bundle.js')])
  // The image is built from sources without tests.
  if (existsSync(join(root, 'test')))
    await step('bundling for tests', process.execPath, [join(root, 'bin', 'bundle-for-tests.js')])
  await step('listing the packages', process.execPath, [join(root, 'bin', 'bill-of-materials.js')])
  writeFileSync(MARK, made)
}

/** Removes what an earlier build compiled from sources that have moved or are gone. The compiler leaves such files where they are. */
function removeLeftovers() {
  const dist = join(root, 'dist')
  for (const path of filesOf(dist).filter(path => /\.js(\.map)?$/.test(path))) {
    const source = join(root, relative(dist, path)).replace(/\.js(\.map)?$/, '.ts')
    if (!existsSync(source) && !existsSync(`${source}x`)) rmSync(path)
  }
}

const packagesAreOld = () => changedAt(join(root, 'package-lock.json')) > changedAt(INSTALLED)

/** When a file was last changed, ms; 0 if it is missing. */
const changedAt = path => (existsSync(path) ? statSync(path).mtimeMs : 0)

/** Runs a command to its end. A signal that ends this process ends the command and its children first. */
async function step(what, command, args) {
  process.stderr.write(`consentry: ${what} …\n`)
  const began = Date.now()
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED.test(name)))
  const end = signal => {
    if (child.pid !== undefined) endGroup(child.pid)
    process.off(signal, end)
    process.kill(process.pid, signal)
  }
  // Signals are heard before the command starts: one that came between the two would end this process alone.
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, end)
  // The command leads a process group of its own, so that its children end with it.
  const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 2, 2], detached: true })
  const failure = await new Promise(resolve => {
    child.once('error', error => resolve(`: ${error.message}`))
    child.once('exit', code => resolve(code === 0 ? undefined : ''))
  })
  for (const signal of signals) process.off(signal, end)
  if (failure !== undefined) fail(`${what} failed${failure}. See the lines above.`)
  process.stderr.write(`consentry: ${what} took ${((Date.now() - began) / 1000).toFixed(1)} s\n`)
}

function endGroup(leader) {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // The group has ended already.
  }
}
