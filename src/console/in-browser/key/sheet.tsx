import { QrCode } from '../../pages/parts/qr-code.js'
import type { KeyData } from '../../pages/setup/key-content.js'
import { fill } from './fill.js'

/** The recovery sheet, as it is printed. */
export const Sheet = ({
  company,
  language,
  words,
  keys,
  sheet,
  purposes,
}: KeyData & { keys: readonly string[]; sheet: readonly string[] }) => (
  <article class="recovery">
    <header>
      <h2>{words.sheet}</h2>
      <p class="soft">
        {company && `${company}, `}
        {new Intl.DateTimeFormat(language, { dateStyle: 'long' }).format(new Date())}
      </p>
    </header>
    <ol class="words" lang="en">
      {sheet.map((word, i) => (
        <li key={i}>
          <code>{word}</code>
        </li>
      ))}
    </ol>
    <div class="foot">
      <QrCode text={sheet.join(' ')} label={words.qr} />
      <div class="stack">
        <p>{fill(words.opens, keys.join(', '))}</p>
        <p>{words.keepSafe}</p>
        <p>
          {words.restore} <code>consentry keygen {purposes.join(' ')} --restore</code>
        </p>
      </div>
    </div>
  </article>
)
