// Real Asterisk, PostgreSQL, service and SIP callers. Agents send them on by blind transfer, back into the Gosub.
import { join } from 'node:path'
import t from 'tap'
import { readWav } from '../../lab/audio/wav.js'
import { prepareTools } from '../../lab/tools/prepare-tools.js'
import { isHeard } from '../support/assertions/heard-words.js'
import { LONG_PROMPT, quickLine, quickPurpose } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { type CallScenario, checkScenarios } from '../support/lab/call-scenarios.js'
import { inSequence, pressInQuestion } from '../support/lab/caller-actions.js'

/** What the agent says who sends the caller on; the one who comes after says the lab's sentence. */
const FIRST = 'demo-thanks'
const { sounds } = await prepareTools(['sounds'])
const first = await readWav(join(sounds, 'usr/share/asterisk/sounds/en_US_f_Allison', `${FIRST}.wav`))

/** Numbers whose agent sends the caller on: to the same number, where the next one takes the call; to another one. */
const extensions = `
exten => 301,1,Gosub(consentry,s,1)
 same =>     n,Set(visits=$[0\${visits} + 1])
 same =>     n,Dial(Local/\${IF($[\${visits} = 1]?301@sending:talk@lab-agent)},30,t)
 same =>     n,Hangup()
exten => 302,1,Gosub(consentry,s,1)
 same =>     n,Dial(Local/303@sending,30,t)
 same =>     n,Hangup()

[sending]
exten => _X.,1,Answer()
 same =>     n,Playback(${FIRST})
 same =>     n,SendDTMF(#1,100)
 same =>     n,Wait(1)
 same =>     n,SendDTMF(\${EXTEN},100)
 same =>     n,Wait(10)
 same =>     n,Hangup()
`

/** Answered while the question is put. */
const asking = (purpose: string) => quickPurpose(purpose, { question: LONG_PROMPT })

const lab = await startCallLab(t, {
  extensions,
  lines: [
    quickLine('301', { purposes: [asking('service')] }),
    quickLine('302', { purposes: [asking('service')] }),
    quickLine('303', { purposes: [asking('service'), asking('marketing')] }),
  ],
})

const asked = [
  'call.started',
  'call.answered',
  'prompt.ended disclosure complete',
  'consent.asked service 1',
  'prompt.ended question key',
]
const granted = [
  ...asked,
  'consent.answered service granted',
  'recording.prepared service',
  'prompt.ended granted complete',
  'call.decided granted',
  'call.released continue',
]
const refused = [
  ...asked,
  'consent.answered service refused',
  'prompt.ended refused complete',
  'call.decided refused',
  'call.released continue',
]
const askedAgain = [
  'call.answered',
  'prompt.ended disclosure complete',
  'consent.asked marketing 1',
  'prompt.ended question key',
]
const marketing = {
  granted: [
    ...askedAgain,
    'consent.answered marketing granted',
    'recording.prepared marketing',
    'prompt.ended granted complete',
    'call.decided granted',
    'call.released continue',
  ],
  refused: [...askedAgain, 'consent.answered marketing refused', 'prompt.ended refused complete'],
}

/** Asserts what the agents' side of each recording holds. */
const holds =
  (expected: Record<string, { first: boolean }>): NonNullable<CallScenario['check']> =>
  async (t, { recordings }) => {
    for (const { id, purpose } of recordings) {
      const { agent, complete } = await lab.open(id)
      t.ok(complete, `${purpose} is whole`)
      t.equal(isHeard(agent, first), expected[purpose]?.first, `whether ${purpose} holds the first agent`)
      t.ok(isHeard(agent, lab.sentence), `${purpose} holds the second agent`)
    }
  }

const scenes: CallScenario[] = [
  {
    title: 'sent on to the same number after a yes: asked once, recorded once, to the end',
    dial: { number: '301' },
    callerAction: pressInQuestion('1'),
    answers: { service: 'granted' },
    decision: 'granted',
    recorded: ['service'],
    events: [
      ...granted,
      'call.passed-through granted',
      'call.released continue',
      'recording.finished finished',
    ],
    check: holds({ service: { first: true } }),
  },
  {
    title: 'sent on to the same number after a no: asked once, never recorded',
    dial: { number: '301' },
    callerAction: pressInQuestion('2'),
    answers: { service: 'refused' },
    decision: 'refused',
    events: [...refused, 'call.passed-through refused', 'call.released continue'],
  },
  {
    title: 'sent on to a line with a further purpose: asked only for that, recorded for it from then on',
    dial: { number: '302' },
    callerAction: inSequence(pressInQuestion('1'), pressInQuestion('1', 2)),
    answers: { service: 'granted', marketing: 'granted' },
    decision: 'granted',
    recorded: ['service', 'marketing'],
    events: [...granted, ...marketing.granted, 'recording.finished finished', 'recording.finished finished'],
    check: holds({ service: { first: true }, marketing: { first: false } }),
  },
  {
    title: 'a no to the further purpose leaves the recording of the first one as it is',
    dial: { number: '302' },
    callerAction: inSequence(pressInQuestion('1'), pressInQuestion('2', 2)),
    answers: { service: 'granted', marketing: 'refused' },
    decision: 'granted',
    recorded: ['service'],
    events: [
      ...granted,
      ...marketing.refused,
      'call.decided granted',
      'call.released continue',
      'recording.finished finished',
    ],
    check: holds({ service: { first: true } }),
  },
  {
    title: 'a yes to the further purpose alone',
    dial: { number: '302' },
    callerAction: inSequence(pressInQuestion('2'), pressInQuestion('1', 2)),
    answers: { service: 'refused', marketing: 'granted' },
    decision: 'granted',
    recorded: ['marketing'],
    events: [...refused, ...marketing.granted, 'recording.finished finished'],
    check: holds({ marketing: { first: false } }),
  },
]

await checkScenarios(t, lab, scenes)
