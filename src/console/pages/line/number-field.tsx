import { codeOf, errorText } from '../../../core/errors.js'
import type { Message } from '../../../core/message.js'
import type { Language } from '../../../core/policy.js'
import { plainNumber } from '../../../core/typed-number.js'
import { TextField } from '../parts/fields.js'
import type { Words } from '../words/words.js'

/** A number that was refused for a new line. */
export interface RefusedNumber {
  /** As typed. */
  number: string
  language: Language
  wrong: Message
  /** True if it is a line already. */
  isLine: boolean
}

/** The refused number that a form shows again. @throws the error, if it refuses something else */
export function refusedNumber(
  typed: Pick<RefusedNumber, 'number' | 'language'>,
  error: unknown,
): RefusedNumber {
  const code = codeOf(error)
  if (code !== 'request.conflict' && code !== 'request.invalid') throw error
  return { ...typed, wrong: errorText(error), isLine: code === 'request.conflict' }
}

/** The status of an answer that shows a refused number again. */
export const statusOf = (refused: RefusedNumber | undefined): number =>
  refused ? (refused.isLine ? 409 : 422) : 200

/** The number of a new line. @param value the initial text */
export const NumberField = ({
  words: { edit, line, problem },
  refused,
  value,
  id = 'number',
}: {
  words: Words
  refused: RefusedNumber | undefined
  value?: string
  /** Distinguishes several on one page. */
  id?: string
}) => (
  <TextField
    id={id}
    name="number"
    label={edit.number}
    hint={edit.numberHint}
    wrong={
      refused && (
        <>
          {problem.inWords(refused.wrong)}{' '}
          {refused.isLine && (
            <a href={`/lines/${encodeURIComponent(plainNumber(refused.number))}`}>
              {line.title(plainNumber(refused.number))}
            </a>
          )}
        </>
      )
    }
    input={{
      // It may contain spaces, brackets and dashes, so it may be longer than a number.
      ...{ required: true, maxLength: 100, autocomplete: 'off' },
      value: refused?.number ?? value,
    }}
  />
)
