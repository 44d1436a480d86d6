import { controlOf, parseTyped, withValue } from '../line/fields.js'

/** Most purposes of a group. */
const MAX_PURPOSES = 8

/**
 * The fields of a group as its form was filled in. A field that is empty is left to each line.
 *
 * @param typed values by the names of the fields, such as `waitMs`, `purposes.0.legalBasis`, `onRefused.context`
 */
export function fieldsTyped(typed: Readonly<Record<string, string>>): object {
  const names = Object.keys(typed).filter(name => controlOf(name) && typed[name]?.trim())
  const plain = names.filter(name => !name.startsWith('purposes.'))
  const input = plain.reduce<unknown>((fields, name) => withValue(fields, name, valueTyped(name, typed)), {})
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

const valueTyped = (name: string, typed: Readonly<Record<string, string>>): unknown =>
  parseTyped(name, {
    value: typed[name] ?? '',
    context: typed[`${name}.context`],
    extension: typed[`${name}.extension`],
    priority: typed[`${name}.priority`],
  })
