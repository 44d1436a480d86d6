import type { LinePolicy } from '../../../core/policy.js'
import type { SpokenWords } from '../../../lines/spoken-words.js'
import type { CallerMet } from '../../../lines/try-line.js'
import { Icon } from '../parts/icon.js'
import type { SimulatorData } from '../parts/simulator-data.js'
import { AnswerTag } from '../parts/tag.js'
import type { Words } from '../words/words.js'

/** Longest wait of a caller without a word, ms. After that callers give up, or complain. */
const LONG_WAIT_MS = 25_000

/** The simulated telephone. The browser's script fills it. */
export const Phone = ({
  policy,
  prompts,
  words,
}: {
  policy: LinePolicy
  prompts: ReadonlyMap<string, SpokenWords>
  words: Words
}) => {
  const { line, answers } = words
  const data: SimulatorData = {
    policy,
    prompts: Object.fromEntries(prompts),
    words: { ...line.phone, answers },
  }
  return (
    <section class="sheet no-print">
      <h2>{line.try}</h2>
      <div id="simulator" data-simulator={JSON.stringify(data)}>
        <noscript>{line.noScript}</noscript>
      </div>
      <p class="faint">
        <small>{line.tryNote}</small>
      </p>
    </section>
  )
}

/** Simulated callers of the line, and the outcome for each. */
export const WhatCallersMeet = ({ callers, words }: { callers: CallerMet[]; words: Words }) => {
  const silent = callers.find(({ caller }) => caller === 'silent')?.leftAt ?? 0
  const { line } = words
  return (
    <section class="sheet">
      <h2>{line.meets}</h2>
      <table class="table meets">
        <thead>
          <tr>
            <th scope="col">{line.who}</th>
            <th scope="col">{line.answer}</th>
            <th scope="col" class="end">
              {line.untilAgent}
            </th>
          </tr>
        </thead>
        <tbody>
          {callers.map(({ caller, decision, leftAt }) => (
            <tr key={caller}>
              <td>{line.callers[caller]}</td>
              <td>{decision && <AnswerTag answer={decision} words={words} />}</td>
              <td class="end number" data-label={line.untilAgent}>
                {leftAt === null ? '–' : words.seconds(leftAt)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {silent > LONG_WAIT_MS && (
        <p class="note warn">
          <Icon name="clock" />
          <span>{line.slow(silent)}</span>
        </p>
      )}
    </section>
  )
}
