import { execFile } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { NO_INSIDE } from '../../config/config.js'
import { keyFilePaths, SECRET_SETTINGS } from '../../config/settings-file.js'
import { AppError, codeOf } from '../../core/errors.js'
import { words } from '../../core/words.js'
import type { HostPaths } from '../../lib/host/processes.js'
import { childEnv } from '../../lib/process/child-env.js'
import { version } from '../../lib/process/project.js'
import { type Fault, fault, faultsOr, faulty, type Outcome, sound, unknown } from './fact.js'
import type { Site } from './site.js'

/** Names and values of settings. It reports settings that service and command refuse, and settings that they ignore. */
export async function settings(site: Site): Promise<Outcome> {
  try {
    const { unknownNames, identities, inside, database, console } = site.config()
    const faults: Fault[] = unknownNames.map(({ name, meant }) =>
      fault(
        name,
        words(
          `There is no setting ${name}: what it says does not hold.`,
          `Настройки ${name} нет: её значение не действует.`,
        ),
        meant
          ? words(`Write ${meant} in its place.`, `Напишите вместо неё ${meant}.`)
          : words('Take it out.', 'Уберите её.'),
      ),
    )
    if (identities) faults.push(IDENTITY_HERE)
    if (console && database.url && !database.consoleUrl) faults.push(NO_CONSOLE_ROLE)
    if (inside.length === 0) faults.push(INSIDE_NOT_KNOWN)
    return faultsOr(faults, sound('Every setting is known and valid.', 'Все настройки известны и правильны.'))
  } catch (error) {
    if (codeOf(error) !== 'config.invalid') throw error
    return faulty(...refusedSettings((error as Error).message))
  }
}

const IDENTITY_HERE = fault(
  'CONSENTRY_IDENTITY',
  words(
    'The secret key that opens recordings is on the machine that records.',
    'Секретный ключ, который открывает записи, лежит на машине, которая записывает.',
  ),
  words('Take it out, and keep the file elsewhere.', 'Уберите настройку, а файл храните в другом месте.'),
)
const NO_CONSOLE_ROLE = fault(
  'DATABASE_CONSOLE_URL',
  words(
    'The console does not start: it has no role of the database.',
    'Консоль не запускается: у неё нет роли в базе данных.',
  ),
  words(
    'Give the URL with the role of the console, or set CONSENTRY_CONSOLE=off.',
    'Укажите URL с ролью консоли или задайте CONSENTRY_CONSOLE=off.',
  ),
)

const INSIDE_NOT_KNOWN = fault(
  'CONSENTRY_INSIDE',
  words(`${NO_INSIDE.en}.`, `${NO_INSIDE.ru}.`),
  words(
    'Name the phones of the company as Asterisk dials them, such as PJSIP/7*, or those that are not, such as !PJSIP/carrier*: Inside and outside in docs/parties.md.',
    'Перечислите телефоны компании так, как их набирает Asterisk, например PJSIP/7*, или чужие, например !PJSIP/carrier*: раздел Inside and outside в docs/parties.md.',
  ),
  'weak',
)

/** The settings in a refusal, one per line: `  NAME: fault`. A refusal of another form is one fault. */
function refusedSettings(message: string): Fault[] {
  const rows = [...message.matchAll(/^ {2}([A-Z_]+(?:, [A-Z_]+)*)([^:\n]*): (.*)$/gm)]
  const faults = rows.map(([, setting = '', below = '', advice = '']) =>
    refused(`${setting}${below}`, advice),
  )
  if (faults.length > 0) return faults
  return [refused(/\b(?:CONSENTRY|DATABASE|ARI)_[A-Z_]+/.exec(message)?.[0] ?? '', message)]
}

