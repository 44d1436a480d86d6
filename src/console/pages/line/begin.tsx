import type { ComponentChildren } from 'preact'
import type { DraftSummary } from '../../../lines/drafts/show-draft.js'
import type { UnknownNumber } from '../../../lines/explain-number.js'
import { SelectField } from '../parts/fields.js'
import { languageOptions } from '../parts/language-options.js'
import { Moment } from '../parts/moment.js'
import type { View } from '../view.js'
import type { Words } from '../words/words.js'
import { NumberField, type RefusedNumber } from './number-field.js'

/** A form for a new line, and the dialled numbers that are not lines. */
export const BeginLine = ({
  unknown,
  words,
  view,
  refused,
}: {
  unknown: UnknownNumber[]
  words: Words
  view: View
  refused?: RefusedNumber | undefined
}) => (
  <div class="stack">
    <section class="sheet narrow">
      <h2>{words.edit.newLine}</h2>
      <form method="post" action="/lines/new" class="stack">
        <NumberField words={words} refused={refused} />
        <SelectField
          id="language"
          label={words.me.language}
          options={languageOptions(words)}
          value={refused?.language ?? view.language}
        />
        <div>
          <button class="button main" type="submit">
            {words.edit.begin}
          </button>
        </div>
      </form>
    </section>
    {unknown.length > 0 && (
      <section class="sheet">
        <h2>{words.edit.unknown}</h2>
        <ul class="versions">
          {unknown.map(({ number, calls, lastAt }) => (
            <li class="row" key={number}>
              <b class="number">{number}</b>
              <span class="soft">{words.edit.unknownCalls(calls)}</span>
              <Moment at={lastAt} view={view} />
              <form method="post" action="/lines/new">
                <input type="hidden" name="number" value={number} />
                <input type="hidden" name="language" value={view.language} />
                <button class="button bare" type="submit">
                  {words.edit.makeLine}
                </button>
              </form>
            </li>
          ))}
        </ul>
      </section>
    )}
  </div>
)

/** Drafts of numbers that are not lines yet. */
export const NewDrafts = ({ drafts, words, view }: { drafts: DraftSummary[]; words: Words; view: View }) => (
  <section class="sheet">
    <h2>{words.edit.newDrafts}</h2>
    <ul class="versions">
      {drafts.map(draft => (
        <DraftItem key={draft.id} {...{ draft, words, view }}>
          {draft.line}
          {draft.name && ` · ${draft.name}`}
        </DraftItem>
      ))}
    </ul>
  </section>
)

const DraftItem = ({
  draft,
  words,
  view,
  children,
}: {
  draft: DraftSummary
  words: Words
  view: View
  children: ComponentChildren
}) => (
  <li class="row">
    <a href={`/drafts/${draft.id}`}>{children}</a>
    <DraftState {...{ draft, words, view }} />
    <span class="soft">{draft.changed.by}</span>
    <Moment at={draft.changed.at} view={view} />
  </li>
)

/** The next step of a draft: an approval, its time, or an operator after a failed publication. */
export const DraftState = ({
  draft: { state, scheduled, failure },
  words: { edit },
  view,
}: {
  draft: DraftSummary
  words: Words
  view: View
}) => (
  <>
    <span class={failure ? 'tag failed' : 'tag plain'}>{failure ? edit.failedTag : edit.state(state)}</span>
    {scheduled && (
      <span class="soft">
        {edit.scheduledAt} <Moment at={scheduled.at} view={view} />
      </span>
    )}
  </>
)

/** A button that begins a draft of a line. */
export const ChangeLine = ({ number, words }: { number: string; words: Words }) => (
  <form method="post" action={`/lines/${encodeURIComponent(number)}/drafts`}>
    <button class="button main" type="submit">
      {words.edit.change}
    </button>
  </form>
)

/** The drafts of a line that can still be published, and a form that copies the line. */
export const Drafts = ({
  number,
  drafts,
  words,
  view,
  refused,
}: {
  number: string
  drafts: DraftSummary[]
  words: Words
  view: View
  /** A number that was refused for a copy. */
  refused?: RefusedNumber | undefined
}) => (
  <section class="sheet">
    <h2>{words.edit.drafts}</h2>
    <ul class="versions">
      {drafts.map(draft => (
        <DraftItem key={draft.id} {...{ draft, words, view }}>
          {words.edit.draft(draft.revision)}
        </DraftItem>
      ))}
    </ul>
    <details class={drafts.length > 0 ? 'apart' : ''} open={refused !== undefined}>
      <summary>{words.edit.copyLine}</summary>
      <form
        class="stack edit"
        method="post"
        action={`/lines/${encodeURIComponent(number)}/copy`}
        aria-label={words.edit.copyLine}
      >
        <p class="soft">{words.edit.copyHint}</p>
        <NumberField {...{ words, refused, id: 'copy-number' }} />
        <div>
          <button class="button" type="submit">
            {words.edit.copyDo}
          </button>
        </div>
      </form>
    </details>
  </section>
)
