import type { Words } from '../words/words.js'
import { Icon } from './icon.js'

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

/** An address of a page of the console, as sentences name it. */
const ADDRESS = /(\/setup\/[a-z]+)/

/** A sentence of an operation. The pages that it names are links. */
export const Told = ({ words }: { words: string }) => (
  <>
    {words.split(ADDRESS).map((part, i) =>
      i % 2 === 1 ? (
        <a key={`${String(i)} ${part}`} href={part}>
          {part}
        </a>
      ) : (
        part
      ),
    )}
  </>
)
