import { PassphraseField, TextField, Wrong } from '../parts/fields.js'
import type { Words } from '../words/words.js'

/** Name, passphrase and code. `next`: the requested page. `wrong`: the fault of the last attempt. */
export const SignInForm = ({
  words: { signIn },
  next,
  name,
  wrong,
  ended = false,
  hasNoUsers = false,
}: {
  words: Words
  next: string
  name?: string | undefined
  wrong?: string | undefined
  /** True if a session ended while a form was being sent. */
  ended?: boolean
  /** True if no user can sign in yet. */
  hasNoUsers?: boolean
}) => (
  <form method="post" action="/sign-in" class="stack sheet">
    <h1>{signIn.title}</h1>
    <Wrong why={wrong ?? (ended ? signIn.ended : undefined)} />
    <input type="hidden" name="next" value={next} />
    <TextField
      id="name"
      label={signIn.name}
      input={{ required: true, value: name, autocomplete: 'username', autocapitalize: 'none' }}
    />
    <PassphraseField id="passphrase" label={signIn.passphrase} required={false} />
    <TextField
      id="code"
      label={signIn.code}
      hint={signIn.codeHint}
      input={{ autocomplete: 'one-time-code', maxLength: 32 }}
    />
    <button class="button main" type="submit">
      {signIn.submit}
    </button>
    {hasNoUsers && (
      <p class="faint">
        <small>{signIn.firstHint}</small>{' '}
        <code>
          consentry user add NAME <span class="whole">--role administrator</span>
        </code>
      </p>
    )}
  </form>
)
