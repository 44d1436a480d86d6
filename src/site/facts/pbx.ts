import { lstatSync } from 'node:fs'
import { dialplanFile, shippedEntry } from '../../asterisk/dialplan-version.js'
import { AppError } from '../../core/errors.js'
import type { PbxExamination } from '../../core/pbx-facts.js'
import { reachesPipes } from '../../core/service-report.js'
import { words } from '../../core/words.js'
import { unknownLine } from '../../lines/unknown-line.js'
import { RELOAD_DIALPLAN } from './asterisk-settings.js'
import { type Fault, fault, faultsOr, faulty, type Outcome, sound, unknown } from './fact.js'
import type { Site } from './site.js'
import { keysInCalls, takes } from './taken-keys.js'

/** The oldest Asterisk with which the dialplan file was tried. */
const OLDEST = 16

/** Whether the PBX can be reached, knows the ARI user, and is not too old. */
export async function pbx(site: Site): Promise<Outcome> {
  const { ari } = site.config()
  try {
    const { version, writable, followed, url } = await site.pbx()
    const major = Number.parseInt(version ?? '', 10)
    const faults = [
      ...(writable === false ? [READ_ONLY] : []),
      ...(followed === false ? [NOT_FOLLOWED] : []),
      ...(major < OLDEST ? [tooOld(version ?? '')] : []),
    ]
    return faultsOr(faults, sound(`Asterisk ${version ?? '?'}, ${url}`, `Asterisk ${version ?? '?'}, ${url}`))
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return faulty(unreachable(error.message, ari.url))
  }
}

function unreachable(message: string, url: string): Fault {
  const refused = /\((?:401|403)\)/.test(message)
  return fault(
    refused ? 'ARI_USERNAME, ARI_PASSWORD' : 'ARI_URL',
    words(`It is out of reach: ${message}`, `Недоступна: ${message}`),
    refused
      ? words(
          'Use name and password of a user in ari.conf, then: asterisk -rx "module reload res_ari.so"',
          'Укажите имя и пароль пользователя из ari.conf, затем: asterisk -rx "module reload res_ari.so"',
        )
      : words(
          `See that Asterisk runs and http.conf has enabled = yes for ${new URL(url).host}: asterisk -rx "http show status"`,
          `Проверьте, что Asterisk работает и в http.conf есть enabled = yes для ${new URL(url).host}: asterisk -rx "http show status"`,
        ),
  )
}

const READ_ONLY = fault(
  'read_only (ari.conf)',
  words(
    'The ARI user may only read, so no caller is asked.',
    'Пользователь ARI может только читать, поэтому никого не спрашивают.',
  ),
  words('Set read_only = no for this user.', 'Задайте этому пользователю read_only = no.'),
)

const NOT_FOLLOWED = fault(
  'ARI_URL',
  words(
    'It does not report who joins a conversation, so recordings are paused.',
    'Не сообщает, кто присоединяется к разговору, поэтому записи приостановлены.',
  ),
  words(
    'See that nothing between service and ARI refuses POST /ari/applications, and why in the log of Asterisk. The service asks again every 30 s.',
    'Проверьте, что между службой и ARI ничто не отклоняет POST /ari/applications; причину ищите в журнале Asterisk. Служба повторяет запрос каждые 30 с.',
  ),
)

const tooOld = (version: string): Fault =>
  fault(
    'Asterisk',
    words(
      `Asterisk ${version} is older than ${OLDEST}, which the dialplan file needs.`,
      `Asterisk ${version} старше версии ${OLDEST}, которая нужна файлу диалплана.`,
    ),
    words('Update Asterisk.', 'Обновите Asterisk.'),
  )

/** The features that consentry.conf and the service use, by the module that provides them. */
const NEEDED = [
  ...['app_mixmonitor', 'app_stack', 'app_stasis', 'format_pcm', 'codec_alaw'],
  ...['func_cut', 'func_dialplan', 'func_env', 'func_global', 'func_logic', 'func_strings', 'func_volume'],
  ...['res_ari_applications', 'res_ari_asterisk', 'res_ari_bridges', 'res_ari_channels', 'res_ari_events'],
  ...['res_ari_playbacks', 'res_stasis_playback', 'res_stasis_snoop'],
]

/** Modules that send the service the caller's speech. Only lines by voice need them. */
const NEEDED_BY_VOICE = ['chan_rtp']

