import { Icon } from '../parts/icon.js'
import type { Words } from '../words/words.js'

/** The name of the first person. The script fills in what follows `#` in the address. */
export const FirstUserForm = ({
  words: { setup, people },
  secret,
  wrong,
}: {
  words: Words
  secret: string
  wrong?: string | undefined
}) => (
  <form method="post" action="/setup" class="stack sheet" id="first-user">
    <h1>{setup.title}</h1>
    <p class="soft">{setup.lead}</p>
    {wrong && (
      <p class="note wrong" role="alert">
        <Icon name="warn" />
        <span>{wrong}</span>
      </p>
    )}
    <div class="field">
      <label for="secret">{setup.secret}</label>
      <input id="secret" name="secret" required autocomplete="off" value={secret} />
    </div>
    <div class="field">
      <label for="name">{setup.name}</label>
      <input
        id="name"
        name="name"
        required
        maxLength={64}
        pattern="[a-z][a-z0-9._@\-]*"
        autocomplete="off"
        autocapitalize="none"
        aria-describedby="name-hint"
      />
      <small class="faint" id="name-hint">
        {people.nameHint}
      </small>
    </div>
    <button class="button main" type="submit">
      {setup.next}
    </button>
  </form>
)
