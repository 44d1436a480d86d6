import { roleOf } from '../../../operations/lines/spoken-words.js'
import type { PromptKey, PromptVersion } from '../../../operations/prompts/find-prompts.js'
import { SelectField, TextField } from '../parts/fields.js'
import { languageOptions } from '../parts/language-options.js'
import { Play } from '../parts/play.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'

/** A prompt that was not begun, as it was typed, and why. */
export interface TypedPrompt {
  name: string
  language: string
  like: string
  wrong: string
}

/** All prompts by name, with their languages one below the other. */
export const PromptList = ({
  prompts,
  unspoken,
  words,
  view,
  mayChange,
  typed,
}: {
  prompts: PromptVersion[]
  /** Those that a language of a folder of its own has not yet. */
  unspoken: PromptKey[]
  words: Words
  view: View
  mayChange: boolean
  typed?: TypedPrompt | undefined
}) => {
  const names = [...new Set(prompts.map(({ name }) => name))]
  return (
    <>
      <div class="head">
        <div>
          <h1>{words.prompts.title}</h1>
          <p class="lead">{words.prompts.lead}</p>
        </div>
      </div>
      <section class="sheet">
        <ul class="versions">
          {names.map(name => (
            <li key={name} class="stack">
              <b>{name}</b>
              {prompts
                .filter(prompt => prompt.name === name)
                .map(prompt => (
                  <Row key={prompt.language} prompt={prompt} words={words} />
                ))}
              {unspoken
                .filter(prompt => prompt.name === name)
                .map(({ language }) => (
                  <p key={language} class="row">
                    <a href={`/prompts/${name}/${language}?${new URLSearchParams({ like: name })}`}>
                      {words.prompts.unspoken(words.edit.language(language))}
                    </a>
                  </p>
                ))}
            </li>
          ))}
        </ul>
      </section>
      {mayChange && <NewPrompt {...{ names, words, view, typed }} />}
    </>
  )
}

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
        wrong={typed && problem.told(typed.wrong)}
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
    <div>
      <p lang={prompt.language}>
        <a href={`/prompts/${prompt.name}/${prompt.language}`} class="quiet">
          {prompt.text}
        </a>
      </p>
      <p class="row">
        <small class="faint">
          {words.edit.language(prompt.language)}, {words.seconds(prompt.lengthMs)}
        </small>
        {!prompt.inForce && <span class="tag plain">{words.prompts.states[prompt.state]}</span>}
      </p>
    </div>
  </div>
)
