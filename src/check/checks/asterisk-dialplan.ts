import type { AsteriskConfig } from '../../host/asterisk-config.js'
import type { LinePolicy } from '../../shared/policy.js'
import { words } from '../../shared/words.js'
import type { Fault } from '../check.js'

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
  const ours = new Set(
    lines.flatMap(({ keys, askKeys }) => [keys.withdraw, keys.pause, ...(askKeys ? [askKeys] : [])]),
  )
  const codes = features.sections
    .filter(({ name }) => KEY_SECTIONS.includes(name))
    .flatMap(({ settings }) => settings.map(({ key, value }) => ({ key, code: value.split(',')[0]!.trim() })))
  return [...ours].flatMap(own =>
    codes
      .filter(({ code }) => code !== '' && (own.startsWith(code) || code.startsWith(own)))
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

/** How the dialplan of FreePBX has a queue or route recorded in any case: `Gosub(sub-record-check,s,1(q,600,force))`. */
const FORCED = /sub-record-check,s,1\((\w+),([^,)]*),\s*(?:force|always)\b/i

function forcedRecordings({ sections }: AsteriskConfig): Fault[] {
  const found = sections.flatMap(({ settings }) =>
    settings.flatMap(({ value }) => {
      const [, kind, name] = FORCED.exec(value) ?? []
      return kind === undefined ? [] : [`${kind} ${name}`.trim()]
    }),
  )
  return [...new Set(found)].map(name => ({
    found: words(
      `FreePBX records ${name} in any case ("force"), whatever callers answer.`,
      `FreePBX записывает ${name} всегда («force»), что бы ни ответил звонящий.`,
    ),
    setting: 'recording (FreePBX)',
    remedy: words(
      'Set its recording to Don’t Care or Never, and apply the configuration.',
      'Поставьте там запись Don’t Care или Never и примените конфигурацию.',
    ),
  }))
}
