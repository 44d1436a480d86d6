import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AppError } from '../../core/errors.js'
import { words } from '../../core/words.js'
import {
  type AsteriskConfig,
  folderOf,
  type Reading,
  readAsteriskConfig,
} from '../../lib/host/asterisk-config.js'
import { type Outcome, unknown } from './fact.js'
import { isPbxHere, type PbxPlace } from './pbx-here.js'
import type { Site } from './site.js'

/** What a check of Asterisk's files needs from a site. */
export interface AsteriskSite extends Pick<Site, 'host' | 'asterisk'> {
  config(): PbxPlace
}

/** Asterisk's configuration files. */
export interface AsteriskFolder {
  /** The folder. */
  path: string
  /** `asterisk.conf`. */
  main: AsteriskConfig
  /**
   * Reads a file of the folder with its includes. A missing file has no sections.
   *
   * @throws AppError `tool.failed`
   */
  read(name: string, how?: Partial<Pick<Reading, 'only' | 'skipMissing'>>): AsteriskConfig
}

/**
 * Gives a check access to the files of Asterisk.
 * @returns its findings; `unknown` if the files are elsewhere, or this user may not read them
 */
export async function readAsteriskFiles(
  site: AsteriskSite,
  check: (files: AsteriskFolder) => Outcome | Promise<Outcome>,
): Promise<Outcome> {
  if (!isPbxHere(site.config()))
    return unknown('Asterisk runs on another machine.', 'Asterisk работает на другой машине.')
  const { root } = site.host
  const file = join(root, site.asterisk()?.config ?? '/etc/asterisk/asterisk.conf')
  if (!existsSync(file))
    return unknown(
      `${file} is not there, or may not be read: run this as root.`,
      `Файла ${file} нет, или он закрыт: запустите это от root.`,
    )
  try {
    const main = readAsteriskConfig(file, { root })
    const named = join(root, folderOf(main, 'astetcdir', dirname(file)))
    const path = existsSync(named) ? named : dirname(file)
    const read: AsteriskFolder['read'] = (name, how) =>
      existsSync(join(path, name))
        ? readAsteriskConfig(join(path, name), { folder: path, root, ...how })
        : { sections: [], includes: [] }
    return await check({ path, main, read })
  } catch (error) {
    return unreadable(site, error)
  }
}

function unreadable(site: AsteriskSite, error: unknown): Outcome {
  if (!(error instanceof AppError)) throw error
  if (!error.message.includes('is included and missing'))
    return unknown(`${error.message}: run this as root.`, `${error.message}: запустите это от root.`)
  const file = site.asterisk()?.config ?? '/etc/asterisk'
  return {
    state: 'fault',
    faults: [
      {
        found: words(error.message, `Подключённого файла нет: ${error.message}`),
        setting: `#include (${dirname(file)})`,
        remedy: words('Correct the path.', 'Исправьте путь.'),
      },
    ],
  }
}
