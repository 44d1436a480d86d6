import { PasskeyFailed } from '../me/passkeys.js'
import { TextField } from '../parts/fields.js'
import type { Words } from '../words/words.js'
import { NEXT, type Next } from './next.js'

/** Signs in by a passkey. The script shows it where the browser has passkeys. */
export const PasskeySignIn = ({ words, next }: { words: Words; next: string }) => (
  <form method="post" action="/sign-in" class="stack sheet apart" data-passkey="sign-in" hidden>
    <PasskeyFailed words={words} />
    <input type="hidden" name="next" value={next} />
    <p class="soft">{words.passkeys.signInHint}</p>
    <button class="button" type="submit">
      {words.passkeys.signIn}
    </button>
  </form>
)

/** Accepts an invitation by a passkey, and what is shown afterwards. */
export const PasskeyAccept = ({ words, secret, next }: { words: Words; secret: string; next: Next }) => {
  const { invitation } = words.signIn
  return (
    <>
      <form method="post" action="/invitation" class="stack sheet apart" data-passkey="accept" hidden>
        <h2>{words.passkeys.instead}</h2>
        <p class="soft">{words.passkeys.insteadHint}</p>
        <PasskeyFailed words={words} />
        <input type="hidden" name="secret" value={secret} />
        <TextField
          id="passkey-name"
          name="name"
          label={words.passkeys.name}
          hint={words.passkeys.nameHint}
          input={{ required: true, maxLength: 64, autocomplete: 'off' }}
        />
        <button class="button" type="submit">
          {words.passkeys.add}
        </button>
      </form>
      <section class="stack sheet" id="passkey-done" hidden>
        <h1 tabIndex={-1}>{invitation.done}</h1>
        <h2>{invitation.codes}</h2>
        <p class="soft">{words.passkeys.codesHint}</p>
        <ol class="codes" />
        <p class="no-print">
          <a class="button main" href={NEXT[next]}>
            {invitation.toSignIn}
          </a>
        </p>
      </section>
    </>
  )
}
