import { languages } from '../../../languages/languages.js'
import { MAX_PURPOSES } from '../../../lines/fields/fields.js'
import { controlOf, parseTyped, withValue } from '../line/fields.js'

/**
 * Reads the fields of a group from its form. An empty field is left to each line. Fields that the form does not show
 * stay.
 *
 * @param typed values by the names of the fields, such as `waitMs`, `purposes.0.legalBasis`, `onRefused.context`,
 *   `languages.ru`
 * @param former the group's fields when the form was shown
 */
export function fieldsTyped(typed: Readonly<Record<string, string>>, former: object): object {
  const names = Object.keys(typed).filter(name => controlOf(name) && typed[name]?.trim())
  const plain = names.filter(name => !name.startsWith('purposes.'))
  const offersLanguages = languages().some(language => typed[`languages.${language}`]?.trim())
  const input = [...plain, ...(offersLanguages ? ['languages'] : [])].reduce<unknown>(
    (fields, name) => withValue(fields, name, valueTyped(name, typed)),
    kept(former),
  )
  const purposes = Array.from({ length: MAX_PURPOSES }, (_, place) => `purposes.${place}.`)
    .filter(start => typed[`${start}purpose`]?.trim())
    .map(start =>
      names
        .filter(name => name.startsWith(start))
        .reduce<unknown>(
          (one, name) => withValue(one, name.slice(start.length), valueTyped(name, typed)),
          {},
        ),
    )
  return purposes.length > 0 ? { ...(input as object), purposes } : (input as object)
}

/** The fields of a group that its form does not show: those without a control, and empty lists. */
const kept = (former: object): object =>
  Object.fromEntries(
    Object.entries(former).filter(
      ([name, value]) => !isShown(name) || (Array.isArray(value) && value.length === 0),
    ),
  )

/** True if the form has a control for a field, or for its parts. */
const isShown = (name: string): boolean =>
  ['keys', 'voice', 'purposes'].includes(name) || controlOf(name) !== undefined

const valueTyped = (name: string, typed: Readonly<Record<string, string>>): unknown =>
  parseTyped(name, {
    value: typed[name] ?? '',
    context: typed[`${name}.context`],
    extension: typed[`${name}.extension`],
    priority: typed[`${name}.priority`],
    languages: Object.fromEntries(languages().map(language => [language, typed[`${name}.${language}`]])),
  })