/** Whether the PBX has the modules. */
export async function modules(site: Site): Promise<Outcome> {
  const { modules: running } = await site.pbx()
  if (!running)
    return unknown('The PBX does not list its modules.', 'АТС не сообщает, какие модули загружены.')
  const lines = await site.lines().catch(() => [])
  const isByVoice = lines.some(({ mode }) => mode === 'voice-or-key')
  const needed = [...NEEDED, ...(isByVoice ? NEEDED_BY_VOICE : [])]
  const missing = needed
    .filter(name => !running.includes(`${name}.so`))
    .map(name =>
      fault(
        'modules.conf',
        words(`The module ${name} does not run.`, `Модуль ${name} не загружен.`),
        words(
          `Load it: asterisk -rx "module load ${name}.so", and take noload = ${name}.so out.`,
          `Загрузите его: asterisk -rx "module load ${name}.so", и уберите noload = ${name}.so.`,
        ),
      ),
    )
  return faultsOr(missing, sound('All that are needed run.', 'Загружены все нужные.'))
}

/** Whether the dialplan has consentry.conf, in this version, and with the name of our application. */
export async function dialplan(site: Site): Promise<Outcome> {
  const { included, current, globals } = await site.pbx()
  if (included === null)
    return unknown('The PBX does not say what its dialplan has.', 'АТС не сообщает, что есть в её диалплане.')
  if (!included) return faulty(NOT_INCLUDED())
  const { app } = site.config().ari
  const handedTo = globals.CONSENTRY_APP || 'consentry'
  const faults = [
    ...(current === false ? [OUTDATED()] : []),
    ...(globals.CONSENTRY_APP !== null && handedTo !== app ? [otherApplication(handedTo, app)] : []),
  ]
  return faultsOr(
    faults,
    sound('It has consentry.conf of this version.', 'В нём есть consentry.conf этой версии.'),
  )
}

const NOT_INCLUDED = (): Fault =>
  fault(
    'extensions.conf',
    words(
      'The dialplan lacks contexts of consentry.conf: no call comes to the service.',
      'В диалплане нет контекстов из consentry.conf: звонки до службы не доходят.',
    ),
    words(
      `Run consentry setup, or copy ${shippedEntry()} beside it as consentry-extensions.conf and write #include consentry-extensions.conf into it, then: ${RELOAD_DIALPLAN}`,
      `Выполните consentry setup либо скопируйте ${shippedEntry()} рядом с ним под именем consentry-extensions.conf и добавьте в него #include consentry-extensions.conf, затем: ${RELOAD_DIALPLAN}`,
    ),
  )

const OUTDATED = (): Fault =>
  fault(
    'extensions.conf',
    words('The dialplan has consentry.conf of another version.', 'В диалплане consentry.conf другой версии.'),
    words(
      `See that it gets ${dialplanFile()}, then: ${RELOAD_DIALPLAN}`,
      `Проверьте, что в него попадает ${dialplanFile()}, затем: ${RELOAD_DIALPLAN}`,
    ),
  )

const otherApplication = (handedTo: string, app: string): Fault =>
  fault(
    'ARI_APP',
    words(
      `The dialplan hands calls to the application ${handedTo}, and the service is ${app}.`,
      `Диалплан отдаёт звонки приложению ${handedTo}, а служба называется ${app}.`,
    ),
    words(
      `Write CONSENTRY_APP=${app} into [globals] of extensions.conf, then: ${RELOAD_DIALPLAN}`,
      `Добавьте CONSENTRY_APP=${app} в [globals] файла extensions.conf, затем: ${RELOAD_DIALPLAN}`,
    ),
  )

/** Global variables with options of Dial, by their FreePBX names, with their labels in FreePBX's Advanced Settings. */
const OPTIONS = [
  ['DIAL_OPTIONS', 'Asterisk Dial Options'],
  ['TRUNK_OPTIONS', 'Asterisk Outbound Trunk Dial Options'],
] as const
type Place = (typeof OPTIONS)[number]

/** The default keys, for an installation without lines. */
const USUAL_KEYS = keysInCalls([unknownLine('')])

/** Asterisk's default code that ends a call, if the PBX does not report one. */
const STAR = '*'

/** Options of the PBX that end or record calls at a key. FreePBX has them as global variables. */
export async function pbxOptions(site: Site): Promise<Outcome> {
  const { globals, disconnect } = await site.pbx()
  if (globals.DIAL_OPTIONS === null)
    return unknown('The PBX does not say its options.', 'АТС не сообщает своих настроек.')
  const own = keysInCalls(await site.lines().catch(() => []))
  const taken = (own.length > 0 ? own : USUAL_KEYS).find(keys => takes(disconnect ?? STAR, keys))
  return faultsOr(
    OPTIONS.flatMap(place => faultsIn(place, globals, disconnect ?? STAR, taken)),
    sound('None takes our keys.', 'Ни одна не отнимает наших клавиш.'),
  )
}

/** @param taken our keys that cannot be pressed while the disconnect code is active; undefined if there are none */
function faultsIn(
  place: Place,
  globals: PbxExamination['globals'],
  disconnect: string,
  taken: string | undefined,
): Fault[] {
  const options = globals[place[0]] ?? ''
  const letters = options.replace(/\([^)]*\)/g, '')
  return [
    ...(taken !== undefined && /[Hh]/.test(letters) ? [hangsUp(place, options, disconnect, taken)] : []),
    ...(/[WwXx]/.test(letters) ? [recordsByTouch(place, options)] : []),
  ]
}

