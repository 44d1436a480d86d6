import type { LanguageChoice, LinePolicy } from '../../../core/policy.js'
import { languages } from '../../../languages/languages.js'
import type { Control } from '../../../lines/fields/field.js'
import { GROUP_PATHS, MAX_PURPOSES, PURPOSE_PATHS } from '../../../lines/fields/fields.js'
import { choicesOf } from '../line/choices.js'
import { controlOf, valueAt } from '../line/fields.js'
import { heardTyped } from '../line/min-heard.js'
import { promptOptions } from '../line/prompt-options.js'
import { SelectField, TextField } from '../parts/fields.js'
import type { Words } from '../words/words.js'
import type { GroupContentProps } from './group-content.js'

/** The shared fields of a group. Each field may be empty. */
export const GroupForm = (props: GroupContentProps) => {
  const { group, words, mayChange, input } = props
  const { groups } = words
  const fields = (input ?? group.fields) as LinePolicy
  const count = Math.min(MAX_PURPOSES, (fields.purposes?.length ?? 0) + (mayChange ? 1 : 0))
  return (
    <section class="sheet">
      <h2>{groups.shares}</h2>
      <form
        method="post"
        action={`/lines/groups/${encodeURIComponent(group.name)}/preview`}
        class="stack"
        data-check-group={JSON.stringify(group.fields)}
      >
        <p class="soft">{groups.sharesHint}</p>
        <input type="hidden" name="seen" value={group.version} />
        <fieldset class="fields" disabled={!mayChange}>
          <legend class="unseen">{groups.shares}</legend>
          {GROUP_PATHS.map(field => (
            <FieldOfGroup key={field} {...props} field={field} fields={fields} />
          ))}
        </fieldset>
        {Array.from({ length: count }, (_, place) => (
          <fieldset class="fields" key={`purposes.${String(place)}`} disabled={!mayChange}>
            <legend>
              <b>{groups.purpose(place + 1)}</b> <small class="faint">{groups.purposeHint}</small>
            </legend>
            {PURPOSE_PATHS.map(name => (
              <FieldOfGroup key={name} {...props} field={`purposes.${place}.${name}`} fields={fields} />
            ))}
          </fieldset>
        ))}
        {mayChange && (
          <div>
            <button class="button main" type="submit">
              {groups.preview}
            </button>
          </div>
        )}
      </form>
    </section>
  )
}

const FieldOfGroup = ({
  field,
  fields,
  words,
  prompts,
}: GroupContentProps & { field: string; fields: LinePolicy }) => {
  const value = valueAt(fields, field)
  const shown = value === undefined ? '' : String(value)
  const named = { id: field, label: words.edit.fields(field) }
  const choice = (options: Readonly<Record<string, string>>) => (
    <SelectField {...named} options={{ '': words.groups.each, ...options }} value={shown} />
  )
  const choices = choicesOf(field, words)
  if (choices) return choice(choices)
  const control = controlOf(field)
  switch (control) {
    case 'prompt':
      return choice(promptOptions(prompts, { field, value }, words))
    case 'languages':
      return (
        <LanguagesOfGroup {...{ named, words }} offered={(value as LanguageChoice[] | undefined) ?? []} />
      )
    case 'step':
      return <StepOfGroup {...{ named, words }} step={value as StepTyped | undefined} />
    default:
      return (
        <TextField
          {...named}
          input={{
            value: shownIn(control, value, words),
            ...{ maxLength: 1_000, autocomplete: 'off' },
          }}
        />
      )
  }
}

/** The text of a field for a value. Undefined: each line states its own. */
function shownIn(control: Control | undefined, value: unknown, words: Words): string | number {
  if (value === undefined) return ''
  if (control === 'heard') return heardTyped(value, words)
  return control === 'seconds' && typeof value === 'number' ? value / 1_000 : String(value)
}

/** A key for each language. Without keys, each line states its own choice. */
const LanguagesOfGroup = ({
  named: { id, label },
  words: { edit },
  offered,
}: {
  named: { id: string; label: string }
  words: Words
  offered: readonly LanguageChoice[]
}) => (
  <fieldset class="stack tight">
    <legend>{label}</legend>
    {languages().map(language => (
      <TextField
        key={language}
        id={`${id}.${language}`}
        label={edit.languageKey(language)}
        input={{
          ...{ value: offered.find(one => one.language === language)?.key, maxLength: 1 },
          ...{ inputMode: 'numeric', autocomplete: 'off' },
        }}
      />
    ))}
  </fieldset>
)

type StepTyped = { do?: string; context?: string; extension?: string; priority?: number }

/** The next step of a call. The target counts with a transfer only. */
const StepOfGroup = ({
  named,
  words: { edit, groups },
  step,
}: {
  named: { id: string; label: string }
  words: Words
  step: StepTyped | undefined
}) => (
  <div class="stack tight">
    <SelectField {...named} options={{ '': groups.each, ...edit.steps }} value={step?.do ?? ''} />
    <details open={step?.do === 'transfer'}>
      <summary>{edit.target}</summary>
      {(['context', 'extension', 'priority'] as const).map(part => (
        <TextField
          key={part}
          id={`${named.id}.${part}`}
          label={edit.targets[part]}
          input={{ value: step?.[part], maxLength: 79, autocomplete: 'off' }}
        />
      ))}
    </details>
  </div>
)
