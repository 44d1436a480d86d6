// Real: Asterisk, SIP callers, the service and its keeper, PostgreSQL, the lines of the lab. Fake: none.
// All callers call at the same time.
import t from 'tap'
import { isHeard } from '../support/assertions/heard-words.js'
import { startCallLab } from '../support/lab/call-lab.js'
import { type CallScenario, checkScenarios } from '../support/lab/call-scenarios.js'
import { inSequence, pressInDisclosure, pressInQuestion } from '../support/lab/caller-actions.js'

const opening = ['call.started', 'call.answered']
const twoPurposes = { dial: { number: '105' }, language: 'ru' }
const serviceGranted = [
  ...opening,
  'prompt.ended disclosure key',
  'consent.answered service granted',
  'prompt.ended granted complete',
  'consent.asked marketing 1',
  'prompt.ended question key',
]

const lab = await startCallLab(t)

const scenes: CallScenario[] = [
  {
    ...twoPurposes,
    title: 'a yes to one purpose and a no to the other record the first',
    callerAction: inSequence(pressInDisclosure('1'), pressInQuestion('2')),
    answers: { service: 'granted', marketing: 'refused' },
    decision: 'granted',
    recorded: ['service'],
    events: [
      ...serviceGranted,
      'consent.answered marketing refused',
      'recording.prepared service',
      'prompt.ended refused complete',
      'call.decided granted',
      'call.released continue',
      'recording.finished finished',
    ],
  },
  {
    ...twoPurposes,
    title: 'a no to one purpose and a yes to the other record the second',
    callerAction: inSequence(pressInDisclosure('2'), pressInQuestion('1')),
    answers: { service: 'refused', marketing: 'granted' },
    decision: 'granted',
    recorded: ['marketing'],
    events: [
      ...opening,
      'prompt.ended disclosure key',
      'consent.answered service refused',
      'prompt.ended refused complete',
      'consent.asked marketing 1',
      'prompt.ended question key',
      'consent.answered marketing granted',
      'recording.prepared marketing',
      'prompt.ended granted complete',
      'call.decided granted',
      'call.released continue',
      'recording.finished finished',
    ],
  },
  {
    ...twoPurposes,
    title: 'a yes to both purposes makes two recordings, and each opens only with its own identity',
    callerAction: inSequence(pressInDisclosure('1'), pressInQuestion('1')),
    answers: { service: 'granted', marketing: 'granted' },
    decision: 'granted',
    recorded: ['service', 'marketing'],
    events: [
      ...serviceGranted,
      'consent.answered marketing granted',
      'recording.prepared service',
      'recording.prepared marketing',
      'prompt.ended granted complete',
      'call.decided granted',
      'call.released continue',
      'recording.finished finished',
      'recording.finished finished',
    ],
    async check(t, { recordings }) {
      for (const { id, purpose } of recordings) {
        const own = lab.identities.find(identity => identity.purpose === purpose)!
        const other = lab.identities.find(identity => identity.purpose !== purpose)!
        const { agent } = await lab.open(id, [own])
        t.ok(isHeard(agent, lab.sentence), `${purpose} has the talk`)
        await t.rejects(
          lab.open(id, [other]),
          { code: 'key.missing' },
          `${purpose} is not sealed for the other identity`,
        )
        const pretender = { ...own, publicKey: other.publicKey, secretKey: other.secretKey }
        await t.rejects(
          lab.open(id, [pretender]),
          { code: 'key.refused' },
          'an identity that only claims the purpose does not open it',
        )
      }
    },
  },
  {
    ...twoPurposes,
    title: 'a no to both purposes records nothing',
    callerAction: inSequence(pressInDisclosure('2'), pressInQuestion('2')),
    answers: { service: 'refused', marketing: 'refused' },
    decision: 'refused',
    events: [
      ...opening,
      'prompt.ended disclosure key',
      'consent.answered service refused',
      'prompt.ended refused complete',
      'consent.asked marketing 1',
      'prompt.ended question key',
      'consent.answered marketing refused',
      'prompt.ended refused complete',
      'call.decided refused',
      'call.released continue',
    ],
  },
  {
    title: 'a caller who stays on a notice-only line is recorded',
    dial: { number: '104' },
    answers: { service: 'notice' },
    decision: 'notice',
    recorded: ['service'],
    events: [
      ...opening,
      'prompt.ended disclosure complete',
      'consent.answered service notice',
      'recording.prepared service',
      'call.decided notice',
      'call.released continue',
      'recording.finished finished',
    ],
  },
  {
    title: 'a caller who presses no on a notice-only line is not recorded',
    dial: { number: '104' },
    callerAction: pressInDisclosure('2'),
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
    title: 'a number without a line leads to the agent, unrecorded',
    dial: { number: '5550123' },
    answers: {},
    decision: 'failed',
    events: ['call.started', 'call.unknown-line', 'call.decided failed', 'call.released continue'],
  },
]

await checkScenarios(t, lab, scenes)
