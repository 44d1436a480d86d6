import { lstatSync, readdirSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { keepersOf } from '../../audio/tap/keepers-of.js'
import { words } from '../../core/words.js'
import {
  findObstacle,
  type Identity,
  nameOfGroup,
  nameOfUser,
  type Obstacle,
} from '../../lib/host/accounts.js'
import type { AsteriskProcess } from '../../lib/host/asterisk-process.js'
import { type Exposure, inMemory, memoryExposures } from '../../lib/host/memory.js'
import { readProcess } from '../../lib/host/processes.js'
import { OPEN_FILES } from './asterisk-settings.js'
import { type Fault, fault, faultsOr, faulty, type Outcome, sound, unknown } from './fact.js'
import type { Site } from './site.js'

/** How the process of the PBX runs: under which user, and whether it may write its memory to a disk. */
export async function asterisk(site: Site): Promise<Outcome> {
  const found = site.asterisk()
  if (!found)
    return unknown(
      'Asterisk does not run on this machine, or several do.',
      'Asterisk на этой машине не работает, или их несколько.',
    )
  const faults = [
    ...(found.ignoresModes ? [AS_ROOT] : []),
    ...(found.dumpsByOption ? [DUMPS_BY_OPTION] : []),
    ...(found.realTime ? [] : [NO_PRIORITY]),
  ]
  const user = nameOfUser(site.host, found.uid)
  return faultsOr(faults, sound(`It runs as ${user}.`, `Работает от пользователя ${user}.`))
}

const AS_ROOT = fault(
  'runuser (asterisk.conf)',
  words(
    'Asterisk runs as root. It may make files in the tap folder, with conversations in clear.',
    'Asterisk работает от root и может создать в папке звука файлы с открытыми разговорами.',
  ),
  words(
    'Set runuser = asterisk and rungroup = asterisk in [options], or User= of its unit, and restart it.',
    'Задайте runuser = asterisk и rungroup = asterisk в [options] или User= в его юните и перезапустите его.',
  ),
)

const DUMPS_BY_OPTION = fault(
  '-g (ExecStart)',
  words(
    'Asterisk was started with -g: when it crashes, conversations get into a core file, and dumpcore = no does nothing.',
    'Asterisk запущен с -g: при сбое разговоры попадут в core-файл, и dumpcore = no тут не действует.',
  ),
  words(
    'systemctl edit asterisk: ExecStart= without -g, and LimitCORE=0. Then restart it.',
    'systemctl edit asterisk: ExecStart= без -g и LimitCORE=0. Затем перезапустите его.',
  ),
)

const NO_PRIORITY = fault(
  'highpriority (asterisk.conf)',
  words(
    'Asterisk has no real-time priority: on a busy machine recordings lose packets.',
    'У Asterisk нет приоритета реального времени: на занятой машине записи теряют пакеты.',
  ),
  words(
    'Set highpriority = yes in [options], or CPUSchedulingPolicy=rr of its unit, and restart it.',
    'Задайте highpriority = yes в [options] или CPUSchedulingPolicy=rr в его юните и перезапустите его.',
  ),
  'weak',
)

/** Whether the tap folder is in memory, belongs to the service, and lets Asterisk pass but make nothing. */
export async function tapFolder(site: Site): Promise<Outcome> {
  const { tapDir, data } = site.config()
  const folder = lstatSync(tapDir, { throwIfNoEntry: false })
  if (!folder?.isDirectory()) return faulty(missingFolder(tapDir, folder !== undefined))
  const owner = (await stat(data).catch(() => undefined))?.uid
  const found = site.asterisk()
  const faults = [
    ...((await inMemory(tapDir)) ? [] : [onDisk(tapDir)]),
    ...(owner === undefined || owner === folder.uid ? [] : [notOurs(site, tapDir, owner)]),
    ...(found ? modesFor(site, found, tapDir) : []),
  ]
  return faultsOr(faults, sound(`${tapDir}, in memory.`, `${tapDir}, в памяти.`))
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
    fault(
      'CONSENTRY_TAP_DIR',
      words(
        `Asterisk may make files in ${tapDir}. A missing pipe would become a file with a conversation in clear.`,
        `Asterisk может создавать файлы в ${tapDir}. Вместо пропавшего канала появится файл с открытым разговором.`,
      ),
      `chmod 2750 ${tapDir}`,
    ),
  ]
}

