import type { Words } from '../words/words.js'
import { Icon } from './icon.js'
import { Told } from './told.js'

/** Notes about the action just completed. */
export const Warnings = ({ warnings, words: { problem } }: { warnings: readonly string[]; words: Words }) =>
  warnings.length === 0 ? null : (
    <section class="note warn" role="status">
      <Icon name="warn" />
      <div class="stack tight">
        <h2>{problem.doneBut}</h2>
        {warnings.map(warning => (
          <p key={warning}>
            <Told words={problem.told(warning)} />
          </p>
        ))}
      </div>
    </section>
  )
