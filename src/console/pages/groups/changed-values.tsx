import type { GroupPreview } from '../../../lines/groups.js'
import { choicesOf } from '../line/choices.js'
import { controlOf } from '../line/fields.js'
import type { Words } from '../words/words.js'

/**
 * The values of a group or a line that a change affects, each before and after.
 *
 * @param heading the heading of the column of names
 * @param nothing the text for an absent value
 */
export const ChangedValues = ({
  changes,
  words,
  heading = words.groups.shared,
  nothing = words.groups.each,
}: Pick<GroupPreview, 'changes'> & { words: Words; heading?: string; nothing?: string }) => {
  const { groups } = words
  if (changes.length === 0) return null
  return (
    <table class="table">
      <thead>
        <tr>
          <th scope="col">{heading}</th>
          <th scope="col">{groups.inForce}</th>
          <th scope="col">{groups.proposed}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ field, before, after }) => (
          <tr key={field}>
            <th scope="row">{labelOf(field, words)}</th>
            <td data-label={groups.inForce}>
              {before === undefined ? nothing : valueInWords(field, before, words)}
            </td>
            <td data-label={groups.proposed}>
              {after === undefined ? nothing : valueInWords(field, after, words)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** The same changes as a list, for a past version. */
export const GroupChanges = ({ changes, words }: Pick<GroupPreview, 'changes'> & { words: Words }) => (
  <ul class="soft">
    {changes.map(({ field, before, after }) => (
      <li key={field}>
        {labelOf(field, words)}: {before !== undefined && `${valueInWords(field, before, words)} → `}
        {valueInWords(field, after, words)}
      </li>
    ))}
  </ul>
)

/** Here a purpose has a name. Its fields have the labels of the first purpose's. */
const OF_PURPOSE = /^purposes\.([^.]+)\.(.+)$/
const OF_STEP = /^(on\w+)\.(do|context|extension|priority)$/

/** The label of a value. @param path of the form of `fieldsOf` */
function labelOf(path: string, words: Words): string {
  const { edit, groups } = words
  const [, purpose, below] = OF_PURPOSE.exec(path) ?? []
  if (purpose && below) return groups.ofPurpose(edit.fields(`purposes.0.${below}`), words.purpose(purpose))
  if (path === 'purposes.order') return groups.field('purposes')
  const [, step, part] = OF_STEP.exec(path) ?? []
  if (step) return part === 'do' ? edit.fields(step) : `${edit.fields(step)}: ${targetPart(part!, words)}`
  if (path === 'languages.order') return edit.fields('languages')
  const [, language] = /^languages\.(.+)$/.exec(path) ?? []
  return language ? edit.languageKey(language) : edit.fields(path)
}

const targetPart = (part: string, { edit }: Words): string => (edit.targets as Record<string, string>)[part]!

/** A value in words. An absent value: each line states its own. */
function valueInWords(path: string, value: unknown, words: Words): string {
  const { edit, groups } = words
  if (value === undefined) return groups.each
  const text = String(value)
  const choice = (options: object) => (options as Readonly<Record<string, string>>)[text] ?? text
  if (path.endsWith('.do')) return choice(edit.steps)
  if (path === 'languages.order')
    return text
      .split(', ')
      .map(one => edit.language(one))
      .join(', ')
  const field = path.replace(OF_PURPOSE, 'purposes.0.$2')
  const choices = choicesOf(field, words)
  if (choices) return choice(choices)
  switch (controlOf(field)) {
    case 'heard':
      return value === 'all' ? edit.allHeard : words.number(Number(value) / 1_000)
    case 'seconds':
      return words.number(Number(value) / 1_000)
    case 'number':
    case 'days':
    case 'decimal':
      return words.number(Number(value))
    default:
      return text
  }
}