function closed(site: Site, asterisk: AsteriskProcess, { path, mode, uid, gid }: Obstacle): Fault {
  const user = nameOfUser(site.host, asterisk.uid)
  const groups = asterisk.groups.map(one => nameOfGroup(site.host, one)).join(', ')
  const shown = `${nameOfUser(site.host, uid)}:${nameOfGroup(site.host, gid)} ${(mode ?? 0).toString(8)}`
  const [group = 'asterisk'] = asterisk.groups.map(one => nameOfGroup(site.host, one))
  return fault(
    'CONSENTRY_TAP_DIR',
    words(
      `Asterisk (${user}, groups ${groups}) does not get through ${path} (${shown}).`,
      `Asterisk (${user}, группы ${groups}) не проходит через ${path} (${shown}).`,
    ),
    words(
      `chgrp ${group} ${path} && chmod 2750 ${path} for the folder itself, chmod o+x for one above it; also in /etc/tmpfiles.d/consentry.conf.`,
      `chgrp ${group} ${path} && chmod 2750 ${path} для самой папки, chmod o+x для папки над ней; то же в /etc/tmpfiles.d/consentry.conf.`,
    ),
  )
}

export const missingFolder = (tapDir: string, isOther: boolean): Fault =>
  fault(
    'CONSENTRY_TAP_DIR',
    isOther
      ? words(`${tapDir} is no folder.`, `${tapDir}: это не папка.`)
      : words(`There is no ${tapDir}.`, `Папки ${tapDir} нет.`),
    words(
      'systemd-tmpfiles --create, or correct the path.',
      'Выполните systemd-tmpfiles --create или исправьте путь.',
    ),
  )

const onDisk = (tapDir: string): Fault =>
  fault(
    'CONSENTRY_TAP_DIR',
    words(`${tapDir} is on a disk and not in memory.`, `${tapDir} находится на диске, а не в памяти.`),
    words('Name a folder below /run or /dev/shm.', 'Укажите папку в /run или /dev/shm.'),
  )

const notOurs = (site: Site, tapDir: string, owner: number): Fault =>
  fault(
    'CONSENTRY_TAP_DIR',
    words(
      `${tapDir} does not belong to ${nameOfUser(site.host, owner)}, the user of the service.`,
      `${tapDir} не принадлежит пользователю службы ${nameOfUser(site.host, owner)}.`,
    ),
    `chown ${nameOfUser(site.host, owner)} ${tapDir}`,
  )

/**
 * Whether only one keeper reads the pipes of the tap folder. Another one would return callers to the dialplan during
 * the question, and take their audio.
 */
export async function keepers(site: Site): Promise<Outcome> {
  const { tapDir } = site.config()
  const pids = await keepersOf(tapDir)
  if ((await site.service())?.keeper?.running === false) return faulty(NO_KEEPER)
  if (pids.length === 1)
    return sound(`One reads the pipes: process ${pids[0]}.`, `Каналы читает один: процесс ${pids[0]}.`)
  if (pids.length === 0) return unknown('None runs.', 'Ни один не работает.')
  return faulty(
    fault(
      'CONSENTRY_TAP_DIR',
      words(
        `${pids.length} keepers read the pipes in ${tapDir}: each takes a part of the audio.`,
        `Каналы в ${tapDir} читают сразу ${pids.length}: звук делится между ними.`,
      ),
      words(
        `Give each service a tap folder of its own. End those that no service uses: kill ${pids.join(' or ')}`,
        `Дайте каждой службе свою папку. Лишние завершите: kill ${pids.join(' или ')}`,
      ),
    ),
  )
}

export const NO_KEEPER = fault(
  'consentry-keeper.service',
  words(
    'The service has no keeper: no call is recorded.',
    'У службы нет хранителя звука: ни один звонок не записывается.',
  ),
  words(
    'systemctl start consentry-keeper; if it ends again: journalctl -u consentry-keeper -n 50',
    'systemctl start consentry-keeper; если он снова остановится: journalctl -u consentry-keeper -n 50',
  ),
)

const NONE_RUNS = unknown(
  'Neither service nor Asterisk runs here.',
  'Ни служба, ни Asterisk на этой машине не работают.',
)

/** Whether swap and core dumps may write keys and conversations to a disk, for each process that has them. */
export async function memory(site: Site): Promise<Outcome> {
  const report = await site.service().catch(() => undefined)
  const holders: [unit: string, pid: number | undefined][] = [
    ['consentry.service', report?.pid],
    ...(await keepersOf(site.config().tapDir)).map(
      pid => ['consentry-keeper.service', pid] as [string, number],
    ),
    ['asterisk.service', site.asterisk()?.pid],
  ]
  const running = holders.filter((holder): holder is [string, number] => holder[1] !== undefined)
  if (running.length === 0) return NONE_RUNS
  const faults = running.flatMap(([unit, pid]) =>
    memoryExposures(pid, site.host).map(exposure => exposed(unit, exposure)),
  )
  return faultsOr(
    distinct(faults),
    sound(
      'It reaches no disk, neither by swap nor by core files.',
      'Не попадает на диск ни через swap, ни в core-файлы.',
    ),
  )
}

