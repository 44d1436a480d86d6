import type { PasskeySummary } from '../../../operations/people/passkeys.js'
import { PassphraseField, TextField } from '../parts/fields.js'
import { Icon } from '../parts/icon.js'
import { Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

export interface OwnPasskeys {
  /** Undefined: there can be none, because the console has no name. */
  passkeys: PasskeySummary[] | undefined
  /** Whether the person has a passphrase. Else a passkey proves. */
  passphrase: boolean
}

/** Why a passkey did not work. The script shows it. */
export const PasskeyFailed = ({ words: { passkeys } }: { words: Words }) => (
  <p class="note wrong" role="alert" hidden>
    <Icon name="warn" />
    <span>{passkeys.failed}</span>
  </p>
)

/** The own passkeys: which there are, removing one, adding one. */
export const Passkeys = ({ own, words, view }: { own: OwnPasskeys; words: Words; view: View }) => {
  const { passkeys: word } = words
  return (
    <section class="sheet narrow">
      <h2>{word.title}</h2>
      {own.passkeys === undefined ? (
        <p class="soft">
          {word.unnamed} <code>CONSENTRY_CONSOLE_ORIGIN</code>
        </p>
      ) : (
        <div class="stack">
          <p class="soft">{word.lead}</p>
          {own.passkeys.length > 0 && (
            <ul class="people">
              {own.passkeys.map(passkey => (
                <OnePasskey key={passkey.id} {...{ passkey, words, view }} passphrase={own.passphrase} />
              ))}
            </ul>
          )}
          <noscript>{word.noScript}</noscript>
          <AddPasskey words={words} passphrase={own.passphrase} />
        </div>
      )}
    </section>
  )
}

const OnePasskey = ({
  passkey: { id, name, madeAt, usedAt },
  words,
  view,
  passphrase,
}: {
  passkey: PasskeySummary
  words: Words
  view: View
  passphrase: boolean
}) => {
  const { passkeys: word } = words
  return (
    <li>
      <b>{name}</b>
      <small class="soft">
        {word.made} <Moment at={madeAt} view={view} />
        <br />
        {usedAt ? (
          <>
            {word.used} <Moment at={usedAt} view={view} />
          </>
        ) : (
          word.unused
        )}
      </small>
      <details>
        <summary>{word.remove}</summary>
        <form
          method="post"
          action={`/me/passkeys/${id}/remove`}
          class="stack edit"
          aria-label={`${word.remove}: ${name}`}
          {...(!passphrase && { 'data-passkey': 'remove' })}
        >
          <PasskeyFailed words={words} />
          {passphrase ? (
            <PassphraseField id={`remove-${id}`} name="passphrase" label={words.me.present} />
          ) : (
            <p class="soft">{word.proveHint}</p>
          )}
          <div>
            <button class="button stop" type="submit">
              {word.removeDo}
            </button>
          </div>
        </form>
      </details>
    </li>
  )
}

/** The script shows it where the browser has passkeys. */
const AddPasskey = ({ words, passphrase }: { words: Words; passphrase: boolean }) => (
  <form method="post" action="/me" class="stack" data-passkey="add" hidden>
    <PasskeyFailed words={words} />
    <TextField
      id="passkey-name"
      name="name"
      label={words.passkeys.name}
      hint={words.passkeys.nameHint}
      input={{ required: true, maxLength: 64, autocomplete: 'off' }}
    />
    {passphrase && <PassphraseField id="passkey-passphrase" name="passphrase" label={words.me.present} />}
    <div>
      <button class="button" type="submit">
        {words.passkeys.add}
      </button>
    </div>
  </form>
)