const refused = (setting: string, advice: string): Fault =>
  fault(
    setting,
    words(
      `${setting} is not valid, so the service does not start.`,
      `Значение ${setting} неверно, и служба не запускается.`,
    ),
    words(sentence(advice), `Исправьте значение: ${advice}`),
  )

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`

const CERTIFICATE = 'CONSENTRY_CONSOLE_CERTIFICATE'
/** How long before its end a certificate is reported, ms: two weeks, which suffice to get a new one. */
const ENDS_SOON_MS = 14 * 86_400_000
const WRITABLE_BY_OTHERS = 0o022
const FOR_OTHERS = 0o007

/** Whether other users can read the secrets of the installation, or change its recipients. */
export async function settingsFile({ settings, settingsFile: own }: Site): Promise<Outcome> {
  const secrets = SECRET_SETTINGS.flatMap(name => settings[`${name}_FILE`] ?? [])
  const { recipients } = keyFilePaths(settings)
  const open = [...(own ? [own] : []), ...secrets].filter(path => hasMode(path, FOR_OTHERS))
  const changeable = recipients !== undefined && hasMode(recipients, WRITABLE_BY_OTHERS) ? [recipients] : []
  if (own === undefined && secrets.length === 0 && recipients === undefined && !settings[CERTIFICATE])
    return unknown(
      'The settings are in the environment alone.',
      'Все настройки заданы только переменными окружения.',
    )
  return faultsOr(
    [...open.map(readableByAll), ...changeable.map(writableByOthers), ...endedCertificate(settings)],
    sound(
      'Other users of this machine can neither read the secrets nor change the recipients.',
      'Другие пользователи машины не могут ни прочитать секреты, ни подменить получателей.',
    ),
  )
}

const hasMode = (path: string, bits: number): boolean =>
  existsSync(path) && (statSync(path).mode & bits) !== 0

const readableByAll = (path: string): Fault =>
  fault(
    path,
    words(
      `Every user of this machine may use ${path}, which has passwords.`,
      `Файл ${path} с паролями открыт всем пользователям машины.`,
    ),
    `chmod 0640 ${path}`,
  )

const writableByOthers = (path: string): Fault =>
  fault(
    'CONSENTRY_RECIPIENTS',
    words(
      `Others than its owner may change ${path}, and so let themselves in to hear recordings.`,
      `Файл ${path} может изменить не только владелец, а значит, и открыть себе записи.`,
    ),
    `chmod 0644 ${path}`,
  )

/** The certificate of the console, if it has ended or soon does. */
function endedCertificate(settings: Readonly<Record<string, string | undefined>>): Fault[] {
  const path = settings[CERTIFICATE]
  if (!path || !existsSync(path)) return []
  const { validTo } = new X509Certificate(readFileSync(path))
  const left = Date.parse(validTo) - Date.now()
  if (left > ENDS_SOON_MS) return []
  const day = new Date(validTo).toISOString().slice(0, 10)
  const remedy = words(
    'Renew it, then: systemctl restart consentry-console',
    'Продлите его, затем: systemctl restart consentry-console',
  )
  return [
    left > 0
      ? {
          found: words(
            `The certificate of the console ends on ${day}.`,
            `Сертификат консоли действует до ${day}.`,
          ),
          ...{ setting: CERTIFICATE, remedy, weak: true },
        }
      : {
          found: words(
            `The certificate of the console ended on ${day}: browsers refuse the console.`,
            `Срок сертификата консоли истёк ${day}: браузеры не открывают консоль.`,
          ),
          ...{ setting: CERTIFICATE, remedy },
        },
  ]
}

const run = promisify(execFile)
/** Longest time in which a program reports its version, ms. On a busy machine ffmpeg takes some seconds. */
const LIMIT_MS = 10_000

/** The programs that the service starts. */
export async function programs(site: Site): Promise<Outcome> {
  const { ffmpeg } = site.config()
  const wanted = [
    { program: ffmpeg, args: ['-version'], setting: 'CONSENTRY_FFMPEG', from: 'ffmpeg' },
    { program: 'flock', args: ['--version'], setting: 'PATH', from: 'util-linux' },
    { program: 'mkfifo', args: ['--version'], setting: 'PATH', from: 'coreutils' },
  ]
  const missing = await Promise.all(
    wanted.map(async one => ((await starts(one.program, one.args)) ? [] : [lacks(one)])),
  )
  return faultsOr(missing.flat(), sound('All programs start.', 'Все программы запускаются.'))
}

/** @throws AppError `tool.failed` if the program does not answer, so that the result is unknown */
async function starts(program: string, args: string[]): Promise<boolean> {
  try {
    await run(program, args, { timeout: LIMIT_MS, env: childEnv() })
    return true
  } catch (error) {
    if ((error as { killed?: boolean }).killed !== true) return false
    throw new AppError('tool.failed', `${program} has not said its version within ${LIMIT_MS / 1_000} s`)
  }
}

const lacks = ({ program, setting, from }: { program: string; setting: string; from: string }): Fault =>
  fault(
    setting,
    words(`The program ${program} cannot be started.`, `Программа ${program} не запускается.`),
    words(
      `Install ${from}, or name the program with its path.`,
      `Установите ${from} или укажите программу вместе с путём.`,
    ),
  )

/** Whether the service can listen at its configured addresses. A running service already uses them. */
export async function addresses(site: Site): Promise<Outcome> {
  const { http, console } = site.config()
  if (await site.service()) return sound('The service listens.', 'Служба принимает соединения.')
  const wanted = [
    { setting: 'CONSENTRY_HTTP', at: http },
    ...(console ? [{ setting: 'CONSENTRY_CONSOLE', at: console }] : []),
  ]
  const found = await Promise.all(wanted.map(async one => [...(await refusal(one))]))
  return faultsOr(found.flat(), sound('The addresses are free.', 'Адреса свободны.'))
}

interface Wanted {
  setting: string
  at: { host: string; port: number }
}

async function refusal({ setting, at: { host, port } }: Wanted): Promise<Fault[]> {
  const server = createServer()
  try {
    server.listen(port, host)
    await once(server, 'listening')
    return []
  } catch (error) {
    return [cannotListen(setting, `${host}:${port}`, (error as NodeJS.ErrnoException).code)]
  } finally {
    server.close()
  }
}

const cannotListen = (setting: string, address: string, code = 'failed'): Fault =>
  code === 'EADDRINUSE'
    ? fault(
        setting,
        words(
          `Another program listens at ${address}.`,
          `На адресе ${address} уже работает другая программа.`,
        ),
        words('End it, or give another port.', 'Остановите её или укажите другой порт.'),
      )
    : fault(
        setting,
        words(
          `This machine cannot listen at ${address} (${code}).`,
          `На адресе ${address} принимать соединения нельзя (${code}).`,
        ),
        words('Give an address of this machine.', 'Укажите адрес этой машины.'),
      )

/** Whether the service runs, and in the version that is installed. */
export async function service(site: Site): Promise<Outcome> {
  const report = await site.service()
  if (!report)
    return faulty(
      fault(
        'consentry.service',
        words(
          'The service does not run. Calls continue unrecorded.',
          'Служба не работает. Звонки идут без записи.',
        ),
        words(
          'systemctl start consentry; if it ends again: journalctl -u consentry -n 50',
          'systemctl start consentry; если она снова остановится: journalctl -u consentry -n 50',
        ),
      ),
    )
  if (report.version !== version)
    return faulty(
      fault(
        'consentry.service',
        words(
          `The service runs version ${report.version}, and ${version} is installed.`,
          `Работает версия ${report.version}, а установлена ${version}.`,
        ),
        words(
          'systemctl restart consentry: running recordings continue.',
          'systemctl restart consentry: идущие записи продолжатся.',
        ),
      ),
    )
  const off = notEnabled(site.host)
  if (off.length > 0) return faulty(...off.map(afterStart))
  return sound(`Version ${version} runs.`, `Работает версия ${version}.`)
}

/** Units without which no call is recorded. */
const UNITS = ['consentry-keeper.service', 'consentry.service']
/** Where units may be, the strongest first (systemd.unit(5)). The first folder also has the targets that start them. */
export const UNIT_FOLDERS = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'] as const

export const isInstalled = ({ root }: HostPaths, unit: string): boolean =>
  UNIT_FOLDERS.some(folder => existsSync(join(root, folder, unit)))

/** Installed units that are not started with the machine: no target wants them. */
function notEnabled(host: HostPaths): string[] {
  const folder = join(host.root, UNIT_FOLDERS[0])
  const targets = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.wants')) : []
  return UNITS.filter(
    unit =>
      isInstalled(host, unit) &&
      // A link may be valid only on the machine of this root.
      !targets.some(target => readdirSync(join(folder, target)).includes(unit)),
  )
}

const afterStart = (unit: string): Fault =>
  fault(
    unit,
    words(
      `After the next start of the machine ${unit} does not run, and no call is recorded.`,
      `После перезапуска машины ${unit} работать не будет, и звонки не запишутся.`,
    ),
    `systemctl enable ${unit}`,
  )
