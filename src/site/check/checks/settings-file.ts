import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { keyFilePaths, SECRET_SETTINGS } from '../../../config/settings-file.js'
import { words } from '../../../core/words.js'
import { type Check, type Fault, faultsOr, sound, unknown } from '../check.js'

const CERTIFICATE = 'CONSENTRY_CONSOLE_CERTIFICATE'
/** How long before its end a certificate is reported, ms: two weeks, which suffice to get a new one. */
const ENDS_SOON_MS = 14 * 86_400_000
const WRITABLE_BY_OTHERS = 0o022
const FOR_OTHERS = 0o007

/** Whether other users can read the secrets of the installation, or change its recipients. */
export const settingsFile: Check = {
  name: 'settings-file',
  title: words('Files of the settings', 'Файлы настроек'),
  async look({ settings, settingsFile: own }) {
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
  },
}

const hasMode = (path: string, bits: number): boolean =>
  existsSync(path) && (statSync(path).mode & bits) !== 0

const readableByAll = (path: string): Fault => ({
  found: words(
    `Every user of this machine may use ${path}, which has passwords.`,
    `Файл ${path} с паролями открыт всем пользователям машины.`,
  ),
  setting: path,
  remedy: words(`chmod 0640 ${path}`, `chmod 0640 ${path}`),
})

const writableByOthers = (path: string): Fault => ({
  found: words(
    `Others than its owner may change ${path}, and so let themselves in to hear recordings.`,
    `Файл ${path} может изменить не только владелец, а значит, и открыть себе записи.`,
  ),
  setting: 'CONSENTRY_RECIPIENTS',
  remedy: words(`chmod 0644 ${path}`, `chmod 0644 ${path}`),
})

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
