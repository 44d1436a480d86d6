import type { Message } from '../../../core/message.js'
import type { Company } from '../../../lines/prompts/company.js'
import type { NamesToSpeak } from '../../../lines/prompts/heard-names.js'
import { roleOf } from '../../../lines/spoken-words.js'
import { Breakable } from '../parts/breakable.js'
import { SelectField, TextField, Wrong } from '../parts/fields.js'
import { Icon } from '../parts/icon.js'
import { languageOptions } from '../parts/language-options.js'
import type { Words } from '../words/words.js'

/** The company's name for callers, and the language of most of them. */
export const CompanyFields = ({
  company,
  words,
  words: { setup },
  language,
  required,
}: {
  company: { name: string | undefined; language: string | undefined }
  words: Words
  /** The visitor's language, until one is set. */
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

/** A refused company, as typed, and why. */
export interface TypedCompany {
  name: string
  language: string
  wrong: Message
}

export interface CompanyContentProps {
  company: Company
  /** The language of most callers. */
  spoken: string
  /** Prompts in force with another name, by language. These are synthesized and published. */
  old: NamesToSpeak[]
  /** How many of how many are done. Undefined: none is in progress. */
  speaking: { spoken: number; all: number } | undefined
  /** Why the last synthesis was incomplete. */
  failure: Message | undefined
  /** Whether callers may hear the example company. */
  trial: boolean
  words: Words
  language: string
  mayChange: boolean
  /** True if a second person approves what callers hear. */
  approval: boolean
  /** How many prompts await that approval. */
  waiting: number
  typed?: TypedCompany | undefined
}

/** The company, and the prompts that still have another name. */
export const CompanyContent = (props: CompanyContentProps) => {
  const { company, old, trial } = props
  // A trial only matters while prompts name another company.
  const isTrialOpen = trial || company.name === undefined || old.length > 0
  return (
    <>
      <Named {...props} />
      <OldNames {...props} />
      {isTrialOpen && <Trial {...props} />}
    </>
  )
}

/** The company that is set, with its form closed below, so that nothing seems to be unsaved; else the open form. */
const Named = (props: CompanyContentProps) => {
  const { company, spoken, words, mayChange, typed } = props
  const { setup, edit } = words
  if (mayChange && (company.name === undefined || company.byDefault))
    return (
      <section class="sheet narrow">
        <CompanyForm {...props} />
      </section>
    )
  return (
    <section class="sheet stack narrow">
      <dl class="facts">
        <div class="fact">
          <dt>{setup.company.name}</dt>
          <dd>{company.name ?? '–'}</dd>
        </div>
        <div class="fact">
          <dt>{setup.company.language}</dt>
          <dd>{edit.language(spoken)}</dd>
        </div>
      </dl>
      {mayChange && (
        <details open={typed !== undefined}>
          <summary>{setup.company.change}</summary>
          <CompanyForm {...props} />
        </details>
      )}
    </section>
  )
}

const CompanyForm = ({ company, words, words: { setup }, language, typed }: CompanyContentProps) => (
  <form method="post" action="/setup/company" class="stack">
    <Wrong why={typed && words.problem.inWords(typed.wrong)} />
    <CompanyFields {...{ company: typed ?? company, words, language }} required />
    {company.byDefault && (
      <p class="soft">
        <Breakable text={setup.company.byDefault} />
      </p>
    )}
    <div>
      <button class={company.name === undefined ? 'button main' : 'button'} type="submit">
        {setup.save}
      </button>
    </div>
  </form>
)

/** Whether lines may come into force whose prompts name the example company. */
const Trial = ({ trial, words: { setup }, mayChange }: CompanyContentProps) => (
  <section class="sheet stack narrow">
    <h2>{setup.company.trial}</h2>
    <p class={trial ? 'note warn' : 'soft'}>
      {trial && <Icon name="warn" />}
      <span>{trial ? setup.company.isTrial : setup.company.noTrial}</span>
    </p>
    {mayChange && (
      <form method="post" action="/setup/company/trial">
        <button class="button" type="submit" name="trial" value={trial ? 'no' : 'yes'}>
          {trial ? setup.company.endTrial : setup.company.sayTrial}
        </button>
      </form>
    )}
  </section>
)

/** The prompts that still have another name, and how to make them again. */
const OldNames = (props: CompanyContentProps) => {
  const { company, spoken, old, speaking, failure, mayChange, approval, waiting } = props
  const { setup, edit, problem } = props.words
  if (company.name === undefined) return null
  if (old.length === 0 && !speaking)
    return (
      <p class="note done" role="status">
        <Icon name="check" />
        <span>{setup.company.allSay(company.name, edit.language(spoken))}</span>
      </p>
    )
  const canSpeak = mayChange && old.some(({ voice }) => voice !== undefined)
  return (
    <section class="sheet stack">
      <h2>{setup.company.old}</h2>
      <Wrong why={failure && problem.inWords(failure)} />
      {speaking && (
        <p class="note" role="status">
          <Icon name="clock" />
          <span>{setup.company.speaking(speaking.spoken, speaking.all)}</span>
        </p>
      )}
      {old.map(one => (
        <OldInLanguage key={one.language} {...one} words={props.words} />
      ))}
      {waiting > 0 && !speaking && (
        <p>
          <a href="/prompts">
            {props.words.prompts.waiting}: {waiting}
          </a>
        </p>
      )}
      {canSpeak && !speaking && (
        <form method="post" action="/setup/company/prompts" class="stack">
          <p class="soft">{approval ? setup.company.speakToApprove : setup.company.speakHint}</p>
          <div>
            <button class="button main" type="submit">
              {approval ? setup.company.speakAndAsk : setup.company.speak}
            </button>
          </div>
        </form>
      )}
    </section>
  )
}

/** The name of a prompt after the place where it can stand, if it is a shipped one. */
function withPlace(name: string, places: Words['filter']['roles']): string {
  const role = roleOf(name)
  return role ? `${places[role]}: ${name}` : name
}

/** The prompts of one language. */
const OldInLanguage = ({
  language,
  voice,
  old,
  words: { setup, edit, filter },
}: NamesToSpeak & { words: Words }) => (
  <section class="stack tight">
    <h3>{edit.language(language)}</h3>
    <ul class="versions">
      {old.map(({ name, says }) => (
        <li class="row" key={name}>
          <a href={`/prompts/${name}/${language}`}>{withPlace(name, filter.roles)}</a>
          <span class="soft">{setup.company.says(says)}</span>
        </li>
      ))}
    </ul>
    {voice === undefined ? (
      <p class="note warn">
        <Icon name="warn" />
        <span>{setup.company.noVoice}</span>
      </p>
    ) : (
      <p class="soft">{setup.company.voice(voice)}</p>
    )}
  </section>
)
