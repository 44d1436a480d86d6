import type { LanguageChoice, LinePolicy, NextStep } from '../../../core/policy.js'
import { languages } from '../../../languages/languages.js'
import { fieldAt } from '../../../lines/fields/fields.js'
import { SelectField, TextField } from '../parts/fields.js'
import { moves } from '../parts/moves.js'
import type { Words } from '../words/words.js'
import { choicesOf } from './choices.js'
import type { Editing } from './editing.js'
import { controlOf, typedAt, valueAt } from './fields.js'
import { heardTyped } from './min-heard.js'
import { promptOptions } from './prompt-options.js'
import { useOrigin } from './sources.js'

/** Parameters of the browser's script that checks a field while it is typed. */
export interface CheckedField {
  /** The line as the page shows it. */
  line: Omit<LinePolicy, 'version'>
  /** Path of the field. */
  field: string
}

/** The form of one field, below its sentence. */
export const FieldForm = ({ editing, field }: { editing: Editing; field: string }) => {
  const { draft, revision, words, nonce, policy } = editing
  const { version: _, ...line } = policy
  const checked: CheckedField = { line, field }
  const address = `/drafts/${draft}/fields`
  return (
    <form
      id="edit"
      class="edit stack"
      method="post"
      action={address}
      data-check={JSON.stringify(checked)}
      {...moves(nonce, { post: address })}
    >
      <input type="hidden" name="revision" value={revision} />
      <input type="hidden" name="field" value={field} />
      <ControlOf editing={editing} field={field} />
      <div class="row">
        <button class="button main" type="submit">
          {words.edit.save}
        </button>
        <a class="button bare" href={`/drafts/${draft}`} {...moves(nonce, { get: `/drafts/${draft}` })}>
          {words.edit.cancel}
        </a>
      </div>
    </form>
  )
}

const ControlOf = ({ editing, field }: { editing: Editing; field: string }) => {
  const { policy, words, prompts, input } = editing
  const refused = editing.refused?.field === field ? editing.refused : undefined
  const wrong = refused && `${words.problem.inWords(refused.wrong)} ${words.edit.notSaved}`
  const value = refused ? refused.value : (valueAt(policy, field) ?? fieldAt(field)?.usual ?? undefined)
  const typed = refused ? refused.typed['value'] : typedAt(input, field)
  const label = words.edit.fields(field)
  const choices = choicesOf(field, words)
  if (choices) return <Choice {...{ label, value, wrong }} options={choices} />
  switch (controlOf(field)) {
    case 'languages':
      return (
        <LanguageKeys
          {...{ editing, label, wrong }}
          offered={(value as readonly LanguageChoice[] | undefined) ?? []}
        />
      )
    case 'prompt':
      return (
        <PromptChoice
          {...{ label, value, wrong, field, words }}
          options={promptOptions(prompts, { field, value }, words)}
        />
      )
    case 'step':
      return <StepChoice {...{ editing, label, wrong }} step={value as NextStep} />
    case 'decimal':
      return <Text {...{ label, wrong, value: typed ?? value, mode: 'decimal' as const }} />
    case 'heard':
      return <Text {...{ label, wrong, value: typed ?? heardTyped(value, words), mode: 'text' as const }} />
    case 'seconds':
      return <Text {...{ label, wrong, value: typed ?? Number(value) / 1_000, mode: 'decimal' as const }} />
    case 'number':
    case 'days':
      return <Text {...{ label, wrong, value: typed ?? value, mode: 'numeric' as const }} />
    default:
      return <Text {...{ label, wrong, value, mode: 'text' as const }} />
  }
}

const Text = ({
  label,
  wrong,
  value,
  mode,
}: {
  label: string
  wrong: string | undefined
  value: unknown
  mode: 'text' | 'decimal' | 'numeric'
}) => (
  <TextField
    id="edited"
    name="value"
    label={label}
    wrong={wrong}
    input={{
      ...{ value: value === undefined ? '' : String(value), inputMode: mode },
      ...{ maxLength: 1_000, autocomplete: 'off', autofocus: true },
    }}
  />
)

const Choice = ({
  label,
  wrong,
  value,
  options,
}: {
  label: string
  wrong: string | undefined
  value: unknown
  options: Readonly<Record<string, string>>
}) => (
  <SelectField {...{ id: 'edited', name: 'value', label, wrong, options }} value={String(value)} autofocus />
)

/** A line need not have every prompt. One that it inherits from its group can only be replaced. */
const PromptChoice = ({
  field,
  words,
  value = '',
  options,
  ...named
}: Parameters<typeof Choice>[0] & { field: string; words: Words }) => {
  const { below } = useOrigin(field)
  const none = below === 'group' ? undefined : words.edit.none(field)
  return <Choice {...{ ...named, value }} options={{ ...(none !== undefined && { '': none }), ...options }} />
}

/** A key for each language. Without keys, no choice is offered. */
const LanguageKeys = ({
  editing: { words },
  label,
  wrong,
  offered,
}: {
  editing: Editing
  label: string
  wrong: string | undefined
  offered: readonly LanguageChoice[]
}) => (
  <fieldset class="field">
    <legend>{label}</legend>
    <input type="hidden" name="value" value="" />
    {languages().map((language, i) => (
      <TextField
        key={language}
        id={i === 0 ? 'edited' : `edited-${language}`}
        name={language}
        label={words.edit.languageKey(language)}
        wrong={i === 0 && wrong}
        input={{
          ...{ value: offered.find(one => one.language === language)?.key ?? '', maxLength: 1 },
          ...{ inputMode: 'numeric', autocomplete: 'off', autofocus: i === 0 },
        }}
      />
    ))}
    <small class="faint">{words.edit.languageKeysHint}</small>
  </fieldset>
)

const StepChoice = ({
  editing,
  label,
  wrong,
  step,
}: {
  editing: Editing
  label: string
  wrong: string | undefined
  step: NextStep
}) => {
  const { edit } = editing.words
  const target = step.do === 'transfer' ? step : { context: '', extension: '', priority: 1 }
  return (
    <>
      <Choice {...{ label, wrong }} value={step.do} options={edit.steps} />
      <fieldset class="field">
        <legend class="soft">{edit.target}</legend>
        {(['context', 'extension', 'priority'] as const).map(name => (
          <TextField
            key={name}
            id={`edited-${name}`}
            name={name}
            label={edit.targets[name]}
            input={{ value: target[name], maxLength: 79, autocomplete: 'off' }}
          />
        ))}
      </fieldset>
    </>
  )
}
