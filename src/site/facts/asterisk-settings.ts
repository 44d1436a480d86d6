import { type Words, words } from '../../core/words.js'
import { type AsteriskConfig, isTrue, settingIn } from '../../lib/host/asterisk-config.js'
import { type Fault, fault } from './fact.js'

/** Files of Asterisk whose settings we need, by the section that has them. */
const SECTIONS = { 'asterisk.conf': 'options', 'ari.conf': 'general', 'http.conf': 'general' } as const

export type SettingsFile = keyof typeof SECTIONS

/** Orders of Asterisk's console that read a file again. After a change of `asterisk.conf` it must restart. */
export const RELOADS = {
  'ari.conf': 'module reload res_ari.so',
  'http.conf': 'module reload http',
  extensions: 'dialplan reload',
} as const

/** The command with which the dialplan is read again. */
export const RELOAD_DIALPLAN = `asterisk -rx "${RELOADS.extensions}"`

/** Open files that Asterisk needs for hundreds of recorded calls. Without them it crashes. */
export const OPEN_FILES = { least: 8_192, wanted: 65_536 }
/** HTTP sessions that ARI needs for hundreds of calls. */
const LEAST_SESSIONS = 1_000
/** Shortest stall of a service that must not cost its connection to ARI, ms. */
const WRITE_TIMEOUT_MS = 1_000
/** Addresses on which every host of the network reaches ARI. */
const EVERYWHERE = ['0.0.0.0', '::', '[::]']

/** A setting that must be right for us. The setup writes it, and the check reports it. */
interface AsteriskSetting {
  file: SettingsFile
  key: string
  isRight(value: string): boolean
  /** The value that Asterisk takes without the setting. Undefined: the setup writes the setting if it is absent. */
  usual?: string
  wanted: string
  /** Settings that are written with it. */
  also?: Record<string, string>
  /** True if the setup leaves any present value. */
  isOwnChoice?: true
  /** What is wrong. Absent for the setup alone: the check reads the process instead. */
  found?(value: string): Words
  weak?: 'weak'
}

const isOff = (value: string): boolean => !isTrue(value)
const isAtLeast = (least: number) => (value: string) => Number(value) >= least
const ariIsOff = (file: string) => () => words(`${file} has ARI switched off.`, `В ${file} ARI выключен.`)

const SETTINGS: readonly AsteriskSetting[] = [
  {
    ...{ file: 'asterisk.conf', key: 'maxfiles', usual: '0', wanted: String(OPEN_FILES.wanted) },
    isRight: isAtLeast(OPEN_FILES.least),
  },
  { file: 'asterisk.conf', key: 'highpriority', usual: 'no', wanted: 'yes', isRight: isTrue },
  {
    ...{ file: 'asterisk.conf', key: 'cache_record_files', usual: 'no', wanted: 'no', isRight: isOff },
    found: () =>
      words(
        'Recordings are gathered as plain files before they come to us.',
        'Записи сначала копятся в обычных файлах.',
      ),
  },
  {
    ...{ file: 'asterisk.conf', key: 'live_dangerously', usual: 'no', wanted: 'no', isRight: isOff },
    found: () =>
      words(
        'ARI and others may use functions that read files and run commands.',
        'ARI и другие интерфейсы могут читать файлы и запускать команды.',
      ),
  },
  {
    ...{ file: 'asterisk.conf', key: 'dumpcore', usual: 'no', wanted: 'no', isRight: isOff },
    found: () =>
      words(
        'When Asterisk crashes, conversations get into a core file.',
        'При сбое Asterisk разговоры попадут в core-файл.',
      ),
  },
  { file: 'ari.conf', key: 'enabled', wanted: 'yes', isRight: isTrue, found: ariIsOff('ari.conf') },
  {
    ...{ file: 'ari.conf', key: 'websocket_write_timeout', usual: '100', wanted: String(WRITE_TIMEOUT_MS) },
    isRight: isAtLeast(WRITE_TIMEOUT_MS),
    found: () =>
      words(
        'A service that stands still for a tenth of a second loses its connection.',
        'Служба, замершая на десятую долю секунды, теряет соединение.',
      ),
    weak: 'weak',
  },
  {
    ...{ file: 'http.conf', key: 'enabled', usual: 'no', wanted: 'yes', isRight: isTrue },
    found: ariIsOff('http.conf'),
  },
  {
    ...{ file: 'http.conf', key: 'bindaddr', wanted: '127.0.0.1', isOwnChoice: true },
    isRight: value => !EVERYWHERE.includes(value),
    found: address =>
      words(
        `ARI listens at ${address}, for the whole network. A client of ARI commands the PBX.`,
        `ARI открыт всей сети (${address}). Клиент ARI управляет всей АТС.`,
      ),
  },
  {
    ...{ file: 'http.conf', key: 'sessionlimit', usual: '100', wanted: '2000' },
    also: { session_keep_alive: '60000' },
    isRight: isAtLeast(LEAST_SESSIONS),
    found: sessions =>
      words(
        `Only ${sessions} requests of ARI may be under way at once.`,
        `Одновременно выполняется не больше ${sessions} запросов ARI.`,
      ),
    weak: 'weak',
  },
]

const settingsOf = (file: SettingsFile, config: AsteriskConfig) =>
  SETTINGS.filter(one => one.file === file).map(setting => ({
    setting,
    given: settingIn(config, SECTIONS[file], setting.key),
  }))

/** The faults of a file's settings. A missing file has none. */
export function settingFaults(file: SettingsFile, config: AsteriskConfig): Fault[] {
  if (config.sections.length === 0) return []
  return settingsOf(file, config).flatMap(
    ({ setting: { key, isRight, usual, wanted, found, weak }, given }) => {
      const value = given ?? usual
      if (!found || value === undefined || isRight(value)) return []
      return [fault(`${key} (${file})`, found(value), remedyFor(file, `${key} = ${wanted}`), weak)]
    },
  )
}

/** How a setting of a file is set, and takes effect. */
export function remedyFor(file: SettingsFile, setting: string): Words {
  const [en, ru] = [`Set ${setting} in [${SECTIONS[file]}]`, `Задайте ${setting} в [${SECTIONS[file]}]`]
  if (file === 'asterisk.conf')
    return words(`${en}, and restart Asterisk.`, `${ru} и перезапустите Asterisk.`)
  const reload = `asterisk -rx "${RELOADS[file]}"`
  return words(`${en}, then: ${reload}`, `${ru}, затем: ${reload}`)
}

/** The section of a file, and the settings that the setup adds to it. @param done keys of settings that need not be added */
export function missingSettings(
  file: SettingsFile,
  config: AsteriskConfig,
  done: readonly string[] = [],
): { section: string; settings: Record<string, string> } {
  const missing = settingsOf(file, config).filter(
    ({ setting: { key, isRight, usual, isOwnChoice }, given }) => {
      const value = given ?? usual
      if (done.includes(key)) return false
      return value === undefined || !(isRight(value) || (given !== undefined && isOwnChoice))
    },
  )
  const rows = missing.map(({ setting: { key, wanted, also } }) => ({ [key]: wanted, ...also }))
  return { section: SECTIONS[file], settings: Object.assign({}, ...rows) }
}
