// Finds the compiled program. It is all that an installation has beside it: nothing here installs or compiles.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The folder of the program: a checkout, or an installed package. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..')
/** The oldest Node that runs the program: major and minor version. */
const MIN_NODE = [20, 19]
/** What the program is compiled from. */
const SOURCES = [
  'src',
  'lab',
  'test',
  'packaging/build',
  'bin/bundle.js',
  'bin/bundle-for-tests.js',
  'bin/test/no-domains.js',
  'bin/bill-of-materials.js',
  'tsconfig.json',
  'package-lock.json',
]
/** The fingerprint of the sources of the last whole build. The compiler's own mark stands even after a failed build. */
export const MARK = join(root, 'dist', '.built')
/** What npm writes when it has installed all packages of a checkout. */
export const INSTALLED = join(root, 'node_modules', '.package-lock.json')

/**
 * Finds the program as it was built, without installing or compiling. An installed package has no sources and is used as it is. If the
 * build of a checkout is missing or out of date, this process says which commands mend it and ends.
 *
 * @returns {{root: string, cli: string}} the folder of the program and the URL of the compiled command
 */
export function builtProgram() {
  checkNode()
  // The fingerprint covers the lockfile too. File times are not compared, because they differ between copies.
  if (isCheckout() && (!existsSync(INSTALLED) || buildIsOld()))
    fail(
      `The program in ${root} is not built, or is older than its sources: run \`npm ci && npm run build\` there.`,
    )
  return { root, cli: compiledCommand() }
}

/** Whether the program lies beside its sources. */
export const isCheckout = () => existsSync(join(root, 'src'))

export const compiledCommand = () => pathToFileURL(join(root, 'dist', 'src', 'cli.js')).href

/** Ends this process if its Node is too old. */
export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major < MIN_NODE[0] || (major === MIN_NODE[0] && minor < MIN_NODE[1]))
    fail(`Node ${MIN_NODE.join('.')} or later is needed; this is ${process.versions.node}.`)
}

/** Whether the sources have changed since the last whole build, or there was none. */
export const buildIsOld = () =>
  isCheckout() && !(existsSync(MARK) && readFileSync(MARK, 'utf8') === fingerprint())

/** Hash of names and contents of all sources. File times are left out, because they differ between copies and with the clock. */
export function fingerprint() {
  const hash = createHash('sha256')
  for (const source of SOURCES.map(name => join(root, name)).flatMap(filesOf)) {
    hash
      .update(`${relative(root, source)}\0`)
      .update(createHash('sha256').update(readFileSync(source)).digest())
  }
  return hash.digest('hex')
}

/** The files at or below a path, in the order of their names. */
export function filesOf(path) {
  if (!existsSync(path)) return []
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .sort()
    .flatMap(name => filesOf(join(path, name)))
}

/** Says why the program cannot run, and ends this process. */
export function fail(message) {
  process.stderr.write(`consentry: ${message}\n`)
  process.exit(1)
}
