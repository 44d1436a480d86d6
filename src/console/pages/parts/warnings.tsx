import { english, type Message } from '../../../core/message.js'
import type { Words } from '../words/words.js'
import { Icon } from './icon.js'

/** Notes about the action just completed. */
export const Warnings = ({ warnings, words: { problem } }: { warnings: readonly Message[]; words: Words }) =>
  warnings.length === 0 ? null : (
    <section class="note warn" role="status">
      <Icon name="warn" />
      <div class="stack tight">
        <h2>{problem.doneBut}</h2>
        {warnings.map(warning => (
          <p key={english(warning)}>
            <WithLinks words={problem.inWords(warning)} />
          </p>
        ))}
      </div>
    </section>
  )

/** An address of a page of the console, as sentences name it. */
const ADDRESS = /(\/setup\/[a-z]+)/

/** A message. The pages that it names are links. */
export const WithLinks = ({ words }: { words: string }) => (
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
