import type { PasskeySummary } from '../../../accounts/passkeys.js'
import type { Message } from '../../../core/message.js'
import { Confirmed } from '../parts/confirmed.js'
import { TextField, Wrong } from '../parts/fields.js'
import { Icon } from '../parts/icon.js'
import { Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

/** The credentials with which a person signs in. */
export interface OwnFactors {
  /** Undefined if the console cannot have passkeys, because it has no host name. */
  passkeys: PasskeySummary[] | undefined
  /** The origin of passkeys. */
  origin: string | undefined
  passphrase: boolean
}

export const hasPasskey = ({ passkeys = [] }: OwnFactors): boolean => passkeys.length > 0

/**
 * Where passkeys work. The script shows it in place of their forms if the browser has the console at another address.
 */
export const PasskeysElsewhere = ({ origin, words: { passkeys } }: { origin: string; words: Words }) => (
  <p class="soft apart" data-passkey-origin={origin} hidden>
    {passkeys.elsewhere} <a href={origin}>{origin}</a>
  </p>
)

/** Why a passkey did not work. The script shows it. */
export const PasskeyFailed = ({ words: { passkeys } }: { words: Words }) => (
  <p class="note wrong" role="alert" hidden>
    <Icon name="warn" />
    <span>{passkeys.failed}</span>
  </p>
)

/** Contents of the section of the own passkeys. */
interface PasskeysProps {
  factors: OwnFactors
  words: Words
  view: View
  /** True if the proof is fresh enough to add and remove passkeys. */
  mayChange: boolean
  /** The operation's refusal to remove one. */
  wrong?: Message | undefined
}

/** The own passkeys: the list, and after a fresh proof removing one and adding one. */
export const Passkeys = ({ factors, words, view, mayChange, wrong }: PasskeysProps) => {
  const { passkeys: word, problem } = words
  return (
    <section class="sheet narrow">
      <h2>{word.title}</h2>
      {factors.passkeys === undefined ? (
        <p class="soft">
          {word.unnamed} <code>CONSENTRY_CONSOLE_ORIGIN</code>
        </p>
      ) : (
        <div class="stack">
          <p class="soft">{factors.passphrase ? word.lead : word.alone}</p>
          <Wrong why={wrong && problem.inWords(wrong)} />
          {factors.passkeys.length > 0 && (
            <ul class="people">
              {factors.passkeys.map(passkey => (
                <OnePasskey key={passkey.id} {...{ passkey, words, view, mayChange }} />
              ))}
            </ul>
          )}
          {mayChange && (
            <>
              <noscript>{word.noScript}</noscript>
              {factors.origin && <PasskeysElsewhere origin={factors.origin} words={words} />}
              <AddPasskey words={words} />
            </>
          )}
        </div>
      )}
    </section>
  )
}

const OnePasskey = ({
  passkey: { id, name, madeAt, usedAt },
  words,
  words: { passkeys: word },
  view,
  mayChange,
}: Pick<PasskeysProps, 'words' | 'view' | 'mayChange'> & { passkey: PasskeySummary }) => (
  <li>
    <b id={`passkey-${id}`}>{name}</b>
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
    {mayChange && (
      <Confirmed
        {...{ label: word.remove, of: `passkey-${id}`, deed: word.removeDo(name), words }}
        action={`/me/passkeys/${id}/remove`}
      >
        <p>{word.removeAsks}</p>
      </Confirmed>
    )}
  </li>
)

/** The owner's name for a new passkey. */
export const PasskeyName = ({ words: { passkeys } }: { words: Words }) => (
  <TextField
    id="passkey-name"
    name="name"
    label={passkeys.name}
    hint={passkeys.nameHint}
    input={{ required: true, maxLength: 64, autocomplete: 'off' }}
  />
)

/** The script shows it if the browser has passkeys. */
const AddPasskey = ({ words }: { words: Words }) => (
  <form method="post" action="/me" class="stack" data-passkey="add" hidden>
    <PasskeyFailed words={words} />
    <PasskeyName words={words} />
    <div>
      <button class="button" type="submit">
        {words.passkeys.add}
      </button>
    </div>
  </form>
)
