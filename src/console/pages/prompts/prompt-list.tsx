import type { Message } from '../../../core/message.js'
import type { Language } from '../../../core/policy.js'
import type { PromptKey, PromptVersion } from '../../../lines/prompts/find-prompts.js'
import type { PromptProposal } from '../../../lines/prompts/propose-prompt.js'
import { roleOf } from '../../../lines/spoken-words.js'
import { SelectField, TextField } from '../parts/fields.js'
import { Filter, FilterChoice, matches } from '../parts/filter.js'
import { languageOptions } from '../parts/language-options.js'
import { Play } from '../parts/play.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

/** A refused new prompt, as typed, and why. */
export interface TypedPrompt {
  name: string
  language: string
  like: string
  wrong: Message
}

/** Where prompts can stand that are shipped. */
export const PROMPT_ROLES = ['disclosure', 'question', 'granted', 'refused', 'system'] as const

/** The query of the page. */
export interface PromptQuery {
  /** Words of the text or the name. */
  find?: string | undefined
  language?: Language | undefined
  role?: (typeof PROMPT_ROLES)[number] | undefined
}

/** All prompts by name, with their languages one below the other. */
export const PromptList = ({
  prompts,
  unspoken,
  waiting,
  query,
  words,
  view,
  mayChange,
  typed,
}: {
  prompts: PromptVersion[]
  /** Shipped prompts that are still missing in a language with a folder of its own. */
  unspoken: PromptKey[]
  /** Changes that await approval. */
  waiting: readonly PromptProposal[]
  /** The filter of the list. */
  query: PromptQuery
  words: Words
  view: View
  mayChange: boolean
  typed?: TypedPrompt | undefined
}) => {
  const names = [...new Set(prompts.map(({ name }) => name))]
  const isWanted = ({ name, language }: PromptKey, text: string) =>
    matches(query.find, name, text) &&
    (!query.language || language === query.language) &&
    (!query.role || roleOf(name) === query.role)
  const shown = prompts.filter(prompt => isWanted(prompt, prompt.text))
  const missing = unspoken.filter(prompt => isWanted(prompt, ''))
  const listed = names.filter(name => [...shown, ...missing].some(prompt => prompt.name === name))
  return (
    <>
      <div class="head">
        <div>
          <h1>{words.prompts.title}</h1>
          <p class="lead">{words.prompts.lead}</p>
        </div>
      </div>
      {waiting.length > 0 && (
        <section class="sheet">
          <h2>{words.prompts.waiting}</h2>
          <ul class="row">
            {waiting.map(({ id, name, language }) => (
              <li key={id}>
                <a href={`/prompts/${name}/${language}#approval`}>
                  {name}, {words.edit.language(language)}
                </a>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section class="sheet">
        <PromptFilter {...{ query, words }} found={{ shown: shown.length, all: prompts.length }} />
        {listed.length === 0 && <p class="empty">{words.filter.none}</p>}
        <NamedPrompts {...{ listed, shown, missing, words }} />
      </section>
      {mayChange && <NewPrompt {...{ names, words, view, typed }} />}
    </>
  )
}

/** The prompts of each name, and the languages in which it is missing. */
const NamedPrompts = ({
  listed,
  shown,
  missing,
  words,
}: {
  listed: readonly string[]
  shown: readonly PromptVersion[]
  missing: readonly PromptKey[]
  words: Words
}) => (
  <ul class="prompts">
    {listed.map(name => (
      <li key={name}>
        <b>{name}</b>
        <div>
          {shown
            .filter(prompt => prompt.name === name)
            .map(prompt => (
              <Row key={prompt.language} prompt={prompt} words={words} />
            ))}
          {missing
            .filter(prompt => prompt.name === name)
            .map(({ language }) => (
              <p key={language}>
                <a href={`/prompts/${name}/${language}?${new URLSearchParams({ like: name })}`}>
                  {words.prompts.unspoken(words.edit.language(language))}
                </a>
              </p>
            ))}
        </div>
      </li>
    ))}
  </ul>
)

/** The filter of the list, by words, language and role. */
const PromptFilter = ({
  query,
  words,
  found,
}: {
  query: PromptQuery
  words: Words
  found: { shown: number; all: number }
}) => (
  <Filter
    {...{ address: '/prompts', typed: query.find, words, label: words.filter.prompts }}
    found={found}
    narrowed={Boolean(query.find || query.language || query.role)}
  >
    <FilterChoice
      name="language"
      label={words.filter.anyLanguage}
      options={languageOptions(words)}
      value={query.language}
    />
    <FilterChoice name="role" label={words.filter.anyRole} options={words.filter.roles} value={query.role} />
  </Filter>
)

/** Begins a prompt with a name of its own, for lines that need other words. */
const NewPrompt = ({
  names,
  words,
  words: { prompts, problem },
  view,
  typed,
}: {
  names: readonly string[]
  words: Words
  view: View
  typed: TypedPrompt | undefined
}) => (
  <section class="sheet narrow apart">
    <h2>{prompts.begin}</h2>
    <form method="post" action="/prompts" class="stack">
      <TextField
        id="name"
        label={prompts.name}
        hint={prompts.nameHint}
        wrong={typed && problem.inWords(typed.wrong)}
        input={{
          ...{ required: true, maxLength: 60, autocomplete: 'off', autocapitalize: 'none' },
          value: typed?.name,
        }}
      />
      <SelectField
        id="language"
        label={prompts.language}
        options={languageOptions(words)}
        value={typed?.language ?? view.language}
      />
      <SelectField
        id="like"
        label={prompts.like}
        hint={prompts.likeHint}
        value={typed?.like}
        options={Object.fromEntries(
          names.filter(name => roleOf(name) !== 'system').map(name => [name, name]),
        )}
      />
      <div>
        <button class="button main" type="submit">
          {prompts.begin}
        </button>
      </div>
    </form>
  </section>
)

const Row = ({ prompt, words }: { prompt: PromptVersion; words: Words }) => (
  <div class="said">
    <Play name={prompt.name} language={prompt.language} version={prompt.version} words={words} />
    <p>
      <a href={`/prompts/${prompt.name}/${prompt.language}`} class="quiet" lang={prompt.language}>
        {prompt.text}
      </a>{' '}
      <small class="faint">
        {words.edit.language(prompt.language)}, {words.seconds(prompt.lengthMs)}
      </small>{' '}
      {!prompt.inForce && <span class="tag plain">{words.prompts.states[prompt.state]}</span>}
    </p>
  </div>
)
