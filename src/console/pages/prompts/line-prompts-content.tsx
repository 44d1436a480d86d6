import type { Message } from '../../../core/message.js'
import type { promptVoices } from '../../../lines/prompts/make-prompts.js'
import type { LinePrompt, SpokenLine } from '../../../lines/prompts/speak-line.js'
import { Confirmed } from '../parts/confirmed.js'
import { SelectField, Wrong } from '../parts/fields.js'
import { Icon } from '../parts/icon.js'
import { Play } from '../parts/play.js'
import type { Words } from '../words/words.js'

export interface LinePromptsProps extends SpokenLine {
  voices: Awaited<ReturnType<typeof promptVoices>>
  words: Words
  mayChange: boolean
  /** True if a second person approves what callers hear. */
  approval: boolean
  /** How many of how many are done. Undefined: none is in progress. */
  speaking: { spoken: number; all: number } | undefined
  /** Why prompts were not all synthesized or published. */
  wrong?: Message | undefined
}

/** A prompt's name in a form. */
const keyOf = ({ name, language }: Pick<LinePrompt, 'name' | 'language'>): string => `${name}/${language}`

/** A draft's name in a form, with the version in force that the page shows. */
const draftOf = ({ now, draft, ...key }: LinePrompt): string =>
  `${keyOf(key)}/${draft!.version}/${now.state === 'published' ? now.version : 0}`

/** All prompts of a line, to play, to synthesize again, and to publish. */
export const LinePromptsContent = (props: LinePromptsProps) => {
  const { line, prompts, words, mayChange, speaking, wrong } = props
  const { linePrompts } = words
  const address = `/lines/${encodeURIComponent(line.number)}`
  const drafts = prompts.filter(({ draft }) => draft)
  return (
    <>
      <div class="head">
        <div>
          <p class="crumb">
            <a href="/lines">{words.lines.title}</a> / <a href={address}>{line.number}</a>
          </p>
          <h1>{linePrompts.title(words.line.title(line.number, line.name))}</h1>
          <p class="lead">{linePrompts.lead}</p>
        </div>
      </div>
      <div class="stack">
        <Wrong why={wrong && words.problem.inWords(wrong)} />
        {speaking && (
          <p class="note" role="status">
            <Icon name="clock" />
            <span>{linePrompts.speaking(speaking.spoken, speaking.all)}</span>
          </p>
        )}
        {drafts.length > 0 && !speaking && <Drafts {...props} drafts={drafts} />}
        {mayChange && !speaking ? (
          <Speak {...props} />
        ) : (
          <section class="sheet">
            <ul class="versions">
              {prompts.map(prompt => (
                <li key={keyOf(prompt)}>
                  <Said prompt={prompt} words={words} />
                </li>
              ))}
            </ul>
          </section>
        )}
      </div>
    </>
  )
}

/** The words of a prompt, to play and to open. @param draft true for the words of its draft */
const Said = ({ prompt, draft, words }: { prompt: LinePrompt; draft?: boolean; words: Words }) => {
  const { name, language, alsoOn } = prompt
  const shown = draft ? prompt.draft! : prompt.now
  return (
    <div class="said">
      <Play {...{ name, language, version: shown.version, words }} />
      <div>
        <p lang={language}>{shown.text}</p>
        <small class="faint">
          <a class="quiet" href={`/prompts/${name}/${language}`}>
            {name}
          </a>
          , {words.edit.language(language)}, {words.seconds(shown.lengthMs)}
          {shown.voice && `, ${shown.voice}`}
          {alsoOn.length > 0 && `. ${words.linePrompts.alsoOn(alsoOn)}`}
        </small>
      </div>
    </div>
  )
}

/** New versions that callers do not hear yet. */
const Drafts = ({
  line,
  words,
  mayChange,
  approval,
  drafts,
}: LinePromptsProps & { drafts: LinePrompt[] }) => {
  const { linePrompts } = words
  const ready = drafts.filter(({ waits }) => !waits)
  const others = [...new Set(ready.flatMap(({ alsoOn }) => alsoOn))].sort()
  return (
    <section class="sheet stack">
      <h2>{linePrompts.drafts}</h2>
      <p class="soft">{linePrompts.draftsHint}</p>
      <ul class="versions">
        {drafts.map(prompt => (
          <li key={keyOf(prompt)}>
            <Said prompt={prompt} words={words} draft />
            {prompt.waits && <a href={`/prompts/${keyOf(prompt)}#approval`}>{words.groups.waits}</a>}
          </li>
        ))}
      </ul>
      {mayChange && ready.length > 0 && (
        <Confirmed
          {...{ look: 'bare', words }}
          label={approval ? linePrompts.ask(ready.length) : linePrompts.publish(ready.length)}
          deed={approval ? words.edit.ask : linePrompts.publishDo}
          action={`/lines/${encodeURIComponent(line.number)}/prompts/publish`}
          fields={{ drafts: ready.map(draftOf).join(' ') }}
        >
          <p>{approval ? words.prompts.approvalHint : linePrompts.publishAsks}</p>
          {others.length > 0 && <p>{linePrompts.publishOthers(others)}</p>}
        </Confirmed>
      )}
    </section>
  )
}

/** A form that synthesizes the chosen prompts: by default all except recordings of a person. */
const Speak = ({ line, prompts, voices, words }: LinePromptsProps) => {
  const { linePrompts } = words
  const spoken = [...new Set(prompts.map(({ language }) => language))]
  const mute = spoken.filter(language => !voices.some(voice => voice.language === language))
  return (
    <section class="sheet stack">
      <h2 class="no-print">{linePrompts.speak}</h2>
      <form
        class="stack"
        method="post"
        action={`/lines/${encodeURIComponent(line.number)}/prompts/speak`}
        aria-label={linePrompts.speak}
      >
        <ul class="versions">
          {prompts.map(prompt => {
            const { now, language } = prompt
            const isRecorded = now.how !== 'speech' && now.how !== 'shipped'
            return (
              <li key={keyOf(prompt)} class="chosen">
                {mute.includes(language) ? (
                  <span />
                ) : (
                  <input
                    type="checkbox"
                    name="prompts"
                    value={keyOf(prompt)}
                    checked={!isRecorded}
                    aria-label={`${prompt.name}, ${words.edit.language(language)}`}
                  />
                )}
                <div>
                  <Said prompt={prompt} words={words} />
                  {isRecorded && <small class="soft">{linePrompts.recorded}</small>}
                </div>
              </li>
            )
          })}
        </ul>
        <Voices {...{ voices, words }} languages={spoken.filter(language => !mute.includes(language))} />
        {mute.length > 0 && <p class="note warn">{words.prompts.noVoice}</p>}
        {mute.length < spoken.length && (
          <div>
            <button class="button main" type="submit">
              {linePrompts.speakAll}
            </button>
          </div>
        )}
      </form>
    </section>
  )
}

/** The choice of a voice for each language. */
const Voices = ({
  languages,
  voices,
  words,
  words: { linePrompts },
}: Pick<LinePromptsProps, 'voices' | 'words'> & { languages: readonly string[] }) => (
  <div class="fields">
    {languages.map(language => (
      <SelectField
        key={language}
        id={`voice-${language}`}
        name={language}
        label={linePrompts.voice(words.edit.language(language))}
        options={Object.fromEntries(
          voices
            .filter(one => one.language === language)
            .map(({ engine, voice }) => [`${engine}/${voice}`, `${engine}: ${voice}`]),
        )}
      />
    ))}
  </div>
)
