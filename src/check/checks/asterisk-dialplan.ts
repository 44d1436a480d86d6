import type { AsteriskConfig } from '../../host/asterisk-config.js'
import type { LinePolicy } from '../../shared/policy.js'
import { words } from '../../shared/words.js'
import type { Fault } from '../check.js'
import { keysInCalls, takes } from '../taken-keys.js'

/** What of Asterisk's files concerns the dialplan. A file that is not there has no sections. */
interface DialplanFiles {
  lines: readonly Pick<LinePolicy, 'keys' | 'askKeys'>[]
  features: AsteriskConfig
  queues: AsteriskConfig
  extensions: AsteriskConfig
}

/** Finds what takes the keys of our lines, and what records by itself. */
export const dialplanFaults = ({ lines, features, queues, extensions }: DialplanFiles): Fault[] => [
  ...takenKeys(lines, features),
  ...recordingQueues(queues),
  ...forcedRecordings(extensions),
]

/** Sections of features.conf whose values are keys. */
const KEY_SECTIONS = ['featuremap', 'applicationmap']

function takenKeys(lines: DialplanFiles['lines'], features: AsteriskConfig): Fault[] {
  const codes = features.sections
    .filter(({ name }) => KEY_SECTIONS.includes(name))
    .flatMap(({ settings }) => settings.map(({ key, value }) => ({ key, code: value.split(',')[0]!.trim() })))
  return keysInCalls(lines).flatMap(own =>
    codes
      .filter(({ code }) => takes(code, own))
      .map(({ key, code }) => ({
        found: words(
          `Asterisk takes ${code} for itself (${key}), and our lines use ${own}.`,
          `Asterisk забирает ${code} себе (${key}), а на наших линиях это ${own}.`,
        ),
        setting: `${key} (features.conf)`,
        remedy: words(
          'Give that feature other keys, or the lines.',
          'Назначьте другие клавиши этой функции или линиям.',
        ),
      })),
  )
}

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
 * How the dialplan of FreePBX has a queue or route recorded: `Gosub(sub-record-check,s,1(q,600,force))`. With `yes` it does so unless
 * something before has said otherwise.
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
