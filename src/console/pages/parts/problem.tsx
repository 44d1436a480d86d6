import type { Message } from '../../../core/message.js'
import type { Words } from '../words/words.js'
import { WithLinks } from './warnings.js'

/** The failure, the advice, and the words of the program that refused. */
export const ProblemContent = ({
  words: { problem },
  status,
  message,
  back,
}: {
  words: Words
  status: number
  message: Message
  /** The page from which the refused request was sent, if it is known. */
  back?: string | undefined
}) => (
  <div class="stack">
    <h1>{problem.titles[status] ?? problem.title}</h1>
    <p class="lead">{problem.advice[status] ?? problem.advice[500]}</p>
    <details open={status < 500}>
      <summary>{problem.details}</summary>
      <p class="soft lines">
        <WithLinks words={problem.inWords(message)} />
      </p>
    </details>
    <p class="row">
      {back && (
        <a class="button main" href={back}>
          {problem.toPage}
        </a>
      )}
      <a class={back ? 'button bare' : 'button main'} href="/">
        {problem.back}
      </a>
    </p>
  </div>
)
