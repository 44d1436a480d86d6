import { type ComponentChildren, createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { DraftFault } from '../../../operations/drafts/show-draft.js'
import type { LinePolicy } from '../../../shared/policy.js'
import { moves } from '../parts/moves.js'
import type { Words } from '../words/words.js'
import { FieldForm } from './field-form.js'

/** A draft that is edited on this page. */
export interface Editing {
  draft: string
  revision: number
  policy: LinePolicy
  /** The field whose form is open. */
  open: string | undefined
  faults: DraftFault[]
  /** Fields that differ from the version in force. */
  changed: ReadonlySet<string>
  /** Names of the prompts of the line's language. */
  prompts: readonly string[]
  words: Words
  nonce: string
}

const Context = createContext<Editing | undefined>(undefined)

/** Lets the values below be edited. Without it they are only shown. */
export const EditingProvider = Context.Provider

/** The name of a field in `lineDifferences`, where purposes have their names in place of their places. */
const nameOf = (field: string, policy: LinePolicy): string =>
  field.replace(
    /^purposes\.(\d)/,
    (_, place: string) => `purposes.${policy.purposes[Number(place)]?.purpose}`,
  )

/** A value inside a sentence: a button where the line is edited. */
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
  const shape = keyCap ? 'value key' : 'value'
  if (!editing) return <span class={shape}>{children}</span>
  const wrong = editing.faults.some(fault => isAt(fault, field))
  const state = wrong ? ' wrong' : editing.changed.has(nameOf(field, editing.policy)) ? ' changed' : ''
  const address = `/drafts/${editing.draft}?${new URLSearchParams({ edit: field })}`
  return (
    <a
      class={`${shape}${state}`}
      id={`value-${field}`}
      href={`${address}#edit`}
      aria-label={`${editing.words.edit.fields(field)}: ${textOf(children)}`}
      {...moves(editing.nonce, { get: address })}
    >
      {children}
    </a>
  )
}

const textOf = (children: ComponentChildren): string =>
  Array.isArray(children) ? children.map(textOf).join('') : String(children ?? '')

/** The form and the faults of the fields of a sentence, below it. @param whole a field whose own faults belong here, not those of its parts */
export const Below = ({ fields, whole }: { fields: readonly string[]; whole?: string }) => {
  const editing = useContext(Context)
  if (!editing) return null
  const open = fields.find(field => field === editing.open)
  const faults = editing.faults.filter(
    fault => fault.field === whole || fields.some(field => isAt(fault, field)),
  )
  return (
    <>
      {faults.map(({ field, message }) => (
        <p class="note wrong" key={`${field} ${message}`}>
          {editing.words.edit.fault(message)}
        </p>
      ))}
      {open && <FieldForm editing={editing} field={open} />}
    </>
  )
}

const isAt = ({ field }: DraftFault, wanted: string): boolean =>
  field === wanted || field.startsWith(`${wanted}.`)
