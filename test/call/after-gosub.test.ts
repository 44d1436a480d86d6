// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// How a call leaves the Gosub: where it goes on, and with which variables on its channel, which the dialplan writes down.
import { dirname, join } from 'node:path'
import t from 'tap'
import { readWav } from '../../lab/audio/wav.js'
import { prepareTools } from '../../lab/tools/prepare-tools.js'
import { exactly } from '../support/assertions/exactly.js'
import { isHeard } from '../support/assertions/heard-words.js'
import { LONG_PROMPT, quickLine, quickPurpose } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { type CallScenario, checkScenarios } from '../support/lab/call-scenarios.js'
import {
  type CallerAction,
  inSequence,
  pressInDisclosure,
  pressInQuestion,
} from '../support/lab/caller-actions.js'
import { PlacedCall } from '../support/lab/placed-call.js'

const LIMIT = 60_000
/** What callers hear who are sent to another extension. No other sound of the lab is like it. */
const RECEPTION = 'demo-thanks'
const { sounds } = await prepareTools(['sounds'])
const words = await readWav(join(sounds, 'usr/share/asterisk/sounds/en_US_f_Allison', `${RECEPTION}.wav`))

const NAMES = [
  'CONSENTRY_DECISION',
  'CONSENTRY_PURPOSE_service',
  'CONSENTRY_PURPOSE_quality_control',
  'CONSENTRY_PURPOSE_marketing',
  'CONSENTRY_PURPOSES',
  'CONSENTRY_TAP',
]

/** A dialplan application that writes the channel's variables into a global one. */
const note = (visit: string) =>
  `Set(GLOBAL(${visit}_\${CALLERID(num)})=${NAMES.map(name => `\${${name}}`).join(' ')} .)`

const extensions = `
exten => 313,1,Gosub(consentry,s,1)
 same =>     n,${note('FIRST')}
 same =>     n,Gosub(consentry,s,1)
 same =>     n,${note('SECOND')}
 same =>     n,Dial(Local/talk@lab-agent)
exten => 316,1,Set(CONSENTRY_PURPOSE_service=granted)
 same =>     n,Set(CONSENTRY_PURPOSE_quality_control=granted)
 same =>     n,Set(CONSENTRY_TAP=/tmp/x)
 same =>     n,Gosub(consentry,s,1)
 same =>     n,${note('FIRST')}
 same =>     n,Dial(Local/talk@lab-agent)

[elsewhere]
exten => 315,1,Gosub(consentry,s,1)
 same =>     n,${note('SECOND')}
 same =>     n,Dial(Local/talk@lab-agent)
exten => reception,1,NoOp()
 same =>           n,NoOp()
 same =>           n,Playback(${RECEPTION})
 same =>           n,Hangup()
`
const reception = { do: 'transfer', context: 'elsewhere', extension: 'reception', priority: 3 }
/** This line fails, because its question does not exist. */
const failing = { purposes: [quickPurpose('service', { question: 'no-such-prompt' })] }

const endings: Record<string, { act?: CallerAction; heard: string[] }> = {
  refused: {
    act: pressInDisclosure('2'),
    heard: [
      'prompt.ended disclosure key',
      'consent.answered service refused',
      'prompt.ended refused complete',
    ],
  },
  silent: {
    heard: [
      'prompt.ended disclosure complete',
      'consent.asked service 1',
      'prompt.ended question complete',
      'consent.answered service silent',
      'prompt.ended refused complete',
    ],
  },
  failed: {
    heard: ['prompt.ended disclosure complete', 'consent.asked service 1', 'consent.answered service failed'],
  },
}
const opening = ['call.started', 'call.answered']

const scenes = Object.entries(endings).flatMap(([decision, { act, heard }], i): CallScenario[] => {
  const scene = (number: string, next: string) => ({
    dial: { number },
    callerAction: inSequence(...(act ? [act] : []), ({ caller }) => caller.waitForEnd(LIMIT)),
    answers: { service: decision },
    decision,
    reachesAgent: false,
    events: [...opening, ...heard, `call.decided ${decision}`, `call.released ${next}`],
  })
  return [
    {
      ...scene(`20${i}`, 'transfer'),
      title: `a call with the answer ${decision} is sent to the extension that the line names`,
      check(t, _call, { caller }) {
        t.ok(isHeard(caller.heard.samples(), words), 'the caller hears the other extension')
        t.match(caller.end, { by: 'pbx' }, 'the call ends there')
      },
    },
    {
      ...scene(`21${i}`, 'hangup'),
      title: `a call with the answer ${decision} is hung up if the line says so`,
      check(t, _call, { caller }) {
        t.match(caller.end, { by: 'pbx' })
      },
    },
  ]
})

