import type { Scene } from './call-scenarios.js'
import { inDisclosure } from './caller-actions.js'

/** What the journal tells of a yes to the one purpose of a line, until the call is given back. */
export const granted = [
  'consent.answered service granted',
  'recording.prepared service',
  'prompt.ended granted complete',
  'call.decided granted',
  'call.released continue',
]

/** The same from the call's beginning, of a yes that was pressed in the disclosure. */
export const grantedAtOnce = ['call.started', 'call.answered', 'prompt.ended disclosure key', ...granted]

/** Whoever presses the key in the disclosure, speaks with the agent, hangs up and is recorded. */
export const plainYes = {
  act: inDisclosure('1'),
  answers: { service: 'granted' },
  decision: 'granted',
  recorded: ['service'],
  story: [...grantedAtOnce, 'recording.finished finished'],
} satisfies Omit<Scene, 'title' | 'dial'>
