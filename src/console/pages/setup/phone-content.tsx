import type { DraftView } from '../../../lines/drafts/show-draft.js'
import type { Phone } from '../../../lines/ring-draft.js'
import { isPublishable } from '../line/draft-content.js'
import { ExampleNames } from '../line/example-names.js'
import { Breakable } from '../parts/breakable.js'
import { SelectField } from '../parts/fields.js'
import { Icon } from '../parts/icon.js'
import { phoneOptions, rungPhone } from '../parts/phones.js'
import type { Words } from '../words/words.js'

export interface PhoneContentProps {
  /** The draft that the phone plays, if any. */
  draft: DraftView | undefined
  /** The line that was just put into force. */
  published: string | undefined
  /** True if nothing is recorded for a purpose, because it has no key. */
  keyless: boolean
  approvalRequired: boolean
  phones: readonly Phone[]
  /** The phone that was just rung. */
  rung: string | undefined
  words: Words
}

/** Rings a phone, which plays the draft of the first line; then the draft is published. */
export const PhoneContent = (props: PhoneContentProps) => {
  const { draft, published, keyless, approvalRequired, words } = props
  const { setup, edit } = words
  const { phone } = setup
  if (published !== undefined)
    return (
      <>
        <p class="note done" role="status">
          <Icon name="check" />
          <span>
            {phone.published(published)} <a href={`/lines/${encodeURIComponent(published)}`}>{edit.toLine}</a>
          </span>
        </p>
        {keyless && <NoKey words={words} />}
      </>
    )
  if (!draft)
    return (
      <p class="sheet empty">
        <span>{phone.noDraft}</span>
        <a class="button main" href="/setup/line">
          {setup.steps.line}
        </a>
      </p>
    )
  return (
    <>
      <RingPhone {...props} draft={draft} />
      <ExampleNames draft={draft} words={words} />
      {isPublishable(draft) && !approvalRequired && <PublishDraft {...props} draft={draft} />}
    </>
  )
}

/** The form that publishes the draft. */
const PublishDraft = ({
  draft: { id, line, revision },
  keyless,
  rung,
  words,
  words: {
    edit,
    setup: { phone },
  },
}: PhoneContentProps & { draft: DraftView }) => (
  <form method="post" action={`/drafts/${id}/publish`} class="sheet stack narrow">
    <input type="hidden" name="revision" value={revision} />
    <input type="hidden" name="from" value="setup" />
    <p>{phone.publish(line)}</p>
    {keyless && <NoKey words={words} />}
    <div>
      <button class={rung === undefined ? 'button' : 'button main'} type="submit">
        {edit.publish}
      </button>
    </div>
  </form>
)

/** The form that rings a phone, which plays the draft. */
const RingPhone = ({
  draft: { id, line, revision },
  phones,
  rung,
  words: {
    edit,
    setup: { phone },
  },
}: PhoneContentProps & { draft: DraftView }) => {
  const rings = rungPhone({ phones, rung })
  return (
    <section class="sheet stack narrow">
      <h2>{phone.hears(line)}</h2>
      <p>
        <a href={`/drafts/${id}`}>{phone.look}</a>
      </p>
      {rings && (
        <p class="note done" role="status">
          <Icon name="check" />
          <span>{edit.rings(rings)}</span>
        </p>
      )}
      {phones.length === 0 ? (
        <p class="note">
          <Icon name="info" />
          <span>
            <Breakable text={phone.noPhone} />
          </span>
        </p>
      ) : (
        <form method="post" action="/setup/phone" class="stack">
          <input type="hidden" name="draft" value={id} />
          <input type="hidden" name="revision" value={revision} />
          <SelectField id="endpoint" label={edit.phone} options={phoneOptions({ phones, rung })} />
          <small class="faint">{edit.ringHint}</small>
          <div>
            <button class={rung === undefined ? 'button main' : 'button'} type="submit">
              {edit.ringDo}
            </button>
          </div>
        </form>
      )}
    </section>
  )
}

/** Says before and after publication that agreed calls are not recorded yet. */
const NoKey = ({ words: { setup } }: { words: Words }) => (
  <p class="note warn">
    <Icon name="warn" />
    <span>
      {setup.missing.key} <a href="/setup/key">{setup.missing.keyDo}</a>
    </span>
  </p>
)
