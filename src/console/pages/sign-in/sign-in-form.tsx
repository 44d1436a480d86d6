import { Icon } from '../parts/icon.js'
import type { Words } from '../words/words.js'

/** Name, passphrase and code. @param next the page that was asked for @param wrong why the last try failed */
export const SignInForm = ({
  words: { signIn },
  next,
  name,
  wrong,
}: {
  words: Words
  next: string
  name?: string | undefined
  wrong?: string | undefined
}) => (
  <form method="post" action="/sign-in" class="stack sheet">
    <h1>{signIn.title}</h1>
    {wrong && (
      <p class="note wrong" role="alert">
        <Icon name="warn" />
        <span>{wrong}</span>
      </p>
    )}
    <input type="hidden" name="next" value={next} />
    <div class="field">
      <label for="name">{signIn.name}</label>
      <input id="name" name="name" autocomplete="username" autocapitalize="none" required value={name} />
    </div>
    <div class="field">
      <label for="passphrase">{signIn.passphrase}</label>
      <input
        id="passphrase"
        name="passphrase"
        type="password"
        autocomplete="current-password"
        required
        maxLength={256}
      />
    </div>
    <div class="field">
      <label for="code">{signIn.code}</label>
      <input id="code" name="code" autocomplete="one-time-code" aria-describedby="code-hint" maxLength={32} />
      <small class="faint" id="code-hint">
        {signIn.codeHint}
      </small>
    </div>
    <button class="button main" type="submit">
      {signIn.submit}
    </button>
    <p class="faint">
      <small>{signIn.firstHint}</small> <code>consentry user add NAME --role administrator</code>
    </p>
  </form>
)
