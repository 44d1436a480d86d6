import { statSync } from 'node:fs'
import { dirname } from 'node:path'
import { PARTY_VARIABLE } from '../../core/pbx-facts.js'
import { type LinePolicy, recordedPurposes } from '../../core/policy.js'
import { words } from '../../core/words.js'
import {
  type AsteriskConfig,
  type ConfigSection,
  isTrue,
  repeatedSections,
  settingIn,
  settingsOf,
} from '../../lib/host/asterisk-config.js'
import {
  askConsole,
  HANDS_OVER,
  type Handover,
  runningHandovers,
  writtenHandovers,
} from '../../lib/host/asterisk-console.js'
import { readAsteriskFiles } from './asterisk-folder.js'
import { RELOAD_DIALPLAN, remedyFor, settingFaults } from './asterisk-settings.js'
import { type Fault, fault, faultsOr, type Outcome, sound, unknown } from './fact.js'
import type { Site } from './site.js'
import { keysInCalls, takes } from './taken-keys.js'

/** Settings in Asterisk's files that are not read, or cause harm. */
export const asteriskFiles = (site: Site): Promise<Outcome> =>
  readAsteriskFiles(site, async ({ path, main, read }) => {
    const lines = await site.lines().catch(() => [])
    const [ari, http] = [read('ari.conf'), read('http.conf')]
    return faultsOr(
      [
        ...settingFaults('asterisk.conf', main),
        ...secondGeneral(ari, 'ari.conf'),
        ...settingFaults('ari.conf', ari),
        ...openPasswords(ari),
        // Every file that it includes must exist, too.
        ...(isHidden(ari, read('extensions.conf', { only: SETS_PARTY })) ? [PARTY_HIDDEN] : []),
        ...secondGeneral(http, 'http.conf'),
        ...settingFaults('http.conf', http),
        ...takenKeys(lines, read('features.conf')),
        ...endpointFaults(
          read('pjsip.conf', { skipMissing: true }),
          read('extensions.conf', { only: HANDS_OVER, skipMissing: true }),
        ),
      ],
      sound(`${path}: nothing in the way.`, `${path}: ничего не мешает.`),
    )
  })
/** Files with passwords of ARI that users other than owner and group may read. */
function openPasswords({ sections }: AsteriskConfig): Fault[] {
  const files = sections.filter(one => one.settings.some(({ key }) => key.toLowerCase() === 'password'))
  return [...new Set(files.map(({ file }) => file))]
    .filter(file => (statSync(file).mode & 0o004) !== 0 && isReached(file))
    .map(file =>
      fault(
        file,
        words(
          `Every user of this machine may read the password of ARI, and so command the PBX: ${file}.`,
          `Пароль ARI может прочитать любой пользователь машины, а с ним и управлять АТС: ${file}.`,
        ),
        words(
          `chmod 0640 ${file}; beside FreePBX run consentry setup, which also keeps fwconsole chown from it`,
          `chmod 0640 ${file}; рядом с FreePBX выполните consentry setup: после этого fwconsole chown его не откроет`,
        ),
      ),
    )
}

/** True if all users may enter every folder above a file. */
function isReached(file: string): boolean {
  const folder = dirname(file)
  return folder === file || ((statSync(folder).mode & 0o001) !== 0 && isReached(folder))
}

/** Matches the lines of a dialplan that mark participants as inside or outside. */
const SETS_PARTY = new RegExp(PARTY_VARIABLE)

/** The names in `channelvars` of ari.conf: variables that Asterisk reports for each channel. */
const channelVariables = (setting: string | undefined): string[] =>
  (setting ?? '').split(',').flatMap(one => one.trim() || [])

/** True if the dialplan marks participants as inside or outside, and Asterisk does not report it. */
const isHidden = (ari: AsteriskConfig, { sections }: AsteriskConfig): boolean =>
  sections.some(({ settings }) => settings.some(({ value }) => value.includes(PARTY_VARIABLE))) &&
  !channelVariables(settingIn(ari, 'general', 'channelvars')).includes(PARTY_VARIABLE)

const PARTY_HIDDEN = fault(
  'channelvars (ari.conf)',
  words(
    `The dialplan sets ${PARTY_VARIABLE}, and Asterisk does not show it, so it has no effect.`,
    `Диалплан задаёт ${PARTY_VARIABLE}, но Asterisk её не показывает, поэтому она не действует.`,
  ),
  remedyFor('ari.conf', `channelvars = ${PARTY_VARIABLE}`),
)

const secondGeneral = (config: AsteriskConfig, file: string): Fault[] =>
  repeatedSections(config, 'general').map((section: ConfigSection) =>
    fault(
      `[general] (${file})`,
      words(
        `${file} has a second [general], in ${section.file} line ${section.line}: its settings do not hold.`,
        `В ${file} есть второй раздел [general] (${section.file}, строка ${section.line}): его настройки не действуют.`,
      ),
      words(
        'Write [general](+) there, or move its settings into the first one.',
        'Напишите там [general](+) или перенесите настройки в первый раздел.',
      ),
    ),
  )

/**
 * Finds faults of endpoints whose calls begin in a context that hands them over: keys that Asterisk does not receive,
 * and audio that bypasses Asterisk.
 *
 * @param pjsip `pjsip.conf`
 * @param extensions `extensions.conf`
 */
