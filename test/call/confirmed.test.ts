// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// Nobody has made a key for one of the purposes, so that it cannot be recorded. All callers call at the same time.
import t from 'tap'
import { LONG_PROMPT, quickLine, quickPurpose } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { type CallScenario, checkScenarios } from '../support/lab/call-scenarios.js'
import { inSequence, pressInDisclosure, pressInQuestion } from '../support/lab/caller-actions.js'

const keyless = quickPurpose('training', { granted: LONG_PROMPT, refused: 'refused' })
const opening = ['call.started', 'call.answered', 'prompt.ended disclosure key']

const scenes: CallScenario[] = [
  {
    title: 'a yes that cannot be recorded is not confirmed: the caller hears that nothing is recorded',
    dial: { number: '221' },
    callerAction: pressInDisclosure('1'),
    answers: { training: 'granted' },
    decision: 'granted',
    recorded: [],
    events: [
      ...opening,
      'consent.answered training granted',
      'recording.failed training key.missing',
      'prompt.ended granted fault',
      'prompt.ended refused complete',
      'call.decided granted',
      'call.released continue',
    ],
  },
  {
    title: 'beside a purpose that is recorded, the caller hears which is not',
    dial: { number: '222' },
    callerAction: inSequence(pressInDisclosure('1'), pressInQuestion('1')),
    answers: { service: 'granted', training: 'granted' },
    decision: 'granted',
    recorded: ['service'],
    events: [
      ...opening,
      'consent.answered service granted',
      'prompt.ended granted complete',
      'consent.asked training 1',
      'prompt.ended question key',
      'consent.answered training granted',
      'recording.failed training key.missing',
      'recording.prepared service',
      'prompt.ended granted fault',
      'prompt.ended refused complete',
      'call.decided granted',
      'call.released continue',
      'recording.finished finished',
    ],
  },
]

const lab = await startCallLab(t, {
  lines: [
    quickLine('221', { disclosure: LONG_PROMPT, purposes: [keyless] }),
    quickLine('222', {
      disclosure: LONG_PROMPT,
      purposes: [
        quickPurpose('service'),
        { ...keyless, prompts: { ...keyless.prompts, question: LONG_PROMPT } },
      ],
    }),
  ],
})
await checkScenarios(t, lab, scenes)
