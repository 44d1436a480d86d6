import { type Words, words } from '../../core/words.js'
import type { AsteriskConfig } from '../../lib/host/asterisk-config.js'
import { askConsole } from '../../lib/host/asterisk-console.js'
import { type AsteriskSite, readAsteriskFiles } from './asterisk-folder.js'
import { type Fault, fault, faultsOr, type Outcome, sound, unknown } from './fact.js'
import type { Site } from './site.js'

/** Settings with which the PBX records calls by itself, without consent. */
export const pbxRecording = (site: Site): Promise<Outcome> => site.pbxRecording?.() ?? findPbxRecording(site)
/** Checks in this process, which may take a second of processor time. */
export async function findPbxRecording(site: AsteriskSite): Promise<Outcome> {
  const extensions = await recordedExtensions(site)
  const inFiles = await readAsteriskFiles(site, ({ read }) =>
    faultsOr(
      [
        ...recordingQueues(read('queues.conf', { only: /monitor-format/, skipMissing: true })),
        ...forcedRecordings(read('extensions.conf', { only: FORCED, skipMissing: true })),
      ],
      sound('The PBX records nothing by itself.', 'АТС сама ничего не записывает.'),
    ),
  )
  const faults = [...(extensions ?? []), ...(inFiles.state === 'fault' ? inFiles.faults : [])]
  return faultsOr(faults, extensions || inFiles.state === 'unknown' ? inFiles : CONSOLE_CLOSED)
}

const CONSOLE_CLOSED = unknown(
  'Asterisk’s console does not answer this user, so what FreePBX keeps of extensions is not known: run this as root.',
  'Консоль Asterisk не отвечает этому пользователю, поэтому настройки записи номеров FreePBX неизвестны: запустите это от root.',
)

const recordingQueues = ({ sections }: AsteriskConfig): Fault[] =>
  sections
    .filter(({ settings }) => settings.some(({ key, value }) => key === 'monitor-format' && value !== ''))
    .map(({ name }) =>
      fault(
        'monitor-format (queues.conf)',
        words(
          `The queue ${name} records its calls itself, whatever callers answer.`,
          `Очередь ${name} сама записывает звонки, что бы ни ответил звонящий.`,
        ),
        words('Take monitor-format out of this queue.', 'Уберите monitor-format у этой очереди.'),
      ),
    )

/**
 * The entry with which FreePBX's dialplan records a queue or route: `Gosub(sub-record-check,s,1(q,600,force))`. With
 * `yes` it records unless an earlier setting forbids it.
 */
const FORCED = /sub-record-check,s,1\((\w+),([^,)]*),\s*(force|always|yes|delayed)\b/i

function forcedRecordings({ sections }: AsteriskConfig): Fault[] {
  const found = sections.flatMap(({ settings }) =>
    settings.flatMap(({ value }) => {
      const [, kind, name = '', mode] = FORCED.exec(value) ?? []
      // A route is written as its own extension.
      const [extension = ''] = value.split(',')
      return kind === undefined
        ? []
        : [[`${kind} ${name.replace(/^\$\{EXTEN(:\d+)?\}$/, extension)}`.trim(), mode!]]
    }),
  )
  return [...new Map(found.map(([name, mode]) => [name!, mode!]))].map(([name, mode]) =>
    fault(
      'recording (FreePBX)',
      words(
        `FreePBX records ${name} by itself ("${mode}"), whatever callers answer.`,
        `FreePBX сама записывает ${name} («${mode}»), что бы ни ответил звонящий.`,
      ),
      words(
        'Set its recording to Don’t Care, No or Never, and apply the configuration.',
        'Поставьте там запись Don’t Care, No или Never и примените конфигурацию.',
      ),
    ),
  )
}

/**
 * Key in Asterisk's database under which FreePBX stores that it records an extension's calls with outside participants.
 */
const RECORDED =
  /^\/AMPUSER\/([0-9A-Za-z]+)\/recording\/(?:in|out)\/external\s*: (?:force|always|yes|delayed)\s*$/gm
/** The same for an extension that may record at a key. */
const ON_DEMAND = /^\/AMPUSER\/([0-9A-Za-z]+)\/recording\/ondemand\s*: (?:enabled|override)\s*$/gm
/**
 * Maximum number of named extensions. They are numbers of the operator's own staff, and some are enough to find the
 * rest.
 */
const NAMED = 5

/**
 * Finds extensions whose calls FreePBX records, or may record, without consent. ARI does not read that database:
 * Asterisk protects the function `DB` from other programs, unless `live_dangerously` is on.
 *
 * @returns undefined if Asterisk's console does not answer this user
 */
export async function recordedExtensions(
  site: Pick<AsteriskSite, 'host' | 'asterisk'>,
): Promise<Fault[] | undefined> {
  const asterisk = site.asterisk()
  const shown = asterisk ? await askConsole(site.host, asterisk, 'database show AMPUSER') : ''
  if (shown === undefined) return undefined
  const extensionsIn = (form: RegExp) => [...new Set([...shown.matchAll(form)].map(([, one]) => one!))]
  const [recorded, onDemand] = [extensionsIn(RECORDED), extensionsIn(ON_DEMAND)]
  return [
    ...(recorded.length > 0 ? [recordsItself(listOf(recorded))] : []),
    ...(onDemand.length > 0 ? [mayRecord(listOf(onDemand))] : []),
  ]
}

const listOf = (extensions: readonly string[]): string =>
  `${extensions.slice(0, NAMED).join(', ')}${extensions.length > NAMED ? ', …' : ''}`

const faultOf = (found: Words, remedy: Words): Fault => ({ found, setting: 'recording (FreePBX)', remedy })

const recordsItself = (list: string): Fault =>
  faultOf(
    words(
      `The PBX itself records every call of ${list}, whatever callers answer.`,
      `АТС сама записывает все звонки ${list}, что бы ни ответил звонящий.`,
    ),
    words(
      'Set Inbound and Outbound External Calls of these extensions to Don’t Care, No or Never.',
      'Поставьте этим номерам Inbound и Outbound External Calls: Don’t Care, No или Never.',
    ),
  )

const mayRecord = (list: string): Fault =>
  faultOf(
    words(
      `At a key the PBX itself records calls of ${list}, whatever callers answer.`,
      `По клавише АТС сама записывает звонки ${list}, что бы ни ответил звонящий.`,
    ),
    words(
      'Set On Demand Recording of these extensions to Disable.',
      'Поставьте этим номерам On Demand Recording: Disable.',
    ),
  )
