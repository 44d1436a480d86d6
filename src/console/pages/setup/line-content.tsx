import type { Language } from '../../../core/policy.js'
import type { UnknownNumber } from '../../../lines/explain-number.js'
import { NumberField, type RefusedNumber } from '../line/number-field.js'
import { SelectField } from '../parts/fields.js'
import { languageOptions } from '../parts/language-options.js'
import { Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

/** A first line: one of the numbers that rang, or a number that is typed. */
export const FirstLine = ({
  unknown,
  lines,
  language,
  words,
  view,
  refused,
}: {
  unknown: readonly UnknownNumber[]
  /** Numbers of the lines in force. */
  lines: readonly string[]
  language: Language
  words: Words
  view: View
  refused?: RefusedNumber | undefined
}) => {
  const { edit, setup } = words
  return (
    <>
      {lines.length > 0 && (
        <p class="soft">
          {setup.line.present}{' '}
          {lines.map((number, i) => (
            <>
              {i > 0 && ', '}
              <a href={`/lines/${encodeURIComponent(number)}`}>{number}</a>
            </>
          ))}
        </p>
      )}
      <form method="post" action="/setup/line" class="stack sheet narrow">
        <NumberField {...{ words, refused }} value={unknown[0]?.number ?? setup.line.example} />
        <SelectField
          id="language"
          label={setup.line.language}
          options={languageOptions(words)}
          value={refused?.language ?? language}
        />
        <div>
          <button class={lines.length === 0 ? 'button main' : 'button'} type="submit">
            {edit.begin}
          </button>
        </div>
      </form>
      {unknown.length > 0 ? (
        <UnknownNumbers {...{ unknown, language, words, view }} />
      ) : (
        <p class="soft">{setup.line.noneRang}</p>
      )}
    </>
  )
}

/** The numbers that rang, each with a button that begins its line. */
const UnknownNumbers = ({
  unknown,
  language,
  words: { edit },
  view,
}: {
  unknown: readonly UnknownNumber[]
  language: Language
  words: Words
  view: View
}) => (
  <section class="sheet">
    <h2>{edit.unknown}</h2>
    <ul class="versions">
      {unknown.map(({ number, calls, lastAt }) => (
        <li class="row" key={number}>
          <b class="number">{number}</b>
          <span class="soft">{edit.unknownCalls(calls)}</span>
          <Moment at={lastAt} view={view} />
          <form method="post" action="/setup/line">
            <input type="hidden" name="number" value={number} />
            <input type="hidden" name="language" value={language} />
            <button class="button bare" type="submit">
              {edit.makeLine}
            </button>
          </form>
        </li>
      ))}
    </ul>
  </section>
)
