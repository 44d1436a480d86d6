import { Fragment } from 'preact'
import type { LinePolicy } from '../../../core/policy.js'
import type { LineField } from '../../../lines/fields/field.js'
import { fieldAt, fieldsAt } from '../../../lines/fields/fields.js'
import type { Words } from '../words/words.js'
import { choicesOf } from './choices.js'
import { Below, Value } from './editing.js'
import { valueAt } from './fields.js'

interface SentencesProps {
  place: LineField['place']
  policy: LinePolicy
  words: Words
}

/** The fields of a place that have a sentence of their own, each with its form below. */
export const Sentences = ({ place, policy, words }: SentencesProps) => (
  <>
    {fieldsAt(place, true).map(path => {
      // Every other part is the path of a value.
      const parts = words.edit.sentence(path, inEffect(policy, path), policy).split(/[{}]/)
      return (
        <Fragment key={path}>
          <p class="sentence">
            {parts.map((part, i) => (i % 2 ? <Shown key={part} path={part} {...{ policy, words }} /> : part))}
          </p>
          <Below fields={parts.filter((_, i) => i % 2)} />
        </Fragment>
      )
    })}
  </>
)

const Shown = ({ path, policy, words }: { path: string; policy: LinePolicy; words: Words }) => {
  const value = inEffect(policy, path)
  const isKey = fieldAt(path)?.control === 'keys' && value !== undefined
  return (
    <Value field={path} keyCap={isKey}>
      {value === undefined ? (words.edit.none(path) ?? '…') : shownIn(path, value, words)}
    </Value>
  )
}

/** The value of a line, with the default. */
const inEffect = (policy: LinePolicy, path: string): unknown =>
  valueAt(policy, path) ?? fieldAt(path)?.usual ?? undefined

/** A value in a sentence. */
function shownIn(path: string, value: unknown, words: Words): string {
  const choices = choicesOf(path, words)
  if (choices) return choices[String(value)] ?? String(value)
  switch (fieldAt(path)?.control) {
    case 'seconds':
      return words.seconds0(Number(value))
    case 'days':
      return words.days(Number(value))
    case 'number':
    case 'decimal':
      return words.number(Number(value))
    default:
      return String(value)
  }
}
