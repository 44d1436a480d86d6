import type { Words } from '../words/words.js'
import { Icon } from './icon.js'
import { Told } from './told.js'

/** What was done, and what to look at because of it. */
export const Warnings = ({
  warnings,
  words: { problem },
  back,
}: {
  warnings: readonly string[]
  words: Words
  /** Address of the page that shows what was done. */
  back: string
}) => (
  <div class="stack">
    <h1>{problem.doneBut}</h1>
    {warnings.map(warning => (
      <p class="note warn" key={warning}>
        <Icon name="warn" />
        <span>
          <Told words={problem.told(warning)} />
        </span>
      </p>
    ))}
    <p>
      <a class="button main" href={back}>
        {problem.goOn}
      </a>
    </p>
  </div>
)
