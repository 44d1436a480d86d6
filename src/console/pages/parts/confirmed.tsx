import type { ComponentChildren } from 'preact'
import type { Words } from '../words/words.js'

/**
 * The same as `Confirmed` at the end of a form that has fields of its own. `children`: the consequences, in paragraphs.
 */
export const ConfirmedSubmit = ({
  label,
  deed,
  words,
  children,
}: {
  label: string
  deed: string
  words: Words
  children: ComponentChildren
}) => (
  <details class="asked">
    <summary class="button main">
      <span>{label}</span>
      <span>{words.leave}</span>
    </summary>
    <div class="stack tight edit">
      {children}
      <div>
        <button class="button main" type="submit">
          {deed}
        </button>
      </div>
    </div>
  </details>
)

/**
 * An action that needs a confirmation. Its button unfolds the consequences, whether they can be undone, and the button
 * that acts. A second press folds them up. It works without scripts.
 */
export const Confirmed = ({
  label,
  of,
  deed,
  action,
  fields = {},
  look = 'bare stop',
  words,
  children,
}: {
  /** Label of the button that unfolds the confirmation. */
  label: string
  /** Id of the element that names the subject, for screen readers. */
  of?: string
  /** Label of the button that acts. */
  deed: string
  /** The address that takes the form. */
  action: string
  /** The fields of the form, by name. */
  fields?: Readonly<Record<string, string | number>>
  /** Style of the button that unfolds the confirmation. */
  look?: 'bare stop' | 'bare'
  words: Words
  /** The consequences, in paragraphs. */
  children: ComponentChildren
}) => (
  <details class="asked">
    <summary class={`button ${look}`} aria-describedby={of}>
      <span>{label}</span>
      <span>{words.leave}</span>
    </summary>
    <form class="stack tight edit" method="post" action={action}>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children}
      <div>
        <button class={look === 'bare' ? 'button main' : 'button stop'} type="submit">
          {deed}
        </button>
      </div>
    </form>
  </details>
)
