import { TextField, UserNameField, Wrong } from '../parts/fields.js'
import { CompanyFields } from '../setup/company-content.js'
import type { Words } from '../words/words.js'

/** The company, unless it is a trial, and the name of the first person. The script fills in what follows `#` in the address. */
export const FirstUserForm = ({
  words,
  secret,
  language,
  typed = {},
  trial,
  wrong,
}: {
  words: Words
  language: string
  /** True if the person declares a trial, in which the company need not have a name. */
  trial: boolean
  /** The values typed before. */
  typed?:
    | { company?: string | undefined; language?: string | undefined; name?: string | undefined }
    | undefined
  /** The part after `#`, if it was sent with invalid values. It is not shown. */
  secret: string
  wrong?: string | undefined
}) => {
  const { setup, people } = words
  return (
    <form method="post" action="/setup" class="stack sheet" id="first-user">
      <h1>{setup.title}</h1>
      <p class="soft">{setup.lead}</p>
      <Wrong why={wrong} />
      {secret ? (
        <input type="hidden" name="secret" value={secret} />
      ) : (
        <TextField id="secret" label={setup.secret} input={{ required: true, autocomplete: 'off' }} />
      )}
      <h2>{setup.steps.company}</h2>
      <CompanyFields
        company={{ name: typed.company, language: typed.language }}
        {...{ words, language }}
        required={false}
      />
      <label class="row check">
        <input type="checkbox" name="trial" value="yes" checked={trial} />
        <span>{setup.trialInstead}</span>
      </label>
      <h2>{setup.steps.you}</h2>
      <UserNameField id="name" label={setup.yourName} hint={people.nameHint} value={typed.name} />
      <button class="button main" type="submit">
        {setup.next}
      </button>
    </form>
  )
}
