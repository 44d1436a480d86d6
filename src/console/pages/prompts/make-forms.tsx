import type { Message } from '../../../core/message.js'
import { saysNoCompany } from '../../../lines/prompts/make-prompts.js'
import type { LineToSay } from '../../../lines/prompts/values-of-lines.js'
import { assetNames } from '../assets.js'
import { Breakable } from '../parts/breakable.js'
import { SelectField, Wrong } from '../parts/fields.js'
import { phoneOptions, rungPhone } from '../parts/phones.js'
import type { Words } from '../words/words.js'
import { addressFor } from './for-line.js'
import type { PromptContentProps } from './prompt-content.js'

const sayForOptions = (lines: readonly LineToSay[], { prompts }: Words): Record<string, string> =>
  Object.fromEntries(
    lines.map(({ id, number, name, isDraft }) => {
      const line = name === undefined ? number : `${number} · ${name}`
      return [id, isDraft ? prompts.asDraft(line) : prompts.asLine(line)]
    }),
  )

/** The line or draft whose values the words get. The form asks for it only if it matters, and marks a draft. */
const SayFor = ({
  id,
  lines,
  chosen = lines[0]?.id,
  words,
}: {
  id: string
  lines: readonly LineToSay[]
  chosen?: string | undefined
  words: Words
}) =>
  lines.length > 1 || lines[0]?.isDraft ? (
    <SelectField
      {...{ id, name: 'line', label: words.prompts.sayFor, options: sayForOptions(lines, words) }}
      value={chosen}
    />
  ) : (
    <input type="hidden" name="line" value={chosen ?? ''} />
  )

/** Words that could not be synthesized, and the fault. */
export interface TypedSpeech {
  template: string
  /** Engine and voice. */
  voice: string
  line?: string | undefined
  wrong: Message
}

/** Words and a voice that speaks them. */
export const SpeechForm = ({
  name,
  language,
  versions,
  voices,
  words,
  base,
  latest,
  sayFor,
  forLine,
  typed,
}: PromptContentProps) => {
  const { prompts } = words
  const own = voices.filter(voice => voice.language === language)
  return (
    <section class="sheet">
      <h2>{prompts.say}</h2>
      <form method="post" action={`/prompts/${name}/${language}/speech`} class="stack">
        {typed && saysNoCompany(typed.wrong) ? (
          <p class="note wrong" role="alert">
            {prompts.noCompany} <a href="/setup/company">{prompts.nameCompany}</a>
          </p>
        ) : (
          <Wrong why={typed && words.problem.inWords(typed.wrong)} />
        )}
        {versions.length === 0 && <input type="hidden" name="like" value={base.name} />}
        {forLine && <input type="hidden" name="for" value={forLine.id} />}
        <Template {...{ language, latest, typed, words }} />
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
              value={typed?.voice}
            />
            <SayFor id="speech-line" lines={sayFor} chosen={typed?.line} words={words} />
            <div>
              {/* If a draft waits, its publication is the main action. */}
              <button class={latest.state === 'draft' ? 'button' : 'button main'} type="submit">
                {prompts.make}
              </button>
            </div>
          </>
        )}
      </form>
    </section>
  )
}

/** The field with the words to speak. */
const Template = ({
  language,
  latest,
  typed,
  words: { prompts },
}: Pick<PromptContentProps, 'language' | 'latest' | 'typed' | 'words'>) => (
  <div class="field">
    <label for="template">{prompts.template}</label>
    <textarea
      id="template"
      name="template"
      rows={6}
      required
      maxLength={1_500}
      lang={language}
      aria-describedby="template-hint"
    >
      {typed?.template ?? latest.template ?? latest.text}
    </textarea>
    <small class="faint" id="template-hint">
      {prompts.templateHint}
    </small>
  </div>
)

/** Parameters of the recorder's script. */
export interface RecorderData {
  /** The address that takes a recording. */
  address: string
  /** The id of the field with the words to record. Undefined: the words of the version that the address names. */
  template: string | undefined
  /** The page that shows the new draft. */
  page: string
  /** Lines and drafts whose values it can have: the label by id. `chosen`: the preselected one. */
  sayFor: { label: string; options: Readonly<Record<string, string>>; chosen: string }
  words: Words['prompts']['recorder']
}

/** A recording from a file or the microphone. The browser's script fills it. */
export const RecordForm = ({
  name,
  language,
  versions,
  words,
  base,
  sayFor,
  forLine,
}: PromptContentProps) => {
  const { prompts } = words
  const isNew = versions.length === 0
  const data: RecorderData = {
    address: `/api/v1/prompts/${name}/${language}/upload?${isNew ? `like=${base.name}` : `of=${base.version}`}`,
    template: isNew ? 'template' : undefined,
    sayFor: {
      ...{ label: prompts.sayFor, options: sayForOptions(sayFor, words) },
      chosen: sayFor[0]?.id ?? '',
    },
    page: addressFor({ name, language }, forLine),
    words: prompts.recorder,
  }
  return (
    <section class="sheet">
      <h2>{prompts.record}</h2>
      <p class="soft">{isNew ? prompts.recordHintNew : prompts.recordHint(base.version)}</p>
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

/** Rings a phone to record the prompt. */
export const PhoneForm = ({
  name,
  language,
  phones,
  words,
  words: { prompts, edit },
  base,
  sayFor,
}: PromptContentProps) => (
  <section class="sheet" id="telephone">
    <h2>{prompts.byPhone}</h2>
    {rungPhone(phones) && (
      <p class="note done" role="status">
        {prompts.phoneRings(rungPhone(phones)!)}
      </p>
    )}
    {phones.phones.length === 0 ? (
      <p class="soft">
        <Breakable text={edit.noPhone} />
      </p>
    ) : (
      <form method="post" action={`/prompts/${name}/${language}/telephone`} class="stack">
        <input type="hidden" name="of" value={base.version} />
        <SelectField id="endpoint" label={edit.phone} options={phoneOptions(phones)} />
        <SayFor id="phone-line" lines={sayFor} words={words} />
        <small class="faint">{prompts.phoneHint(base.version)}</small>
        <div>
          <button class="button" type="submit">
            {edit.ringDo}
          </button>
        </div>
      </form>
    )}
  </section>
)
