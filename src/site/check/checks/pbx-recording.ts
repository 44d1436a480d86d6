import { words } from '../../../core/words.js'
import type { AsteriskConfig } from '../../../lib/host/asterisk-config.js'
import { type AsteriskSite, lookIntoFiles } from '../asterisk-folder.js'
import { type Check, type Fault, faultsOr, type Outcome, sound, unknown } from '../check.js'
import { recordedExtensions } from './freepbx-recording.js'

/** Settings with which the PBX records calls by itself, without consent. */
export const pbxRecording: Check = {
  name: 'pbx-recording',
  title: words('Recordings of the PBX', 'Записи самой АТС'),
  look: site => site.pbxRecording?.() ?? lookForRecordings(site),
}

/** Checks in this process, which may take a second of processor time. */
export async function lookForRecordings(site: AsteriskSite): Promise<Outcome> {
  const extensions = await recordedExtensions(site.asterisk())
  const inFiles = await lookIntoFiles(site, ({ read }) =>
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
    .map(({ name }) => ({
      found: words(
        `The queue ${name} records its calls itself, whatever callers answer.`,
        `Очередь ${name} сама записывает звонки, что бы ни ответил звонящий.`,
      ),
      setting: 'monitor-format (queues.conf)',
      remedy: words('Take monitor-format out of this queue.', 'Уберите monitor-format у этой очереди.'),
    }))

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
  return [...new Map(found.map(([name, mode]) => [name!, mode!]))].map(([name, mode]) => ({
    found: words(
      `FreePBX records ${name} by itself ("${mode}"), whatever callers answer.`,
      `FreePBX сама записывает ${name} («${mode}»), что бы ни ответил звонящий.`,
    ),
    setting: 'recording (FreePBX)',
    remedy: words(
      'Set its recording to Don’t Care, No or Never, and apply the configuration.',
      'Поставьте там запись Don’t Care, No или Never и примените конфигурацию.',
    ),
  }))
}
