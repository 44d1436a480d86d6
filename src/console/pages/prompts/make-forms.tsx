import type { PromptVersion } from '../../../operations/prompts/find-prompts.js'
import { assetNames } from '../assets.js'
import { SelectField } from '../parts/fields.js'
import type { Words } from '../words/words.js'
import type { PromptContentProps } from './prompt-content.js'

/** Words and a voice that speaks them. */
export const SpeechForm = ({
  name,
  language,
  voices,
  words,
  base,
}: PromptContentProps & { base: PromptVersion }) => {
  const { prompts } = words
  const own = voices.filter(voice => voice.language === language)
  return (
    <section class="sheet">
      <h2>{prompts.say}</h2>
      <form method="post" action={`/prompts/${name}/${language}/speech`} class="stack">
        <div class="field">
          <label for="template">{prompts.template}</label>
          <textarea
            id="template"
            name="template"
            rows={6}
            required
            maxLength={2_000}
            lang={language}
            aria-describedby="template-hint"
          >
            {base.template ?? base.text}
          </textarea>
          <small class="faint" id="template-hint">
            {prompts.templateHint}
          </small>
        </div>
        {own.length === 0 ? (
          <p class="note warn">{prompts.noVoice}</p>
        ) : (
          <>
            <SelectField
              id="voice"
              label={prompts.voice}
              options={Object.fromEntries(
                own.map(({ engine, voice }) => [`${engine}/${voice}`, `${engine}: ${voice}`]),
              )}
            />
            <div>
              <button class="button main" type="submit">
                {prompts.make}
              </button>
            </div>
          </>
        )}
      </form>
    </section>
  )
}

/** What the recorder's script needs. */
export interface RecorderData {
  /** Where a recording is sent. */
  address: string
  /** The page that shows the new draft. */
  page: string
  words: Words['prompts']['recorder']
}

/** A recording from a file or the microphone. The browser's script fills it. */
export const RecordForm = ({
  name,
  language,
  words,
  version,
}: {
  name: string
  language: string
  words: Words
  version: PromptVersion
}) => {
  const { prompts } = words
  const data: RecorderData = {
    address: `/api/v1/prompts/${name}/${language}/upload?of=${version.version}`,
    page: `/prompts/${name}/${language}`,
    words: prompts.recorder,
  }
  return (
    <section class="sheet">
      <h2>{prompts.record}</h2>
      <p class="soft">{prompts.recordHint}</p>
      <div
        id="recorder"
        data-recorder={JSON.stringify(data)}
        data-worklet={`/assets/${assetNames()['capture.js']}`}
      >
        <noscript>{prompts.noScript}</noscript>
      </div>
    </section>
  )
}

/** Rings a phone, whose person speaks the prompt. */
export const PhoneForm = ({
  name,
  language,
  phones: { endpoints, rung },
  words: { prompts, edit },
  version,
}: PromptContentProps & { version: PromptVersion }) => (
  <section class="sheet" id="telephone">
    <h2>{prompts.byPhone}</h2>
    {rung && endpoints.includes(rung) && (
      <p class="note done" role="status">
        {prompts.phoneRings(rung)}
      </p>
    )}
    {endpoints.length === 0 ? (
      <p class="soft">{edit.noPhone}</p>
    ) : (
      <form method="post" action={`/prompts/${name}/${language}/telephone`} class="stack">
        <input type="hidden" name="of" value={version.version} />
        <SelectField
          id="endpoint"
          label={edit.phone}
          options={Object.fromEntries(endpoints.map(endpoint => [endpoint, endpoint]))}
        />
        <small class="faint">{prompts.phoneHint}</small>
        <div>
          <button class="button" type="submit">
            {edit.ringDo}
          </button>
        </div>
      </form>
    )}
  </section>
)
