import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { PARTY_VARIABLE } from '../../../core/pbx-facts.js'
import { type Words, words } from '../../../core/words.js'
import {
  type AsteriskConfig,
  type ConfigSection,
  isTrue,
  repeatedSections,
  settingIn,
} from '../../../lib/host/asterisk-config.js'
import { HANDS_OVER } from '../../../lib/host/asterisk-console.js'
import {
  channelVariables,
  HTTP_SESSIONS,
  OPTIONS_OFF,
  WRITE_TIMEOUT_MS,
} from '../../../lib/host/asterisk-needs.js'
import { lookIntoFiles } from '../asterisk-folder.js'
import { type Check, type Fault, faultsOr, sound } from '../check.js'
import { endpointFaults } from './asked-endpoints.js'
import { takenKeys } from './taken-by-features.js'

/** Settings in Asterisk's files that are not read, or cause harm. */
export const asteriskFiles: Check = {
  name: 'asterisk-files',
  title: words('Files of Asterisk', 'Файлы Asterisk'),
  look: site =>
    lookIntoFiles(site, async ({ path, main, read }) => {
      const lines = await site.lines().catch(() => [])
      const ari = read('ari.conf')
      return faultsOr(
        [
          ...optionFaults(main),
          ...ariFaults(ari),
          ...openPasswords(ari),
          // Every file that it includes must exist, too.
          ...(isHidden(ari, read('extensions.conf', { only: SETS_PARTY })) ? [PARTY_HIDDEN] : []),
          ...httpFaults(read('http.conf')),
          ...takenKeys(lines, read('features.conf')),
          ...endpointFaults(
            read('pjsip.conf', { skipMissing: true }),
            read('extensions.conf', { only: HANDS_OVER, skipMissing: true }),
          ),
        ],
        sound(`${path}: nothing in the way.`, `${path}: ничего не мешает.`),
      )
    }),
}

/** The harm of each option that must be off. */
const HARM: Record<(typeof OPTIONS_OFF)[number], Words> = {
  cache_record_files: words(
    'Recordings are gathered as plain files before they come to us.',
    'Записи сначала копятся в обычных файлах.',
  ),
  live_dangerously: words(
    'ARI and others may use functions that read files and run commands.',
    'ARI и другие интерфейсы могут читать файлы и запускать команды.',
  ),
  dumpcore: words(
    'When Asterisk crashes, conversations get into a core file.',
    'При сбое Asterisk разговоры попадут в core-файл.',
  ),
}

const optionFaults = (asterisk: AsteriskConfig): Fault[] =>
  OPTIONS_OFF.filter(key => isTrue(settingIn(asterisk, 'options', key))).map(key => ({
    found: HARM[key],
    setting: `${key} (asterisk.conf)`,
    remedy: words(
      `Set ${key} = no in [options], and restart Asterisk.`,
      `Задайте ${key} = no в [options] и перезапустите Asterisk.`,
    ),
  }))

function ariFaults(ari: AsteriskConfig): Fault[] {
  const timeout = settingIn(ari, 'general', 'websocket_write_timeout')
  const disabled = ari.sections.length > 0 && !isTrue(settingIn(ari, 'general', 'enabled') ?? 'yes')
  return [
    ...secondGeneral(ari, 'ari.conf'),
    ...(disabled ? [notEnabled('ari.conf')] : []),
    ...(ari.sections.length > 0 && Number(timeout ?? 100) < WRITE_TIMEOUT_MS ? [SHORT_TIMEOUT] : []),
  ]
}

const SHORT_TIMEOUT: Fault = {
  found: words(
    'A service that stands still for a tenth of a second loses its connection.',
    'Служба, замершая на десятую долю секунды, теряет соединение.',
  ),
  setting: 'websocket_write_timeout (ari.conf)',
  remedy: words(
    `Set websocket_write_timeout = ${WRITE_TIMEOUT_MS} in [general].`,
    `Задайте websocket_write_timeout = ${WRITE_TIMEOUT_MS} в [general].`,
  ),
  weak: true,
}

