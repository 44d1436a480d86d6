/*
 * This room knows what must be right at settings, machine, database, keys and PBX. FACTS lists it all. The other files read
 * the facts from a site, and judge them. They change nothing. The command `check` reads every fact. The running service
 * watches those that name a watch. Its health and the setup judge their own facts by the same functions and settings.
 */
import type { AlarmKind } from '../../core/alarms.js'
import { type Words, words } from '../../core/words.js'

/**
 * What a fact is read from. `closed-files`: files and processes that are closed to the service's user, so that root
 * must read them.
 */
export type Source =
  | 'settings'
  | 'machine'
  | 'closed-files'
  | 'service'
  | 'database'
  | 'stores'
  | 'keys'
  | 'ari'

/** A row of the list. */
export interface FactRow {
  /** Its subject, for people. */
  title: Words
  from: readonly Source[]
  /**
   * How the running service watches it. `apart`: a separate process reads it, because that takes a second of processor
   * time. Absent: health checks it each second, or the service may seldom read it.
   */
  watch?: 'near' | 'apart'
  /** The alarm of a watched fact that has one of its own. All others are `misconfigured`. */
  alarm?: AlarmKind
}

/** All facts, in the order in which they are read: a fact comes after those that it depends on. */
export const FACTS = {
  settings: { title: words('Settings', 'Настройки'), from: ['settings'], watch: 'near' },
  'settings-file': { title: words('Files of the settings', 'Файлы настроек'), from: ['closed-files'] },
  programs: { title: words('Programs', 'Программы'), from: ['machine'] },
  addresses: { title: words('Addresses', 'Адреса'), from: ['machine', 'service'] },
  service: { title: words('Service', 'Служба'), from: ['machine', 'service'] },
  database: { title: words('Database', 'База данных'), from: ['database'], watch: 'near' },
  schema: { title: words('Schema of the database', 'Схема базы данных'), from: ['database'] },
  journal: { title: words('Journal', 'Журнал'), from: ['database'] },
  clock: { title: words('Clock', 'Часы'), from: ['machine', 'database'] },
  store: { title: words('Store of recordings', 'Хранилище записей'), from: ['stores', 'database'] },
  'key-store': { title: words('Key store', 'Хранилище ключей'), from: ['stores', 'database'] },
  keys: { title: words('Keys', 'Ключи'), from: ['keys', 'database'] },
  pbx: { title: words('PBX', 'АТС'), from: ['ari'], watch: 'near' },
  modules: {
    title: words('Modules of Asterisk', 'Модули Asterisk'),
    from: ['ari', 'database'],
    watch: 'near',
  },
  dialplan: { title: words('Dialplan', 'Диалплан'), from: ['ari'], watch: 'near' },
  gosub: { title: words('Lines in the dialplan', 'Линии в диалплане'), from: ['closed-files', 'database'] },
  'pbx-options': {
    title: words('Options of the PBX', 'Настройки АТС'),
    from: ['ari', 'database'],
    watch: 'near',
  },
  asterisk: {
    title: words('Process of Asterisk', 'Процесс Asterisk'),
    from: ['closed-files'],
    watch: 'near',
  },
  'asterisk-files': { title: words('Files of Asterisk', 'Файлы Asterisk'), from: ['closed-files'] },
  'pbx-recording': {
    ...{ title: words('Recordings of the PBX', 'Записи самой АТС'), from: ['closed-files'], watch: 'apart' },
  },
  'tap-folder': { title: words('Tap folder', 'Папка звука'), from: ['machine'], watch: 'near' },
  tap: {
    ...{ title: words('Audio from Asterisk', 'Звук от Asterisk'), from: ['machine', 'ari'], watch: 'near' },
    alarm: 'tap-unreached',
  },
  sides: {
    ...{
      title: words('Both sides after a transfer', 'Обе стороны после перевода'),
      from: ['service', 'ari'],
    },
    watch: 'near',
  },
  keepers: { title: words('Keepers', 'Хранители звука'), from: ['machine', 'service'], watch: 'near' },
  prompts: { title: words('Prompts', 'Фразы'), from: ['machine', 'database', 'ari'] },
  memory: {
    ...{ title: words('Memory', 'Память'), from: ['machine', 'service'], watch: 'near' },
    alarm: 'memory-exposed',
  },
  limits: {
    ...{ title: words('Limits of open files', 'Лимиты открытых файлов'), from: ['machine', 'service'] },
    watch: 'near',
  },
} as const satisfies Record<string, FactRow>

export type FactId = keyof typeof FACTS

/** The ids of all facts, in their order. */
export const FACT_IDS = Object.keys(FACTS) as readonly FactId[]