/** The pattern of core files is the machine's, and is reported for each process. */
const distinct = (faults: readonly Fault[]): Fault[] =>
  faults.filter((fault, i) => faults.findIndex(other => other.found.en === fault.found.en) === i)

function exposed(unit: string, exposure: Exposure): Fault {
  if (exposure === 'swap')
    return fault(
      `MemorySwapMax (${unit})`,
      words(
        `Memory of ${unit} may be swapped to a disk, with keys and conversations.`,
        `Память ${unit} с ключами и разговорами может попасть в swap на диске.`,
      ),
      words(
        `systemctl edit ${unit}: MemorySwapMax=0, or swapoff -a`,
        `systemctl edit ${unit}: MemorySwapMax=0, или swapoff -a`,
      ),
    )
  if (exposure === 'core')
    return fault(
      `LimitCORE (${unit})`,
      words(
        `A crash may write the memory of ${unit} into a core file.`,
        `При сбое память ${unit} может попасть в core-файл.`,
      ),
      `systemctl edit ${unit}: LimitCORE=0`,
    )
  return fault(
    'kernel.core_pattern',
    words(
      'The kernel hands core dumps to a program, whatever the limits are.',
      'Ядро отдаёт core-файлы программе, каковы бы ни были лимиты.',
    ),
    'sysctl kernel.core_pattern=core',
  )
}

/** Recordings that limits should allow if no maximum of recordings is set. */
const USUAL_RECORDINGS = 400
/**
 * Most descriptors of a recorded call. The keeper needs them, and it has the service's limit: two pipes, and at first a writer of
 * its own for each.
 */
const PER_RECORDING = 4
/** Descriptors for all other uses: database, PBX, the keeper's pool of pipes, HTTP requests. */
const RESERVED = 300

/** How many recordings a limit of descriptors allows; at least 1. */
export const recordingsWithin = (limit: number): number =>
  Math.max(1, Math.floor((limit - RESERVED) / PER_RECORDING))

/** How many files service and Asterisk may open. */
export async function limits(site: Site): Promise<Outcome> {
  const report = await site.service().catch(() => undefined)
  const own = report && readProcess(site.host, report.pid)?.fileLimit
  const { maxRecordings } = site.config().limits
  const wanted = Number.isFinite(maxRecordings) ? maxRecordings : USUAL_RECORDINGS
  const faults: Fault[] = []
  if (own !== undefined && recordingsWithin(own) < wanted) faults.push(tooFew(own, recordingsWithin(own)))
  const files = site.asterisk()?.fileLimit
  if (files !== undefined && files < OPEN_FILES.least) faults.push(asteriskTooFew(files))
  if (own === undefined && files === undefined) return NONE_RUNS
  return faultsOr(faults, sound('They are high enough.', 'Достаточно высоки.'))
}

const tooFew = (limit: number, recordings: number): Fault =>
  fault(
    'LimitNOFILE (consentry.service)',
    words(
      `The service may open ${limit} files, enough for ${recordings} recordings at once.`,
      `Служба может открыть файлов: ${limit}. Записей сразу при этом не больше ${recordings}.`,
    ),
    'systemctl edit consentry: LimitNOFILE=65536',
  )

const asteriskTooFew = (limit: number): Fault =>
  fault(
    'maxfiles (asterisk.conf)',
    words(
      `Asterisk may open ${limit} files. It crashes when they run out.`,
      `Asterisk может открыть файлов: ${limit}. Когда они кончатся, он упадёт.`,
    ),
    words(
      'Set maxfiles = 65536 in [options], and LimitNOFILE=65536 of its unit. Then restart it.',
      'Задайте maxfiles = 65536 в [options] и LimitNOFILE=65536 в его юните. Затем перезапустите его.',
    ),
  )

/**
 * Fewest threads of a process that has enough for file operations. Node has 4 for them by default, 64 with `UV_THREADPOOL_SIZE`, which
 * unit, image and command set, and a few for itself.
 */
const ENOUGH_THREADS = 40

/**
 * The fault of this process if hanging disks would soon leave no thread for calls. The service alone reads it, at its start. Call
 * it after a file operation, because the first one makes the threads.
 */
export function fewThreads(): Fault | undefined {
  try {
    return readdirSync('/proc/self/task').length < ENOUGH_THREADS ? FEW_THREADS : undefined
  } catch {
    return undefined
  }
}

const FEW_THREADS = fault(
  'UV_THREADPOOL_SIZE',
  words('A disk that hangs may block all threads.', 'Зависший диск может занять все потоки.'),
  words(
    "Set UV_THREADPOOL_SIZE=64 in the service's environment.",
    'Задайте UV_THREADPOOL_SIZE=64 в окружении службы.',
  ),
)
