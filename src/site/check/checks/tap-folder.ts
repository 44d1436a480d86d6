import { lstatSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { words } from '../../../core/words.js'
import {
  findObstacle,
  type Identity,
  nameOfGroup,
  nameOfUser,
  type Obstacle,
} from '../../../lib/host/accounts.js'
import type { AsteriskProcess } from '../../../lib/host/asterisk-process.js'
import { inMemory } from '../../../lib/host/memory.js'
import { type Check, type Fault, faultsOr, sound } from '../check.js'
import type { Site } from '../site.js'

/** Whether the tap folder is in memory, belongs to the service, and lets Asterisk pass but make nothing. */
export const tapFolder: Check = {
  name: 'tap-folder',
  title: words('Tap folder', 'Папка звука'),
  async look(site) {
    const { tapDir, data } = site.config()
    const folder = lstatSync(tapDir, { throwIfNoEntry: false })
    if (!folder?.isDirectory()) return { state: 'fault', faults: [missing(tapDir, folder !== undefined)] }
    const owner = (await stat(data).catch(() => undefined))?.uid
    const found = site.asterisk()
    const faults = [
      ...((await inMemory(tapDir)) ? [] : [onDisk(tapDir)]),
      ...(owner === undefined || owner === folder.uid ? [] : [notOurs(site, tapDir, owner)]),
      ...(found ? modesFor(site, found, tapDir) : []),
    ]
    return faultsOr(faults, sound(`${tapDir}, in memory.`, `${tapDir}, в памяти.`))
  },
}

/**
 * Checks by modes and groups that Asterisk may pass through the folder, and may not write to it. The second check is
 * skipped if Asterisk runs as the service's user.
 */
function modesFor(site: Site, asterisk: AsteriskProcess, tapDir: string): Fault[] {
  const folder = lstatSync(tapDir)
  const isSameUser = folder.uid === asterisk.uid
  const mayMake: Identity = isSameUser ? { ...asterisk, uid: -1 } : asterisk
  const blocked = findObstacle(asterisk, tapDir, 'pass')
  if (blocked) return [closed(site, asterisk, blocked)]
  if (asterisk.ignoresModes || isSameUser || findObstacle(mayMake, tapDir, 'write')) return []
  return [
    {
      found: words(
        `Asterisk may make files in ${tapDir}. A missing pipe would become a file with a conversation in clear.`,
        `Asterisk может создавать файлы в ${tapDir}. Вместо пропавшего канала появится файл с открытым разговором.`,
      ),
      setting: 'CONSENTRY_TAP_DIR',
      remedy: words(`chmod 2750 ${tapDir}`, `chmod 2750 ${tapDir}`),
    },
  ]
}

function closed(site: Site, asterisk: AsteriskProcess, { path, mode, uid, gid }: Obstacle): Fault {
  const user = nameOfUser(site.host, asterisk.uid)
  const groups = asterisk.groups.map(one => nameOfGroup(site.host, one)).join(', ')
  const shown = `${nameOfUser(site.host, uid)}:${nameOfGroup(site.host, gid)} ${(mode ?? 0).toString(8)}`
  const [group = 'asterisk'] = asterisk.groups.map(one => nameOfGroup(site.host, one))
  return {
    found: words(
      `Asterisk (${user}, groups ${groups}) does not get through ${path} (${shown}).`,
      `Asterisk (${user}, группы ${groups}) не проходит через ${path} (${shown}).`,
    ),
    setting: 'CONSENTRY_TAP_DIR',
    remedy: words(
      `chgrp ${group} ${path} && chmod 2750 ${path} for the folder itself, chmod o+x for one above it; also in /etc/tmpfiles.d/consentry.conf.`,
      `chgrp ${group} ${path} && chmod 2750 ${path} для самой папки, chmod o+x для папки над ней; то же в /etc/tmpfiles.d/consentry.conf.`,
    ),
  }
}

const missing = (tapDir: string, isOther: boolean): Fault => ({
  found: isOther
    ? words(`${tapDir} is no folder.`, `${tapDir}: это не папка.`)
    : words(`There is no ${tapDir}.`, `Папки ${tapDir} нет.`),
  setting: 'CONSENTRY_TAP_DIR',
  remedy: words(
    'systemd-tmpfiles --create, or correct the path.',
    'Выполните systemd-tmpfiles --create или исправьте путь.',
  ),
})

const onDisk = (tapDir: string): Fault => ({
  found: words(`${tapDir} is on a disk and not in memory.`, `${tapDir} находится на диске, а не в памяти.`),
  setting: 'CONSENTRY_TAP_DIR',
  remedy: words('Name a folder below /run or /dev/shm.', 'Укажите папку в /run или /dev/shm.'),
})

const notOurs = (site: Site, tapDir: string, owner: number): Fault => ({
  found: words(
    `${tapDir} does not belong to ${nameOfUser(site.host, owner)}, the user of the service.`,
    `${tapDir} не принадлежит пользователю службы ${nameOfUser(site.host, owner)}.`,
  ),
  setting: 'CONSENTRY_TAP_DIR',
  remedy: words(
    `chown ${nameOfUser(site.host, owner)} ${tapDir}`,
    `chown ${nameOfUser(site.host, owner)} ${tapDir}`,
  ),
})
