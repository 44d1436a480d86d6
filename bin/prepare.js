// What must run before anything is installed or built: packages as the lockfile says, and the compiled program.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const MIN_NODE = [20, 19]

/**
 * Installs and builds what is missing or out of date in this checkout, telling about it on standard error.
 * An installed package without sources (an image) is used as it is.
 *
 * @returns {Promise<{root: string, cli: string}>} the project's folder and the URL of the compiled command
 */
export async function prepare() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1])) {
    fail(`Node ${MIN_NODE.join('.')} or later is needed; this is ${process.versions.node}.`)
  }
  if (newest(join(root, 'package-lock.json')) > newest(join(root, 'node_modules', '.package-lock.json'))) {
    step('installing packages', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  }
  const sources = ['src', 'test', 'tsconfig.json', 'package-lock.json'].map(name => join(root, name))
  // A file of our own: the compiler's marks a build as up to date even if it failed, or was only a check of types.
  const built = join(root, 'dist', '.built')
  if (existsSync(join(root, 'src')) && Math.max(...sources.map(newest)) > newest(built)) {
    step('compiling', process.execPath, [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', root])
    writeFileSync(built, '')
  }
  return { root, cli: pathToFileURL(join(root, 'dist', 'src', 'cli.js')).href }
}

/** The latest change of a file or of anything in a folder, ms; 0 if there is none. */
function newest(path) {
  if (!existsSync(path)) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(0, ...readdirSync(path).map(name => newest(join(path, name))))
}

function step(what, command, args) {
  process.stderr.write(`consentry: ${what} …\n`)
  const began = Date.now()
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] })
  if (status !== 0) fail(`${what} failed${error ? `: ${error.message}` : ''}. See the lines above.`)
  process.stderr.write(`consentry: ${what} took ${((Date.now() - began) / 1000).toFixed(1)} s\n`)
}

function fail(message) {
  process.stderr.write(`consentry: ${message}\n`)
  process.exit(1)
}
