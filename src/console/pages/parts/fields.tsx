import type { ComponentChildren } from 'preact'
import { Icon } from './icon.js'

/** Properties of every field of a form. */
interface Named {
  /** Also its name in the form, unless `name` is given. */
  id: string
  name?: string
  label: string
  /** A hint below the field, which is read with it. */
  hint?: string | undefined
  /** Why the typed value was refused. It is below the field, and is read with it. */
  wrong?: ComponentChildren
}

const Field = ({ id, label, hint, wrong, children }: Named & { children: ComponentChildren }) => (
  <div class="field">
    <label for={id}>{label}</label>
    {children}
    {wrong && (
      <p class="wrong" id={`${id}-wrong`} role="alert">
        {wrong}
      </p>
    )}
    {hint && (
      <small class="faint" id={`${id}-hint`}>
        {hint}
      </small>
    )}
  </div>
)

/** The attributes that connect an element with its refusal and its hint. */
function described({ id, hint, wrong }: Named) {
  const by = [...(wrong ? [`${id}-wrong`] : []), ...(hint ? [`${id}-hint`] : [])]
  return {
    ...(by.length > 0 && { 'aria-describedby': by.join(' ') }),
    ...(wrong ? { 'aria-invalid': 'true' as const, autofocus: true } : {}),
  }
}

/** The attributes of an input that these forms use. */
interface Input {
  value?: string | number | undefined
  required?: boolean
  minLength?: number
  maxLength?: number
  pattern?: string
  autocomplete?: string
  autocapitalize?: 'none'
  inputMode?: 'text' | 'decimal' | 'numeric'
  autofocus?: boolean
  type?: 'date' | 'datetime-local'
  /** The latest selectable date. */
  max?: string
}

/** A field of one line. `input`: attributes of the element, such as `required`. */
export const TextField = ({ input = {}, ...named }: Named & { input?: Input }) => (
  <Field {...named}>
    <input id={named.id} name={named.name ?? named.id} {...described(named)} {...input} />
  </Field>
)

/** A field of several lines. */
export const TextAreaField = ({
  value,
  maxLength,
  rows,
  required = true,
  ...named
}: Named & { value: string; maxLength: number; rows: number; required?: boolean }) => (
  <Field {...named}>
    <textarea
      id={named.id}
      name={named.name ?? named.id}
      {...{ rows, maxLength, required, value }}
      {...described(named)}
    />
  </Field>
)

/** A passphrase. `fresh`: it is being chosen, so the browser proposes one and the shortest length applies. */
export const PassphraseField = ({
  fresh = false,
  required = true,
  ...named
}: Named & { fresh?: boolean; required?: boolean }) => (
  <Field {...named}>
    <input
      id={named.id}
      name={named.name ?? named.id}
      type="password"
      required={required}
      maxLength={256}
      {...(fresh ? { autocomplete: 'new-password', minLength: 12 } : { autocomplete: 'current-password' })}
      {...described(named)}
    />
  </Field>
)

/** A code of the second factor. `recovery`: a recovery code is accepted, too. */
export const CodeField = ({ recovery = false, ...named }: Named & { recovery?: boolean }) => (
  <TextField
    {...named}
    input={{
      autocomplete: 'one-time-code',
      ...(recovery ? { maxLength: 32 } : ({ inputMode: 'numeric', required: true, maxLength: 12 } as const)),
    }}
  />
)

/** The name with which a new person signs in. `value`: as typed before. */
export const UserNameField = ({ value, ...named }: Named & { value?: string | undefined }) => (
  <TextField
    {...named}
    input={{
      value,
      ...{ required: true, maxLength: 64 },
      ...({ autocomplete: 'off', autocapitalize: 'none' } as const),
    }}
  />
)

/** A choice. `options`: their words, by their values. */
export const SelectField = ({
  options,
  value,
  autofocus = false,
  ...named
}: Named & {
  options: Readonly<Record<string, string>>
  value?: string | undefined
  autofocus?: boolean
}) => (
  <Field {...named}>
    <select id={named.id} name={named.name ?? named.id} autofocus={autofocus} {...described(named)}>
      {Object.entries(options).map(([name, words]) => (
        <option key={name} value={name} selected={name === value}>
          {words}
        </option>
      ))}
    </select>
  </Field>
)

/** Why a form was refused. */
export const Wrong = ({ why }: { why: string | undefined }) =>
  why === undefined ? null : (
    <p class="note wrong" role="alert">
      <Icon name="warn" />
      <span>{why}</span>
    </p>
  )