/** Files with passwords of ARI that users other than owner and group may read. */
function openPasswords({ sections }: AsteriskConfig): Fault[] {
  const files = sections.filter(one => one.settings.some(({ key }) => key.toLowerCase() === 'password'))
  return [...new Set(files.map(({ file }) => file))]
    .filter(file => (statSync(file).mode & 0o004) !== 0 && isReached(file))
    .map(file => ({
      found: words(
        `Every user of this machine may read the password of ARI, and so command the PBX: ${file}.`,
        `Пароль ARI может прочитать любой пользователь машины, а с ним и управлять АТС: ${file}.`,
      ),
      setting: file,
      remedy: words(
        `chmod 0640 ${file}; beside FreePBX run consentry setup, which also keeps fwconsole chown from it`,
        `chmod 0640 ${file}; рядом с FreePBX выполните consentry setup: после этого fwconsole chown его не откроет`,
      ),
    }))
}

/** True if all users may enter every folder above a file. */
function isReached(file: string): boolean {
  const folder = dirname(file)
  return folder === file || ((statSync(folder).mode & 0o001) !== 0 && isReached(folder))
}

/** Matches the lines of a dialplan that mark participants as inside or outside. */
const SETS_PARTY = new RegExp(PARTY_VARIABLE)

/** True if the dialplan marks participants as inside or outside, and Asterisk does not report it. */
const isHidden = (ari: AsteriskConfig, { sections }: AsteriskConfig): boolean =>
  sections.some(({ settings }) => settings.some(({ value }) => value.includes(PARTY_VARIABLE))) &&
  !channelVariables(settingIn(ari, 'general', 'channelvars')).includes(PARTY_VARIABLE)

const PARTY_HIDDEN: Fault = {
  found: words(
    `The dialplan sets ${PARTY_VARIABLE}, and Asterisk does not show it, so it has no effect.`,
    `Диалплан задаёт ${PARTY_VARIABLE}, но Asterisk её не показывает, поэтому она не действует.`,
  ),
  setting: 'channelvars (ari.conf)',
  remedy: words(
    `Set channelvars = ${PARTY_VARIABLE} in [general], then: asterisk -rx "module reload res_ari.so"`,
    `Задайте channelvars = ${PARTY_VARIABLE} в [general], затем: asterisk -rx "module reload res_ari.so"`,
  ),
}

/** Addresses on which every host of the network reaches ARI. */
const EVERYWHERE = ['0.0.0.0', '::', '[::]']
function httpFaults(http: AsteriskConfig): Fault[] {
  if (http.sections.length === 0) return []
  const address = settingIn(http, 'general', 'bindaddr') ?? ''
  const sessions = Number(settingIn(http, 'general', 'sessionlimit') ?? 100)
  return [
    ...secondGeneral(http, 'http.conf'),
    ...(isTrue(settingIn(http, 'general', 'enabled')) ? [] : [notEnabled('http.conf')]),
    ...(EVERYWHERE.includes(address) ? [openToAll(address)] : []),
    ...(sessions < HTTP_SESSIONS.least ? [fewSessions(sessions)] : []),
  ]
}

const openToAll = (address: string): Fault => ({
  found: words(
    `ARI listens at ${address}, for the whole network. A client of ARI commands the PBX.`,
    `ARI открыт всей сети (${address}). Клиент ARI управляет всей АТС.`,
  ),
  setting: 'bindaddr (http.conf)',
  remedy: words(
    'Set bindaddr = 127.0.0.1, then: asterisk -rx "module reload http"',
    'Задайте bindaddr = 127.0.0.1, затем: asterisk -rx "module reload http"',
  ),
})

const fewSessions = (sessions: number): Fault => ({
  found: words(
    `Only ${sessions} requests of ARI may be under way at once.`,
    `Одновременно выполняется не больше ${sessions} запросов ARI.`,
  ),
  setting: 'sessionlimit (http.conf)',
  remedy: words('Set sessionlimit = 2000 in [general].', 'Задайте sessionlimit = 2000 в [general].'),
  weak: true,
})

const notEnabled = (file: string): Fault => ({
  found: words(`${file} has ARI switched off.`, `В ${file} ARI выключен.`),
  setting: `enabled (${file})`,
  remedy: words('Set enabled = yes in [general].', 'Задайте enabled = yes в [general].'),
})

const secondGeneral = (config: AsteriskConfig, file: string): Fault[] =>
  repeatedSections(config, 'general').map((section: ConfigSection) => ({
    found: words(
      `${file} has a second [general], in ${section.file} line ${section.line}: its settings do not hold.`,
      `В ${file} есть второй раздел [general] (${section.file}, строка ${section.line}): его настройки не действуют.`,
    ),
    setting: `[general] (${file})`,
    remedy: words(
      'Write [general](+) there, or move its settings into the first one.',
      'Напишите там [general](+) или перенесите настройки в первый раздел.',
    ),
  }))
