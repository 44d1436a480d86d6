import type { Company } from '../../../operations/setup/company.js'
import type { OldName } from '../../../operations/setup/name-company.js'
import { SelectField, TextField, Wrong } from '../parts/fields.js'
import { Icon } from '../parts/icon.js'
import { languageOptions } from '../parts/language-options.js'
import type { Words } from '../words/words.js'

/** What callers call the company, and the language of most of them. */
export const CompanyFields = ({
  company,
  words,
  words: { setup },
  language,
  required,
}: {
  company: { name: string | undefined; language: string | undefined }
  words: Words
  /** The visitor's, until one is set. */
  language: string
  required: boolean
}) => (
  <>
    <TextField
      id="company"
      label={setup.company.name}
      hint={setup.company.nameHint}
      input={{ required, maxLength: 100, value: company.name, autocomplete: 'organization' }}
    />
    <SelectField
      id="language"
      label={setup.company.language}
      options={languageOptions(words)}
      value={company.language ?? language}
    />
  </>
)

export interface CompanyContentProps {
  company: Company
  /** Prompts in force that say another name. */
  old: OldName[]
  /** The voice that would speak them. Undefined: no voice of that language is installed. */
  voice: string | undefined
  words: Words
  language: string
  mayChange: boolean
  wrong?: string | undefined
}

/** The company, and the prompts that still say another name. */
export const CompanyContent = (props: CompanyContentProps) => {
  const { company, words, language, mayChange, wrong } = props
  const { setup } = words
  return (
    <>
      <form method="post" action="/setup/company" class="stack sheet narrow">
        <Wrong why={wrong} />
        <CompanyFields {...{ company, words, language }} required />
        {company.byDefault && <p class="soft">{setup.company.byDefault}</p>}
        {mayChange && (
          <div>
            <button class="button main" type="submit">
              {setup.save}
            </button>
          </div>
        )}
      </form>
      <OldNames {...props} />
    </>
  )
}

const OldNames = ({ company, old, voice, words: { setup, edit }, mayChange }: CompanyContentProps) => {
  if (company.name === undefined) return null
  if (old.length === 0)
    return (
      <p class="note done" role="status">
        <Icon name="check" />
        <span>{setup.company.allSay(company.name)}</span>
      </p>
    )
  return (
    <section class="sheet stack">
      <h2>{setup.company.old}</h2>
      <ul class="versions">
        {old.map(({ name, language, says }) => (
          <li class="row" key={`${name}/${language}`}>
            <a href={`/prompts/${name}/${language}`}>{name}</a>
            <span class="soft">
              {edit.language(language)}, {setup.company.says(says)}
            </span>
          </li>
        ))}
      </ul>
      {voice === undefined ? (
        <p class="note warn">
          <Icon name="warn" />
          <span>{setup.company.noVoice}</span>
        </p>
      ) : (
        mayChange && (
          <form method="post" action="/setup/company/prompts" class="stack">
            <p class="soft">{setup.company.speakHint(voice)}</p>
            <div>
              <button class="button main" type="submit">
                {setup.company.speak}
              </button>
            </div>
          </form>
        )
      )}
    </section>
  )
}
