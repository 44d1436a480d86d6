// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none. The service hears nobody.
// All callers call at the same time.
// Long only: an engine that is away; `call/voice` has one that answers.
import t from 'tap'
import { LONG_WAIT_MS, quickLine, quickPurpose } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { checkScenarios } from '../support/lab/call-scenarios.js'
import { pressInQuestion } from '../support/lab/caller-actions.js'
import { eventsAfterYes } from '../support/lab/yes-in-disclosure.js'

const voiceLine = (number: string, changes: object = {}) =>
  quickLine(number, {
    ...{ mode: 'voice-or-key', voice: { engine: 'vosk' }, waitMs: LONG_WAIT_MS },
    purposes: [quickPurpose('service', { question: 'question-voice' })],
    ...changes,
  })
const untilQuestion = ['call.started', 'call.answered', 'prompt.ended disclosure complete']
const lost = ['consent.asked service 1', 'speech.lost speech.not-set-up']
const byKey = ['prompt.ended question complete', 'consent.asked service 2']
const recorded = [...eventsAfterYes, 'recording.finished finished']

const lab = await startCallLab(t, {
  lines: [voiceLine('201'), voiceLine('202', { waitMs: 3_000, retries: 0 })],
})
await checkScenarios(t, lab, [
  {
    title: 'a key during the question is recorded, although nothing hears the caller',
    dial: { number: '201' },
    callerAction: pressInQuestion('1'),
    ...{ answers: { service: 'granted' }, decision: 'granted', recorded: ['service'] },
    events: [...untilQuestion, ...lost, 'prompt.ended question key', ...recorded],
  },
  {
    title: 'a caller who waits hears the question for a key, and a key is the answer',
    dial: { number: '201' },
    callerAction: pressInQuestion('1', 2),
    ...{ answers: { service: 'granted' }, decision: 'granted', recorded: ['service'] },
    events: [...untilQuestion, ...lost, ...byKey, 'prompt.ended question key', ...recorded],
    check(t, { events }) {
      const questions = events.filter(({ type, role }) => type === 'prompt.ended' && role === 'question')
      t.strictSame(
        questions.map(({ prompt }) => prompt),
        ['question-voice', 'question-by-key'],
      )
    },
  },
  {
    title: 'a no by key is not recorded',
    dial: { number: '201' },
    callerAction: pressInQuestion('2', 2),
    ...{ answers: { service: 'refused' }, decision: 'refused' },
    events: [
      ...untilQuestion,
      ...lost,
      ...byKey,
      'prompt.ended question key',
      'consent.answered service refused',
      'prompt.ended refused complete',
      'call.decided refused',
      'call.released continue',
    ],
  },
  {
    title: 'silence is the answer in the end, and is not recorded',
    dial: { number: '202' },
    ...{ answers: { service: 'silent' }, decision: 'silent' },
    events: [
      ...untilQuestion,
      ...lost,
      ...byKey,
      'prompt.ended question complete',
      'consent.answered service silent',
      'prompt.ended refused complete',
      'call.decided silent',
      'call.released continue',
    ],
  },
])
