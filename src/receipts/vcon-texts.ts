import type { StatementAnswer } from './conversation.js'
import type { Statement } from './statement.js'
import { CALLER, OPERATOR } from './vcon-attachments.js'

/** The prompts that the caller heard and the words of spoken answers, as dialogs of a vCon in the order of their time. */
export function textsOf({ languageChoice, disclosures, questions, answers }: Statement) {
  const prompts = [
    ...(languageChoice?.offers ?? []),
    ...disclosures,
    ...questions.flatMap(({ played }) => (played ? [played] : [])),
    ...answers.flatMap(({ confirmation }) => (confirmation ? [confirmation] : [])),
  ].filter(({ heardMs }) => heardMs > 0)
  const said = prompts
    .sort((a, b) => Date.parse(a.ended.utc) - Date.parse(b.ended.utc))
    .map(({ ended: { utc }, heardMs, text }) => ({
      type: 'text',
      start: new Date(Date.parse(utc) - heardMs).toISOString(),
      duration: heardMs / 1_000,
      parties: [OPERATOR, CALLER],
      mediatype: 'text/plain',
      body: text,
      encoding: 'none',
    }))
  const spoken = answers.flatMap(spokenText)
  return [...said, ...spoken].sort((a, b) => Date.parse(a.start) - Date.parse(b.start))
}

/** The words of a spoken answer, when they were said. */
function spokenText({ words, voice, answered, confirmedAfterMs = 0 }: StatementAnswer) {
  if (words === undefined || !voice) return []
  const { beganMs, endedMs, decidedMs } = voice
  return [
    {
      type: 'text',
      start: new Date(Date.parse(answered.utc) - confirmedAfterMs - (decidedMs - beganMs)).toISOString(),
      duration: (endedMs - beganMs) / 1_000,
      parties: [CALLER, OPERATOR],
      mediatype: 'text/plain',
      body: words,
      encoding: 'none',
    },
  ]
}

/** The caller's arrival, pressed keys and end. */
export const partyHistory = ({ started, ended, answers }: Statement) => [
  { party: CALLER, time: started.utc, event: 'join' },
  ...answers.flatMap(keydownEvents),
  ...(ended ? [{ party: CALLER, time: ended.utc, event: 'drop' }] : []),
]

const keydownEvents = ({ digit, answered }: StatementAnswer) =>
  digit === undefined ? [] : [{ party: CALLER, time: answered.utc, event: 'keydown', button: digit }]
