import type { Words } from '../words/words.js'
import { TextAreaField } from './fields.js'

/** A second person's decision, with a comment. It is sent to `ADDRESS/approve` or `ADDRESS/refuse`. */
export const DecisionForm = ({
  address,
  fields,
  approve,
  comment = '',
  words: { edit },
}: {
  address: string
  /** The form's fields besides the comment, by name. */
  fields: Readonly<Record<string, string | number>>
  /** Label of the button that approves. Undefined: the proposal has faults, so it can only be rejected. */
  approve: string | undefined
  /** A refused comment, as typed. */
  comment?: string | undefined
  words: Words
}) => (
  <form class="stack no-print" method="post" action={`${address}/approve`}>
    {Object.entries(fields).map(([name, value]) => (
      <input key={name} type="hidden" name={name} value={value} />
    ))}
    <TextAreaField
      id="comment"
      label={edit.comment}
      hint={edit.commentHint}
      value={comment}
      maxLength={1_000}
      rows={2}
      required={false}
    />
    <div class="row">
      {approve && (
        <button class="button main" type="submit">
          {approve}
        </button>
      )}
      <button class="button stop" type="submit" formAction={`${address}/refuse`}>
        {edit.refuse}
      </button>
    </div>
  </form>
)
