// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// All callers call at the same time, and hang up at different moments.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { LONG_PROMPT, LONG_WAIT_MS, quickLine, quickPurpose } from '../support/data/quick-lines.js'
import { checkCall } from '../support/lab/call-checks.js'
import { expectedFiles, startCallLab, storedFiles } from '../support/lab/call-lab.js'
import { type CallScenario, checkScenarios } from '../support/lab/call-scenarios.js'
import { inSequence, pressInDisclosure, pressInQuestion } from '../support/lab/caller-actions.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { eventsAfterYes } from '../support/lab/yes-in-disclosure.js'
import { asteriskVersion } from '../support/processes/asterisk-version.js'

const LIMIT = 60_000
/** Normal call clearing, by Q.850. */
const NORMAL = 16
const opening = ['call.started', 'call.answered']
const asked = [...opening, 'prompt.ended disclosure complete', 'consent.asked service 1']
const abandoned = ['consent.answered service abandoned', 'call.decided abandoned']

const hangUp = (call: PlacedCall) => call.caller.hangup()
const unheard = { dial: { number: '201' }, reachesAgent: false }
/** Lines on which this prompt is long. */
const IN_DISCLOSURE = { number: '202' }
const IN_QUESTION = { number: '203' }
const IN_CONFIRMATION = { number: '204' }
const long = {
  confirmed: { granted: LONG_PROMPT, refused: LONG_PROMPT },
  asked: { question: LONG_PROMPT },
}
const silent = { ...unheard, answers: { service: 'abandoned' }, decision: 'abandoned' }

const scenes: CallScenario[] = [
  {
    ...silent,
    title: 'a hang-up in the disclosure is an abandoned answer',
    dial: IN_DISCLOSURE,
    async callerAction(call) {
      await call.caller.heard.waitForAudio(LIMIT)
      await sleep(500)
      await hangUp(call)
    },
    events: [...opening, 'prompt.ended disclosure hangup', ...abandoned],
  },
  {
    ...silent,
    title: 'a hang-up in the question is an abandoned answer',
    dial: IN_QUESTION,
    callerAction: inSequence(call => call.waitForQuestion(), hangUp),
    events: [...asked, 'prompt.ended question hangup', ...abandoned],
  },
  {
    ...silent,
    title: 'a hang-up while the answer is awaited is an abandoned answer',
    callerAction: inSequence(
      call => call.waitForEvent('prompt.ended', ({ role }) => role === 'question'),
      hangUp,
    ),
    events: [...asked, 'prompt.ended question complete', ...abandoned],
  },
  {
    ...unheard,
    title: 'a hang-up in the confirmation of a yes leaves an empty recording',
    dial: IN_CONFIRMATION,
    callerAction: inSequence(
      pressInQuestion('1'),
      call => call.waitForPromptAfter('recording.prepared'),
      hangUp,
    ),
    answers: { service: 'granted' },
    decision: 'granted',
    events: [
      ...asked,
      'prompt.ended question key',
      'consent.answered service granted',
      'recording.prepared service',
      'prompt.ended granted hangup',
      'call.decided granted',
      'recording.empty',
    ],
  },
  {
    ...unheard,
    title: 'a hang-up in the confirmation of a no leaves a refused answer',
    dial: IN_DISCLOSURE,
    callerAction: inSequence(
      pressInDisclosure('2'),
      call => call.waitForPromptAfter('consent.answered'),
      hangUp,
    ),
    answers: { service: 'refused' },
    decision: 'refused',
    events: [
      ...opening,
      'prompt.ended disclosure key',
      'consent.answered service refused',
      'prompt.ended refused hangup',
      'call.decided refused',
    ],
  },
  {
    title: 'a hang-up in the talk finishes the recording',
    dial: IN_QUESTION,
    callerAction: pressInQuestion('1'),
    answers: { service: 'granted' },
    decision: 'granted',
    recorded: ['service'],
    events: [...asked, 'prompt.ended question key', ...eventsAfterYes, 'recording.finished finished'],
    check(t, call) {
      t.match(
        call.events.find(({ type }) => type === 'call.ended'),
        { phase: 'talking', cause: NORMAL },
      )
    },
  },
]

const lab = await startCallLab(t, {
  lines: [
    quickLine('201', { waitMs: LONG_WAIT_MS }),
    quickLine('202', { disclosure: LONG_PROMPT, purposes: [quickPurpose('service', long.confirmed)] }),
    quickLine('203', { purposes: [quickPurpose('service', long.asked)] }),
    quickLine('204', { purposes: [quickPurpose('service', { ...long.asked, ...long.confirmed })] }),
  ],
})
await checkScenarios(t, lab, scenes)

t.test('a hang-up at the same time as the key leaves no container and no key file', async t => {
  const before = await storedFiles(lab)
  const calls = await Promise.all(
    Array.from({ length: 6 }, async (_, i) => {
      const call = await PlacedCall.place(lab, IN_DISCLOSURE)
      await call.caller.waitForAnswer(LIMIT)
      await call.caller.heard.waitForAudio(LIMIT)
      await call.caller.press('1')
      await sleep(i * 10)
      await hangUp(call)
      return call.finish()
    }),
  )
  for (const call of calls) {
    t.match(call.decision, /^(granted|abandoned)$/)
    checkCall(t, call)
    t.strictSame(call.recordings, [])
    t.match(
      call.events.find(({ type }) => type === 'call.ended'),
      { cause: asteriskVersion === 16 ? NORMAL : null },
      'Asterisk 22 does not report a cause for a channel in the application',
    )
    t.equal(call.events.filter(({ type }) => type === 'call.ended').length, 1, 'the call ends once')
  }
  t.strictSame(expectedFiles(calls), { containers: [], keys: [] })
  t.strictSame(await storedFiles(lab), before)
})
