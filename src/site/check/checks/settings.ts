import { NO_INSIDE } from '../../../config/config.js'
import { codeOf } from '../../../core/errors.js'
import { words } from '../../../core/words.js'
import { type Check, type Fault, faultsOr, sound } from '../check.js'

/** Names and values of settings. It reports settings that service and command refuse, and settings that they ignore. */
export const settings: Check = {
  name: 'settings',
  title: words('Settings', 'Настройки'),
  async look(site) {
    try {
      const { unknownNames, identities, inside, database, console } = site.config()
      const faults: Fault[] = unknownNames.map(({ name, meant }) => ({
        found: words(
          `There is no setting ${name}: what it says does not hold.`,
          `Настройки ${name} нет: её значение не действует.`,
        ),
        setting: name,
        remedy: meant
          ? words(`Write ${meant} in its place.`, `Напишите вместо неё ${meant}.`)
          : words('Take it out.', 'Уберите её.'),
      }))
      if (identities) faults.push(IDENTITY_HERE)
      if (console && database.url && !database.consoleUrl) faults.push(NO_CONSOLE_ROLE)
      if (inside.length === 0) faults.push(INSIDE_NOT_KNOWN)
      return faultsOr(
        faults,
        sound('Every setting is known and valid.', 'Все настройки известны и правильны.'),
      )
    } catch (error) {
      if (codeOf(error) !== 'config.invalid') throw error
      return { state: 'fault', faults: refusedSettings((error as Error).message) }
    }
  },
}

const IDENTITY_HERE: Fault = {
  found: words(
    'The secret key that opens recordings is on the machine that records.',
    'Секретный ключ, который открывает записи, лежит на машине, которая записывает.',
  ),
  setting: 'CONSENTRY_IDENTITY',
  remedy: words(
    'Take it out, and keep the file elsewhere.',
    'Уберите настройку, а файл храните в другом месте.',
  ),
}
const NO_CONSOLE_ROLE: Fault = {
  found: words(
    'The console does not start: it has no role of the database.',
    'Консоль не запускается: у неё нет роли в базе данных.',
  ),
  setting: 'DATABASE_CONSOLE_URL',
  remedy: words(
    'Give the URL with the role of the console, or set CONSENTRY_CONSOLE=off.',
    'Укажите URL с ролью консоли или задайте CONSENTRY_CONSOLE=off.',
  ),
}

const INSIDE_NOT_KNOWN: Fault = {
  found: words(`${NO_INSIDE.en}.`, `${NO_INSIDE.ru}.`),
  setting: 'CONSENTRY_INSIDE',
  remedy: words(
    'Name the phones of the company as Asterisk dials them, such as PJSIP/7*, or those that are not, such as !PJSIP/carrier*: Inside and outside in docs/parties.md.',
    'Перечислите телефоны компании так, как их набирает Asterisk, например PJSIP/7*, или чужие, например !PJSIP/carrier*: раздел Inside and outside в docs/parties.md.',
  ),
  weak: true,
}

/** The settings in a refusal, one per line: `  NAME: fault`. A refusal of another form is one fault. */
function refusedSettings(message: string): Fault[] {
  const rows = [...message.matchAll(/^ {2}([A-Z_]+(?:, [A-Z_]+)*)([^:\n]*): (.*)$/gm)]
  const faults = rows.map(([, setting = '', below = '', advice = '']) =>
    refused(`${setting}${below}`, advice),
  )
  if (faults.length > 0) return faults
  return [refused(/\b(?:CONSENTRY|DATABASE|ARI)_[A-Z_]+/.exec(message)?.[0] ?? '', message)]
}

const refused = (setting: string, advice: string): Fault => ({
  found: words(
    `${setting} is not valid, so the service does not start.`,
    `Значение ${setting} неверно, и служба не запускается.`,
  ),
  setting,
  remedy: words(sentence(advice), `Исправьте значение: ${advice}`),
})

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`