const hangsUp = ([setting, page]: Place, options: string, disconnect: string, taken: string): Fault =>
  fault(
    setting,
    words(
      `With H or h in ${setting} (${options}) the keys ${disconnect} hang up, before ${taken} is heard.`,
      `Из-за H или h в ${setting} (${options}) клавиши ${disconnect} кладут трубку раньше, чем набрано ${taken}.`,
    ),
    words(
      `Take H and h out: in FreePBX, Advanced Settings, ${page}. Or give the feature disconnect other keys.`,
      `Уберите H и h: во FreePBX это Advanced Settings, ${page}. Или назначьте функции disconnect другие клавиши.`,
    ),
  )

const recordsByTouch = ([setting, page]: Place, options: string): Fault =>
  fault(
    setting,
    words(
      `With W, w, X or x in ${setting} (${options}) a key lets the PBX record, whatever the caller answered, and ends our tap.`,
      `Из-за W, w, X или x в ${setting} (${options}) по клавише записывает сама АТС, что бы ни ответил звонящий, а наша запись обрывается.`,
    ),
    words(
      `Take them out: in FreePBX, Advanced Settings, ${page}.`,
      `Уберите их: во FreePBX это Advanced Settings, ${page}.`,
    ),
  )

/**
 * Whether a tone that Asterisk writes into the pipes arrives at the service. Asterisk runs the same dialplan lines as
 * for a call.
 */
export async function tap(site: Site): Promise<Outcome> {
  const { tapDir } = site.config()
  if (!lstatSync(tapDir, { throwIfNoEntry: false })?.isDirectory())
    return unknown('There is no tap folder.', 'Папки звука нет.')
  const { current } = await site.pbx()
  if (current !== true)
    return unknown(
      'The dialplan of this version is needed for that.',
      'Для этого нужен диалплан этой версии.',
    )
  const probe = await site.probeTap()
  if (reachesPipes(probe))
    return sound(
      'Asterisk writes into the pipes, and it arrives.',
      'Asterisk пишет в каналы, и звук доходит.',
    )
  return faulty(probe.started ? NOT_ARRIVED : pipesNotFound(tapDir))
}

export const pipesNotFound = (tapDir: string): Fault =>
  fault(
    'CONSENTRY_TAP_DIR',
    words(
      `Asterisk does not find the pipes in ${tapDir}: no call is recorded.`,
      `Asterisk не находит каналов в ${tapDir}: ни один звонок не записывается.`,
    ),
    words(
      'Give the folder the group of Asterisk, and see that both see the same path: The tap folder in docs/asterisk.md.',
      'Дайте папке группу Asterisk и проверьте, что путь у обоих один: раздел The tap folder в docs/asterisk.md.',
    ),
  )

const NOT_ARRIVED = fault(
  'CONSENTRY_TAP_DIR',
  words(
    'Asterisk finds the pipes and writes nothing into them: no call is recorded.',
    'Asterisk находит каналы, но ничего в них не пишет: ни один звонок не записывается.',
  ),
  words(
    "The group of the pipes must be Asterisk's, and the modules app_mixmonitor and format_pcm must run. Asterisk's log says why.",
    'Группа каналов должна быть группой Asterisk, а модули app_mixmonitor и format_pcm загружены. Причину скажет журнал Asterisk.',
  ),
)

/** Whether the PBX keeps both legs of a recording when a caller is transferred to another phone. */
export async function sides(site: Site): Promise<Outcome> {
  switch (await site.sides()) {
    case 'none':
      return sound(
        'The PBX continues to record both sides when another phone follows.',
        'После перевода АТС пишет обе стороны.',
      )
    case 'mended':
      return sound(
        'This Asterisk silences a side when another phone follows. The service restarts the tap each time.',
        'Этот Asterisk теряет одну сторону после перевода. Служба каждый раз перезапускает запись.',
      )
    case 'present':
      return faulty(NOT_RESTARTED)
    default:
      return unknown('The service does not know it yet.', 'Служба этого пока не знает.')
  }
}

const NOT_RESTARTED = fault(
  'CONSENTRY_ASTERISK',
  words(
    'This Asterisk silences a side of recordings when another phone follows, and the dialplan cannot restart the tap.',
    'Этот Asterisk теряет одну сторону записи после перевода, а диалплан не может перезапустить запись.',
  ),
  words(
    'Load func_shell.so, and name in this global variable of the dialplan how to reach the console: A side that vanishes in docs/parties.md.',
    'Загрузите func_shell.so и укажите в этой глобальной переменной диалплана, как вызвать консоль: раздел A side that vanishes в docs/parties.md.',
  ),
)
