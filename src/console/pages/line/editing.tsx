import { type ComponentChildren, createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { english, type Message } from '../../../core/message.js'
import type { LinePolicy } from '../../../core/policy.js'
import type { DraftFault } from '../../../lines/drafts/show-draft.js'
import { moves } from '../parts/moves.js'
import { addressFor } from '../prompts/for-line.js'
import type { Words } from '../words/words.js'
import { FieldForm } from './field-form.js'
import { nameOf, typedAt } from './fields.js'
import { useOrigin } from './sources.js'

/** The refused input of a field. */
export interface RefusedValue {
  /** Path of the field. */
  field: string
  /** The values that the form sent, by the names of its fields. */
  typed: Readonly<Record<string, string | undefined>>
  /** The value that they mean. */
  value: unknown
  /** Why it was refused. */
  wrong: Message
}

/** A draft that is edited on this page. */
export interface Editing {
  draft: string
  revision: number
  policy: LinePolicy
  /** As it was typed, unchecked. */
  input: unknown
  /** The field whose form is open. */
  open: string | undefined
  /** The refused input of the open field, which is shown in place of the field's value. */
  refused: RefusedValue | undefined
  faults: DraftFault[]
  /** Fields that differ from the version in force. */
  changed: ReadonlySet<string>
  /** Names of the prompts of the line's language. */
  prompts: readonly string[]
  words: Words
  nonce: string
}

const Context = createContext<Editing | undefined>(undefined)

/** The draft edited at this place. Undefined: values are only shown. */
export const useEditing = (): Editing | undefined => useContext(Context)

/** Lets the values below be edited. Without it they are only shown. */
export const EditingProvider = Context.Provider

/** A value inside a sentence: a button if the line is edited. */
export const Value = ({
  field,
  keyCap,
  children,
}: {
  field: string
  keyCap?: boolean
  children: ComponentChildren
}) => {
  const editing = useContext(Context)
  const { group, source } = useOrigin(field)
  const shape = `${keyCap ? 'value key' : 'value'}${source === 'default' ? ' usual' : ''}`
  // The style sheet draws the mark of a value from the group, so that a screen reader reads it once.
  const mark = source === 'group' ? group : undefined
  if (!editing)
    return (
      <span class={shape} data-from={mark}>
        {children}
      </span>
    )
  const { groups } = editing.words
  const from = { line: '', default: ` (${groups.usual})`, group: ` (${groups.from(group ?? '')})` }[source]
  const wrong = editing.faults.some(fault => isAt(fault, field))
  const state = wrong ? ' wrong' : editing.changed.has(nameOf(field, editing.policy)) ? ' changed' : ''
  // A button without words could not be found again.
  const shown = typedAt(editing.input, field) ?? children
  const content = textOf(shown) === '' ? '–' : shown
  const address = `/drafts/${editing.draft}?${new URLSearchParams({ edit: field })}`
  return (
    <a
      class={`${shape}${state}`}
      id={`value-${field}`}
      data-from={mark}
      href={`${address}#edit`}
      aria-label={`${editing.words.edit.fields(field)}: ${textOf(content)}${from}`}
      {...moves(editing.nonce, { get: address })}
    >
      {content}
    </a>
  )
}

const textOf = (children: ComponentChildren): string =>
  Array.isArray(children) ? children.map(textOf).join('') : String(children ?? '')

/**
 * The form of a sentence's fields and their faults, below it.
 * @param whole a field whose own faults belong here; those of its parts do not
 */
export const Below = ({ fields, whole }: { fields: readonly string[]; whole?: string }) => {
  const editing = useContext(Context)
  if (!editing) return null
  const open = fields.find(field => field === editing.open)
  const faults = editing.faults.filter(
    fault => fault.field === whole || fields.some(field => isAt(fault, field)),
  )
  return (
    <>
      {faults.map(({ field, text, prompt }) => (
        <p class="note wrong" key={`${field} ${english(text)}`}>
          <span>
            {fields.length > 1 && <b>{editing.words.edit.faultField(field)}: </b>}
            {editing.words.edit.fault(text)} <OpenPrompt {...{ editing, name: prompt }} />
          </span>
        </p>
      ))}
      {open && <FieldForm editing={editing} field={open} />}
      {open && <Inherit editing={editing} field={open} />}
    </>
  )
}

/** A link to the prompt that a fault names, to make words for this draft there. */
const OpenPrompt = ({
  editing: { draft, words, policy, prompts },
  name,
}: {
  editing: Editing
  name: string | undefined
}) => {
  if (!name || !prompts.includes(name)) return null
  const address = addressFor({ name, language: policy.language }, { id: draft })
  return <a href={address}>{words.edit.openPrompt(name)}</a>
}

const isAt = ({ field }: DraftFault, wanted: string): boolean =>
  field === wanted || field.startsWith(`${wanted}.`)

/** Shows the origin of the open field's value, and lets the line inherit it. */
const Inherit = ({ editing, field }: { editing: Editing; field: string }) => {
  const { draft, revision, words, nonce, policy } = editing
  const { group, source, below } = useOrigin(field)
  const { groups } = words
  const origin = { line: groups.ownValue, default: groups.usualValue, group: groups.groupValue(group ?? '') }[
    source
  ]
  const address = `/drafts/${draft}/inherit`
  return (
    <form class="row edit" method="post" action={address} {...moves(nonce, { post: address })}>
      <small class="soft">{origin}</small>
      {source === 'line' && below && (
        <>
          <input type="hidden" name="revision" value={revision} />
          <button class="button bare" type="submit" name="field" value={nameOf(field, policy)}>
            {below === 'group' ? groups.takeGroup : groups.takeUsual}
          </button>
        </>
      )}
    </form>
  )
}
