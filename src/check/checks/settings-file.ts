import { existsSync, statSync } from 'node:fs'
import { keyFilePaths } from '../../config/key-files.js'
import { SECRET_SETTINGS } from '../../config/secret-files.js'
import { words } from '../../shared/words.js'
import { type Check, type Fault, faultsOr, sound, unknown } from '../check.js'

const WRITABLE_BY_OTHERS = 0o022
const FOR_OTHERS = 0o007

/** Whether others can read the secrets of the installation, or change for whom it seals. */
export const settingsFile: Check = {
  name: 'settings-file',
  title: words('Files of the settings', 'Файлы настроек'),
  async look({ settings, settingsFile: own }) {
    const secrets = SECRET_SETTINGS.flatMap(name => settings[`${name}_FILE`] ?? [])
    const { recipients } = keyFilePaths(settings)
    const open = [...(own ? [own] : []), ...secrets].filter(path => hasMode(path, FOR_OTHERS))
    const changeable = recipients !== undefined && hasMode(recipients, WRITABLE_BY_OTHERS) ? [recipients] : []
    if (own === undefined && secrets.length === 0 && recipients === undefined)
      return unknown(
        'The settings are in the environment alone.',
        'Все настройки заданы только переменными окружения.',
      )
    return faultsOr(
      [...open.map(readableByAll), ...changeable.map(writableByOthers)],
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
