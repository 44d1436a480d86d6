import type { CallScenario } from './call-scenarios.js'
import { pressInDisclosure } from './caller-actions.js'

/** Events from a yes to the one purpose of a line until the return to the dialplan. */
export const eventsAfterYes = [
  'consent.answered service granted',
  'recording.prepared service',
  'prompt.ended granted complete',
  'call.decided granted',
  'call.released continue',
]

/** The same from the call's beginning, with the key pressed during the disclosure. */
export const eventsOfYesInDisclosure = [
  'call.started',
  'call.answered',
  'prompt.ended disclosure key',
  ...eventsAfterYes,
]

/** A caller who presses yes during the disclosure, is recorded with the agent, and hangs up. */
export const yesInDisclosure = {
  callerAction: pressInDisclosure('1'),
  answers: { service: 'granted' },
  decision: 'granted',
  recorded: ['service'],
  events: [...eventsOfYesInDisclosure, 'recording.finished finished'],
} satisfies Omit<CallScenario, 'title' | 'dial'>
