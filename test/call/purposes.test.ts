// Real Asterisk, PostgreSQL, service and SIP callers, on the lines of the lab; all of them call at once.
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
    title: 'yes to one purpose, no to the other',
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
    title: 'no to one purpose, yes to the other',
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
    title: 'yes to both: one recording each, which only the identity of its own purpose opens',
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
        t.ok(isHeard(agent, lab.sentence), `${purpose} holds the talk`)
        await t.rejects(
          lab.open(id, [other]),
          { code: 'key.missing' },
          `${purpose} is not sealed for another`,
        )
        const pretender = { ...own, publicKey: other.publicKey, secretKey: other.secretKey }
        await t.rejects(
          lab.open(id, [pretender]),
          { code: 'key.refused' },
          'nor opens for one that says it is',
        )
      }
    },
  },
  {
    ...twoPurposes,
    title: 'no to both',
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
    title: 'a notice-only line: who stays is recorded',
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
    title: 'a notice-only line: who presses no is not recorded',
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
    title: 'a number that is no line goes to the agent, unrecorded',
    dial: { number: '5550123' },
    answers: {},
    decision: 'failed',
    events: ['call.started', 'call.unknown-line', 'call.decided failed', 'call.released continue'],
  },
]

await checkScenarios(t, lab, scenes)
