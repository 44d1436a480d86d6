// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// All callers call at the same time.
import t from 'tap'
import type { KeyMethod } from '../../lab/caller.js'
import { LONG_PROMPT, LONG_WAIT_MS, quickLine, quickPurpose } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { type CallScenario, checkScenarios } from '../support/lab/call-scenarios.js'
import {
  inSequence,
  pressAfterQuestion,
  pressInDisclosure,
  pressInQuestion,
} from '../support/lab/caller-actions.js'
import { eventsAfterYes, yesInDisclosure } from '../support/lab/yes-in-disclosure.js'

const methods: KeyMethod[] = ['rfc4733', 'info', 'inband']
const codecs = ['alaw', 'ulaw'] as const

const opening = ['call.started', 'call.answered']
const disclosed = ['prompt.ended disclosure complete', 'consent.asked service 1']
const recorded = [...eventsAfterYes, 'recording.finished finished']
const yes = { answers: { service: 'granted' }, decision: 'granted', recorded: ['service'] }

const scenes: CallScenario[] = [
  ...methods.flatMap(keys =>
    codecs.map(codec => ({
      title: `a yes by ${keys} during the question is recorded, ${codec}`,
      dial: { number: '201', keys, codec },
      callerAction: pressInQuestion('1'),
      ...yes,
      events: [...opening, ...disclosed, 'prompt.ended question key', ...recorded],
    })),
  ),
  ...methods.map(keys => ({
    title: `a yes by ${keys} during the disclosure is recorded`,
    dial: { number: '101', keys },
    ...yesInDisclosure,
  })),
  {
    title: 'a line without barge-in ignores keys until it waits for one',
    dial: { number: '202' },
    callerAction: inSequence(pressInDisclosure('1'), pressInQuestion('1'), pressAfterQuestion('1')),
    ...yes,
    events: [
      ...opening,
      'consent.key-ignored too-early',
      ...disclosed,
      'consent.key-ignored too-early',
      'prompt.ended question complete',
      ...recorded,
    ],
  },
  {
    title: 'a yes before enough of the disclosure was heard is asked for again, and counts then',
    dial: { number: '206' },
    callerAction: inSequence(pressInDisclosure('1'), pressInQuestion('1')),
    ...yes,
    events: [
      ...opening,
      'consent.key-ignored too-early',
      'prompt.ended disclosure key',
      'consent.asked service 1',
      'prompt.ended question key',
      ...recorded,
    ],
  },
  {
    title: 'a no is not recorded',
    dial: { number: '204' },
    callerAction: pressAfterQuestion('2'),
    answers: { service: 'refused' },
    decision: 'refused',
    events: [
      ...opening,
      ...disclosed,
      'prompt.ended question complete',
      'consent.answered service refused',
      'prompt.ended refused complete',
      'call.decided refused',
      'call.released continue',
    ],
  },
  {
    title: 'star nine during a notice is a no, and nothing is recorded',
    dial: { number: '205' },
    callerAction: inSequence(pressInDisclosure('*'), ({ caller }) => caller.press('9')),
    answers: { service: 'refused' },
    decision: 'refused',
    events: [
      ...opening,
      'prompt.ended disclosure key',
      'consent.answered service refused',
      'prompt.ended refused complete',
      'call.decided refused',
      'call.released continue',
    ],
  },
  {
    title: 'a wrong key does not stop the question, and a yes after it is recorded',
    dial: { number: '201' },
    callerAction: inSequence(pressInQuestion('7'), pressInQuestion('1')),
    ...yes,
    events: [
      ...opening,
      ...disclosed,
      'consent.key-ignored wrong-key',
      'prompt.ended question key',
      ...recorded,
    ],
  },
  {
    title: 'after a wrong key and silence the question is asked once more on a line that asks once',
    dial: { number: '207' },
    callerAction: inSequence(pressAfterQuestion('7'), pressInQuestion('1', 2)),
    ...yes,
    events: [
      ...opening,
      ...disclosed,
      'prompt.ended question complete',
      'consent.key-ignored wrong-key',
      'consent.asked service 2',
      'prompt.ended question key',
      ...recorded,
    ],
  },
  {
    title: 'silence repeats the question, and is not recorded',
    dial: { number: '203' },
    answers: { service: 'silent' },
    decision: 'silent',
    events: [
      ...opening,
      'prompt.ended disclosure complete',
      ...[1, 2, 3].flatMap(n => [`consent.asked service ${n}`, 'prompt.ended question complete']),
      'consent.answered service silent',
      'prompt.ended refused complete',
      'call.decided silent',
      'call.released continue',
    ],
  },
]

const lab = await startCallLab(t, {
  lines: [
    quickLine('201', { purposes: [quickPurpose('service', { question: LONG_PROMPT })] }),
    quickLine('202', {
      bargeIn: false,
      purposes: [quickPurpose('service', { question: 'question-service' })],
      waitMs: LONG_WAIT_MS,
    }),
    quickLine('206', {
      ...{ disclosure: LONG_PROMPT, minHeardMs: 3_000 },
      purposes: [quickPurpose('service', { question: LONG_PROMPT })],
    }),
    quickLine('204', { waitMs: LONG_WAIT_MS }),
    quickLine('203', { retries: 2, waitMs: 1_000 }),
    quickLine('207', { retries: 0 }),
    quickLine('205', { mode: 'notice', disclosure: LONG_PROMPT }),
  ],
})
await checkScenarios(t, lab, scenes)
