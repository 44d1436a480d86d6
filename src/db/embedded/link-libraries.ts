import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { AppError } from '../../core/errors.js'

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
