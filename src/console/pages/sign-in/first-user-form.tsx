import { TextField, UserNameField, Wrong } from '../parts/fields.js'
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
    <Wrong why={wrong} />
    <TextField
      id="secret"
      label={setup.secret}
      input={{ required: true, autocomplete: 'off', value: secret }}
    />
    <UserNameField id="name" label={setup.name} hint={people.nameHint} />
    <button class="button main" type="submit">
      {setup.next}
    </button>
  </form>
)
