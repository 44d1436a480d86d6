import type { Hearing } from '../../../site/recipients.js'
import { Breakable } from '../parts/breakable.js'
import { ConfirmFirst } from '../parts/confirm-first.js'
import { SelectField } from '../parts/fields.js'
import { Icon } from '../parts/icon.js'
import type { Words } from '../words/words.js'

/** Parameters of the script that makes a key. */
export interface KeyData {
  /** The address that takes the public half. */
  address: string
  /** The page that shows that it is in force. */
  page: string
  purposes: readonly string[]
  /** The same purposes as a reader knows them. */
  labels: readonly string[]
  company: string | undefined
  /** The language of the page, for the date on the sheet. */
  language: string
  words: Words['setup']['key']['drawing']
}

/** The keys in force that open recordings, and a key that is made in this browser. */
export const KeyContent = ({
  hearing: { purposes, takesKeys },
  company,
  language,
  words,
  words: { setup },
  mayChange,
  stale,
}: {
  hearing: Hearing
  company: string | undefined
  language: string
  words: Words
  mayChange: boolean
  /** True if the visitor must prove their identity before they give a key. */
  stale: boolean
}) => {
  const { key } = setup
  const lacking = purposes.filter(({ keys }) => keys.length === 0).map(({ purpose }) => purpose)
  const known = purposes.flatMap(({ keys }) => keys)
  const data: KeyData = {
    ...{ address: '/api/v1/recipients', page: '/setup/key', purposes: lacking, company, language },
    ...{ labels: lacking.map(words.purpose), words: key.drawing },
  }
  return (
    <>
      <PresentKeys {...{ purposes, words }} />
      {lacking.length === 0 && (
        <p class="note done no-print" role="status">
          <Icon name="check" />
          <span>{key.done}</span>
        </p>
      )}
      {lacking.length > 0 && !takesKeys && (
        <p class="note warn">
          <Icon name="warn" />
          <span>
            <Breakable text={key.bySetting(lacking.join(', '))} />
          </span>
        </p>
      )}
      {lacking.length > 0 && takesKeys && stale && <ConfirmFirst words={words} page="/setup/key" />}
      {lacking.length > 0 && takesKeys && mayChange && known.length > 0 && (
        <ExtendKey {...{ purposes, lacking, known, words }} />
      )}
      {lacking.length > 0 && takesKeys && mayChange && known.length === 0 && (
        <>
          <section class="sheet" id="key" data-key={JSON.stringify(data)}>
            <noscript>{key.noScript}</noscript>
          </section>
          <KeyByCommand {...{ lacking, words }} />
        </>
      )}
    </>
  )
}

/** The way to make a key outside the browser. */
const KeyByCommand = ({
  lacking,
  words: {
    setup: { key },
  },
}: {
  lacking: readonly string[]
  words: Words
}) => (
  <details class="sheet no-print">
    <summary>{key.other}</summary>
    <ol class="todo">
      <li>
        {key.otherMake} <code>consentry keygen {lacking.join(' ')}</code>
      </li>
      <li>{key.otherSend}</li>
      <li>
        {key.otherSet} <code>CONSENTRY_RECIPIENTS=/etc/consentry/recipients.json</code>
      </li>
    </ol>
  </details>
)

/** The form that lets a key open further purposes. */
const ExtendKey = ({
  purposes,
  lacking,
  known,
  words,
  words: {
    setup: { key },
  },
}: {
  purposes: Hearing['purposes']
  lacking: readonly string[]
  known: readonly string[]
  words: Words
}) => (
  <form method="post" action="/setup/key" class="sheet stack narrow">
    <h2>{key.extend(lacking.map(words.purpose).join(', '))}</h2>
    <p class="soft">{key.extendHint}</p>
    <SelectField id="key" label={key.extendKey} options={Object.fromEntries(known.map(id => [id, id]))} />
    <div>
      <button class="button main" type="submit">
        {key.extendDo}
      </button>
    </div>
    <p class="soft">
      {key.extendFile}{' '}
      <code>consentry keygen {purposes.map(({ purpose }) => purpose).join(' ')} --restore</code>
    </p>
  </form>
)

/** The keys that open each purpose. */
const PresentKeys = ({
  purposes,
  words,
  words: {
    setup: { key },
  },
}: {
  purposes: Hearing['purposes']
  words: Words
}) => (
  <section class="sheet no-print">
    <h2>{key.present}</h2>
    <dl class="facts">
      {purposes.map(({ purpose, keys }) => (
        <div class="fact" key={purpose}>
          <dt>{words.purpose(purpose)}</dt>
          <dd>{keys.length > 0 ? key.holders(keys) : key.none}</dd>
        </div>
      ))}
    </dl>
  </section>
)
