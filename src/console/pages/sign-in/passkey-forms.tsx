import { PasskeyFailed, PasskeyName, PasskeysElsewhere } from '../me/passkeys.js'
import type { Words } from '../words/words.js'

/** Signs in by a passkey. The script shows it if the browser has passkeys. */
export const PasskeySignIn = ({ words, next, origin }: { words: Words; next: string; origin: string }) => (
  <>
    <PasskeysElsewhere origin={origin} words={words} />
    <form method="post" action="/sign-in" class="stack sheet apart" data-passkey="sign-in" hidden>
      <PasskeyFailed words={words} />
      <input type="hidden" name="next" value={next} />
      <p class="soft">{words.passkeys.signInHint}</p>
      <button class="button" type="submit">
        {words.passkeys.signIn}
      </button>
    </form>
  </>
)

/** Accepts an invitation by a passkey, which the script asks for and fills in. */
export const PasskeyAccept = ({ words, secret }: { words: Words; secret: string }) => (
  <form method="post" action="/invitation/passkey" class="stack sheet apart" data-passkey="accept" hidden>
    <h2>{words.passkeys.instead}</h2>
    <p class="soft">{words.passkeys.insteadHint}</p>
    <PasskeyFailed words={words} />
    <input type="hidden" name="secret" value={secret} />
    <input type="hidden" name="response" />
    <PasskeyName words={words} />
    <button class="button" type="submit">
      {words.passkeys.add}
    </button>
  </form>
)