export function endpointFaults(pjsip: AsteriskConfig, extensions: AsteriskConfig): Fault[] {
  const contexts = new Set(writtenHandovers(extensions).map(({ context }) => context))
  const names = new Set(pjsip.sections.filter(({ template }) => !template).map(({ name }) => name))
  return [...names].flatMap(name => {
    const settings = settingsOf(pjsip, name)
    const value = (key: string) => settings.findLast(one => one.key.toLowerCase() === key)?.value
    if (value('type') !== 'endpoint' || !contexts.has(value('context') ?? 'default')) return []
    return [
      ...(value('dtmf_mode') === 'none' ? [keysUnheard(name)] : []),
      ...(isTrue(value('direct_media') ?? 'yes') ? [audioPast(name)] : []),
    ]
  })
}

const keysUnheard = (name: string): Fault =>
  fault(
    `dtmf_mode (pjsip.conf, ${name})`,
    words(
      `Asterisk takes no keys from the endpoint ${name}: its callers cannot answer by key.`,
      `Asterisk не принимает клавиши от точки ${name}: звонящие не могут ответить клавишей.`,
    ),
    words(
      'Set dtmf_mode = auto, then: asterisk -rx "pjsip reload"',
      'Задайте dtmf_mode = auto, затем: asterisk -rx "pjsip reload"',
    ),
  )

const audioPast = (name: string): Fault =>
  fault(
    `direct_media (pjsip.conf, ${name})`,
    words(
      `Audio and keys of the endpoint ${name} may go past Asterisk.`,
      `Звук и клавиши точки ${name} могут идти мимо Asterisk.`,
    ),
    words(
      'Set direct_media = no, then: asterisk -rx "pjsip reload"',
      'Задайте direct_media = no, затем: asterisk -rx "pjsip reload"',
    ),
    'weak',
  )

/** Sections of features.conf whose values are keys. */
const KEY_SECTIONS = ['featuremap', 'applicationmap']

/** Finds what takes the keys of our lines. */
export function takenKeys(
  lines: readonly Pick<LinePolicy, 'keys' | 'askKeys'>[],
  features: AsteriskConfig,
): Fault[] {
  const codes = features.sections
    .filter(({ name }) => KEY_SECTIONS.includes(name))
    .flatMap(({ settings }) => settings.map(({ key, value }) => ({ key, code: value.split(',')[0]!.trim() })))
  return keysInCalls(lines).flatMap(own =>
    codes
      .filter(({ code }) => takes(code, own))
      .map(({ key, code }) =>
        fault(
          `${key} (features.conf)`,
          words(
            `Asterisk takes ${code} for itself (${key}), and our lines use ${own}.`,
            `Asterisk забирает ${code} себе (${key}), а на наших линиях это ${own}.`,
          ),
          words(
            'Give that feature other keys, or the lines.',
            'Назначьте другие клавиши этой функции или линиям.',
          ),
        ),
      ),
  )
}

/** Maximum number of numbers in a fault. */
const NAMED = 10

/** Whether the running dialplan hands over the calls of each line, so that its callers are asked. */
export async function gosub(site: Site): Promise<Outcome> {
  const numbers = (await site.lines()).filter(one => recordedPurposes(one).length > 0).map(one => one.number)
  if (numbers.length === 0)
    return sound('No line in force is recorded.', 'Ни одна действующая линия не записывается.')
  const asterisk = site.asterisk()
  const shown = asterisk && (await askConsole(site.host, asterisk, 'dialplan show'))
  if (shown === undefined)
    return unknown(
      'Asterisk’s console does not answer this user, so the dialplan that runs is not known: run this as root.',
      'Консоль Asterisk не отвечает этому пользователю, поэтому работающий диалплан неизвестен: запустите это от root.',
    )
  const running = runningHandovers(shown)
  return readAsteriskFiles(site, ({ read }) => {
    const written = writtenHandovers(read('extensions.conf', { only: HANDS_OVER, skipMissing: true }))
    const away = numbers.filter(number => !isServed(running, number))
    const [waiting, missing] = [
      away.filter(number => isServed(written, number)),
      away.filter(number => !isServed(written, number)),
    ]
    return faultsOr(
      [
        ...(missing.length > 0 ? [notAsked(missing)] : []),
        ...(waiting.length > 0 ? [notReloaded(waiting)] : []),
      ],
      sound('Calls to each line are handed over.', 'Звонки на каждую линию передаются службе.'),
    )
  })
}

const isServed = (places: readonly Handover[], number: string): boolean =>
  places.some(place => place.serves(number))

const listed = (numbers: readonly string[]): string =>
  numbers.length > NAMED ? `${numbers.slice(0, NAMED).join(', ')} …` : numbers.join(', ')

const notAsked = (numbers: readonly string[]): Fault =>
  fault(
    'Gosub(consentry,s,1) (extensions.conf)',
    words(
      `Nothing in the dialplan hands calls to these lines over, so their callers are not asked: ${listed(numbers)}.`,
      `Диалплан не передаёт службе звонки на эти линии, и звонящих не спрашивают: ${listed(numbers)}.`,
    ),
    words(
      `Run it in the extension of each number before the queue, as docs/asterisk.md says, then: ${RELOAD_DIALPLAN}`,
      `Выполните его в экстеншене каждого номера перед очередью, как сказано в docs/asterisk.md, затем: ${RELOAD_DIALPLAN}`,
    ),
  )

const notReloaded = (numbers: readonly string[]): Fault =>
  fault(
    'dialplan reload',
    words(
      `The dialplan was changed and not reloaded, so callers of these lines are not asked: ${listed(numbers)}.`,
      `Диалплан изменён, но не перечитан, и звонящих на эти линии не спрашивают: ${listed(numbers)}.`,
    ),
    RELOAD_DIALPLAN,
  )
