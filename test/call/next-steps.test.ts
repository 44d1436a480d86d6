// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL. Fake: none.
// All callers call at the same time.
import { join } from 'node:path'
import t from 'tap'
import { readWav } from '../../lab/audio/wav.js'
import { prepareTools } from '../../lab/tools/prepare-tools.js'
import { isHeard } from '../support/assertions/heard-words.js'
import { LONG_PROMPT, quickLine, quickPurpose } from '../support/data/quick-lines.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { type CallScenario, checkScenarios } from '../support/lab/call-scenarios.js'
import { type CallerAction, inSequence, pressInDisclosure } from '../support/lab/caller-actions.js'

const LIMIT = 60_000
/** What callers hear who are sent to another extension. No other sound of the lab is like it. */
const RECEPTION = 'demo-thanks'
const { sounds } = await prepareTools(['sounds'])
const words = await readWav(join(sounds, 'usr/share/asterisk/sounds/en_US_f_Allison', `${RECEPTION}.wav`))

const extensions = `
[elsewhere]
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
  ],
})
await checkScenarios(t, lab, [...scenes, misspelt])
