import { codeOf } from '../../../shared/errors.js'
import type { Language } from '../../../shared/policy.js'
import { plainNumber } from '../../../shared/typed-number.js'
import { TextField } from '../parts/fields.js'
import type { Words } from '../words/words.js'

/** A number that was refused as that of a new line. */
export interface RefusedNumber {
  /** As it was typed. */
  number: string
  language: Language
  wrong: string
  /** Whether it is a line already. */
  isLine: boolean
}

/** What a form with a refused number shows again. @throws the error, if it refuses something else */
export function refusedNumber(
  typed: Pick<RefusedNumber, 'number' | 'language'>,
  error: unknown,
): RefusedNumber {
  const code = codeOf(error)
  if (code !== 'request.conflict' && code !== 'request.invalid') throw error
  return { ...typed, wrong: (error as Error).message, isLine: code === 'request.conflict' }
}

/** The status of an answer that shows a refused number again. */
export const statusOf = (refused: RefusedNumber | undefined): number =>
  refused ? (refused.isLine ? 409 : 422) : 200

/** The number of a new line. @param value what stands there at first */
export const NumberField = ({
  words: { edit, line, problem },
  refused,
  value,
  id = 'number',
}: {
  words: Words
  refused: RefusedNumber | undefined
  value?: string
  /** Where a page has several. */
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
          {problem.told(refused.wrong)}{' '}
          {refused.isLine && (
            <a href={`/lines/${encodeURIComponent(plainNumber(refused.number))}`}>
              {line.title(plainNumber(refused.number))}
            </a>
          )}
        </>
      )
    }
    input={{
      // Spaces, brackets and dashes may stand in it, so it may be longer than a number.
      ...{ required: true, maxLength: 100, autocomplete: 'off' },
      value: refused?.number ?? value,
    }}
  />
)
