import type { PromptVersion } from '../../../operations/prompts/find-prompts.js'
import type { Words } from '../words/words.js'

/** All prompts by name, with their languages one below the other. */
export const PromptList = ({ prompts, words }: { prompts: PromptVersion[]; words: Words }) => {
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
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}

const Row = ({ prompt, words }: { prompt: PromptVersion; words: Words }) => (
  <div>
    <p lang={prompt.language}>
      <a href={`/prompts/${prompt.name}/${prompt.language}`} class="quiet">
        {prompt.text}
      </a>
    </p>
    <p class="row">
      <small class="faint">
        {words.edit.languages[prompt.language]}, {words.seconds(prompt.lengthMs)}
      </small>
      {!prompt.inForce && <span class="tag plain">{words.prompts.states[prompt.state]}</span>}
    </p>
  </div>
)