/** A target that the dialplan does not have must not end the call. */
const misspelt: CallScenario = {
  title: 'a caller whom the line sends to an extension that does not exist reaches the agent',
  dial: { number: '220' },
  callerAction: pressInDisclosure('2'),
  answers: { service: 'refused' },
  decision: 'refused',
  events: [...opening, ...endings['refused']!.heard, 'call.decided refused', 'call.released transfer'],
}

const policies = [
  ['onRefused', { disclosure: LONG_PROMPT }],
  ['onSilent', { retries: 0, waitMs: 1_000 }],
  ['onFailed', failing],
] as const
const lab = await startCallLab(t, {
  extensions,
  lines: [
    ...policies.flatMap(([field, changes], i) => [
      quickLine(`20${i}`, { ...changes, [field]: reception }),
      quickLine(`21${i}`, { ...changes, [field]: { do: 'hangup' } }),
    ]),
    quickLine('220', { disclosure: LONG_PROMPT, onRefused: { ...reception, context: 'elswhere' } }),
    quickLine('313', { purposes: [quickPurpose(), quickPurpose('quality-control')] }),
    quickLine('314', { onRefused: { do: 'transfer', context: 'elsewhere', extension: '315', priority: 1 } }),
    quickLine('315', { purposes: [quickPurpose(), quickPurpose('marketing')] }),
  ],
})
// All of these callers call at the same time.
await checkScenarios(t, lab, [...scenes, misspelt])

const { pbx, ready } = lab.lab

/** Variables of a caller's channel, in the order of `NAMES`. */
async function noted(visit: string, from: string): Promise<string[]> {
  const globals = await pbx.cli('dialplan show globals')
  return (new RegExp(`${visit}_${from}=(.*) \\.`).exec(globals)?.[1] ?? 'nothing').split(' ')
}

t.test(
  'each purpose has a variable with its answer, and the tap variable stays during the recording',
  async t => {
    const from = '79995550001'
    const call = await PlacedCall.place(lab, { number: '313', from })
    await call.caller.waitForAnswer(60_000)
    await inSequence(pressInQuestion('1'), pressInQuestion('2', 2))(call)
    await call.waitForEvent('call.passed-through')
    await call.waitForAgent()
    const [first, second] = [await noted('FIRST', from), await noted('SECOND', from)]
    t.strictSame(first.slice(0, 5), ['granted', 'granted', 'refused', '', 'service&quality_control'])
    t.equal(dirname(first[5]!), ready.tap, 'the tap')
    t.strictSame(second, first, 'the second visit leaves the same')
    t.match(
      (await call.finish()).recordings,
      exactly({ purpose: 'service', state: 'finished' }),
      'tapped once',
    )
  },
)

t.test('a yes to a further purpose is recorded after a no that led to another extension', async t => {
  const from = '79995550002'
  const call = await PlacedCall.place(lab, { number: '314', from })
  await call.caller.waitForAnswer(60_000)
  await inSequence(pressInQuestion('2'), pressInQuestion('1', 2))(call)
  await call.waitForEvent('recording.prepared')
  await call.waitForAgent()
  const second = await noted('SECOND', from)
  t.strictSame(second.slice(0, 5), ['granted', 'refused', '', 'granted', 'service&marketing'])
  t.equal(dirname(second[5]!), ready.tap)
  t.match((await call.finish()).recordings, exactly({ purpose: 'marketing', state: 'finished' }))
})

t.test('variables that the channel had before the Gosub are cleared', async t => {
  const from = '79995550003'
  const call = await PlacedCall.place(lab, { number: '316', from })
  await call.waitForAgent()
  t.strictSame(await noted('FIRST', from), ['failed', '', '', '', '', ''])
  await call.finish()
})
