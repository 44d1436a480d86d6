import type { DraftView } from '../../../lines/drafts/show-draft.js'
import { Icon } from '../parts/icon.js'
import type { Words } from '../words/words.js'

/** Shows that a draft is not published while its prompts name the example company, and where to change that. */
export const ExampleNames = ({
  draft: { examples },
  words: { setup, edit },
}: {
  draft: DraftView
  words: Words
}) =>
  examples.length === 0 ? null : (
    <div class="note warn">
      <Icon name="warn" />
      <div class="stack tight">
        <p>{setup.company.hinders}</p>
        <ul>
          {examples.map(({ prompt, text }) => (
            <li key={prompt}>{edit.fault(text)}</li>
          ))}
        </ul>
        <p>
          <a href="/setup/company">{setup.company.hindersDo}</a>
        </p>
      </div>
    </div>
  )
