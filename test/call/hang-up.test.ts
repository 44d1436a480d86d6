// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// All callers call at the same time, and hang up at different moments.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { inDisclosure, inQuestion, inTurn } from '../support/data/acts.js'
import { granted } from '../support/data/plain-yes.js'
import { LONG_PROMPT, LONG_WAIT_MS, quickLine, quickPurpose } from '../support/data/quick-lines.js'
import { kept, ownedBy, startCallLab } from '../support/lab/call-lab.js'
import { PlacedCall } from '../support/lab/placed-call.js'
import { playScenes, type Scene } from '../support/lab/scene.js'
import { checkCall } from '../support/lab/story.js'
import { asteriskVersion } from '../support/processes/asterisk-version.js'

const LIMIT = 60_000
/** Normal call clearing, by Q.850. */
const NORMAL = 16
const opening = ['call.started', 'call.answered']
const asked = [...opening, 'prompt.ended disclosure complete', 'consent.asked service 1']
const abandoned = ['consent.answered service abandoned', 'call.decided abandoned']

const hangUp = (call: PlacedCall) => call.caller.hangup()
const unheard = { dial: { number: '201' }, agent: false }
/** Lines on which this prompt is long. */
const IN_DISCLOSURE = { number: '202' }
const IN_QUESTION = { number: '203' }
const IN_CONFIRMATION = { number: '204' }
const long = {
  confirmed: { granted: LONG_PROMPT, refused: LONG_PROMPT },
  asked: { question: LONG_PROMPT },
}
const silent = { ...unheard, answers: { service: 'abandoned' }, decision: 'abandoned' }

const scenes: Scene[] = [
  {
    ...silent,
    title: 'a hang-up in the disclosure is an abandoned answer',
    dial: IN_DISCLOSURE,
    async act(call) {
      await call.caller.heard.waitForAudio(LIMIT)
      await sleep(500)
      await hangUp(call)
    },
    story: [...opening, 'prompt.ended disclosure hangup', ...abandoned],
  },
  {
    ...silent,
    title: 'a hang-up in the question is an abandoned answer',
    dial: IN_QUESTION,
    act: inTurn(call => call.asked(), hangUp),
    story: [...asked, 'prompt.ended question hangup', ...abandoned],
  },
  {
    ...silent,
    title: 'a hang-up while the answer is awaited is an abandoned answer',
    act: inTurn(call => call.journalled('prompt.ended', ({ role }) => role === 'question'), hangUp),
    story: [...asked, 'prompt.ended question complete', ...abandoned],
  },
  {
    ...unheard,
    title: 'a hang-up in the confirmation of a yes leaves an empty recording',
    dial: IN_CONFIRMATION,
    act: inTurn(inQuestion('1'), call => call.journalled('recording.prepared'), hangUp),
    answers: { service: 'granted' },
    decision: 'granted',
    story: [
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
    act: inTurn(inDisclosure('2'), call => call.journalled('consent.answered'), hangUp),
    answers: { service: 'refused' },
    decision: 'refused',
    story: [
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
    act: inQuestion('1'),
    answers: { service: 'granted' },
    decision: 'granted',
    recorded: ['service'],
    story: [...asked, 'prompt.ended question key', ...granted, 'recording.finished finished'],
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
await playScenes(t, lab, scenes)

t.test('a hang-up at the same time as the key leaves no container and no key file', async t => {
  const before = await kept(lab)
  const calls = await Promise.all(
    Array.from({ length: 6 }, async (_, i) => {
      const call = await PlacedCall.place(lab, IN_DISCLOSURE)
      await call.caller.answered(LIMIT)
      await call.caller.heard.waitForAudio(LIMIT)
      await call.caller.press('1')
      await sleep(i * 10)
      await hangUp(call)
      return call.over()
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
  t.strictSame(ownedBy(calls), { containers: [], keys: [] })
  t.strictSame(await kept(lab), before)
})
