import type { CallScenario } from './call-scenarios.js'
import { pressInDisclosure } from './caller-actions.js'

/** What the journal tells of a yes to the one purpose of a line, until the call is given back. */
export const eventsAfterYes = [
  'consent.answered service granted',
  'recording.prepared service',
  'prompt.ended granted complete',
  'call.decided granted',
  'call.released continue',
]

/** The same from the call's beginning, of a yes that was pressed in the disclosure. */
export const eventsOfYesInDisclosure = [
  'call.started',
  'call.answered',
  'prompt.ended disclosure key',
  ...eventsAfterYes,
]

/** Whoever presses the key in the disclosure, speaks with the agent, hangs up and is recorded. */
export const yesInDisclosure = {
  callerAction: pressInDisclosure('1'),
  answers: { service: 'granted' },
  decision: 'granted',
  recorded: ['service'],
  events: [...eventsOfYesInDisclosure, 'recording.finished finished'],
} satisfies Omit<CallScenario, 'title' | 'dial'>
