import { dirname, join } from 'node:path'
import { AppError } from '../../core/errors.js'
import { words } from '../../core/words.js'
import { identityOf } from '../../lib/host/accounts.js'
import {
  type AsteriskConfig,
  folderOf,
  noConfig,
  type Reading,
  readAsteriskConfig,
} from '../../lib/host/asterisk-config.js'
import { type Leader, withHeld } from '../../lib/host/guarded-path.js'
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

/** Where Asterisk has its main file, unless it is told otherwise. */
const USUAL = '/etc/asterisk/asterisk.conf'

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
  const running = site.asterisk()
  const config = running?.config ?? USUAL
  // Asterisk's user may have named another file in the command line of its process.
  const named =
    running && running.uid !== 0 && config !== USUAL
      ? identityOf(site.host, running.uid, running.gid)
      : undefined
  const file = join(root, config)
  try {
    const exists = (path: string, leader: Leader) => withHeld(site.host, path, leader, () => true) === true
    if (!exists(config, named))
      return unknown(
        `${file} is not there, or may not be read: run this as root.`,
        `Файла ${file} нет, или он закрыт: запустите это от root.`,
      )
    const main = readAsteriskConfig(file, { root, leader: named })
    const folder = folderOf(main, 'astetcdir', dirname(config))
    const etc = exists(folder, main.leader) ? folder : dirname(config)
    const path = join(root, etc)
    const read: AsteriskFolder['read'] = (name, how) =>
      exists(join(etc, name), main.leader)
        ? readAsteriskConfig(join(path, name), { folder: path, root, leader: main.leader, ...how })
        : noConfig()
    return await check({ path, main, read })
  } catch (error) {
    return unreadable(site, error)
  }
}

function unreadable(site: AsteriskSite, error: unknown): Outcome {
  if (!(error instanceof AppError)) throw error
  if (error.code === 'file.refused') return unknown(error.message, `Отказано: ${error.message}`)
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
