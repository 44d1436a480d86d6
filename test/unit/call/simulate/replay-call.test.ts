// Real: the call machine. Fake: the clock of the simulated call, the lengths of prompts.
import t from 'tap'
import { labLines } from '../../../../lab/lab-lines.js'
import {
  type JournalledEvent,
  replayCall,
  type ScriptedDeed,
  scriptFor,
  scriptOf,
} from '../../../../src/call/simulate/replay-call.js'
import { tryCallers } from '../../../../src/call/simulate/try-callers.js'
import type { Answer } from '../../../../src/core/events.js'
import type { LinePolicy } from '../../../../src/core/policy.js'
import { evidenceOf } from '../../../../src/core/speech-events.js'
import { WITHDRAWAL } from '../../../support/data/call-events.js'
import { spokenAnswer } from '../../../support/data/call-facts.js'
import { voiceLine } from '../../../support/data/policies.js'

const line: LinePolicy = { ...labLines[1]!, number: '700', version: 1 }
const two: LinePolicy = { ...labLines[5]!, version: 1 }
const START = Date.UTC(2026, 0, 31, 9, 30)
const lengthOf = (prompt: string) => (prompt.startsWith('disclosure') ? 10_000 : 4_000)

const prompted = (role: 'disclosure' | 'question', endsAt: number, heardMs: number): JournalledEvent => ({
  ...{ type: 'prompt.ended', at: START + endsAt },
  data: { role, prompt: role, version: 1, text: '', sha256: '', end: 'complete', heardMs, lengthMs: heardMs },
})
const asked = (at: number, purpose = 'service', attempt = 1): JournalledEvent => ({
  ...{ type: 'consent.asked', at: START + at, data: { purpose, attempt } },
})
const answered = (
  at: number,
  answer: Answer,
  purpose = 'service',
  method: 'key' | 'none' = 'key',
): JournalledEvent => ({
  ...{ type: 'consent.answered', at: START + at },
  data: {
    purpose,
    answer,
    method,
    legalBasis: 'b',
    retentionDays: 30,
    afterMs: null,
    withdrawal: WITHDRAWAL,
  },
})
const released: JournalledEvent = {
  type: 'call.released',
  at: START + 90_000,
  data: { next: 'continue', tapped: true },
}
const ended = (at: number): JournalledEvent => ({
  type: 'call.ended',
  at: START + at,
  data: { cause: 16, phase: 'x' },
})
const ignored = (at: number, reason: 'too-early' | 'wrong-key'): JournalledEvent => ({
  ...{ type: 'consent.key-ignored', at: START + at, data: { purpose: null, reason } },
})

t.test('a script says what the caller did, and when in which prompt', t => {
  t.strictSame(scriptOf([prompted('disclosure', 3_000, 2_000), answered(3_000, 'granted'), released]), [
    { prompt: { purpose: null }, afterMs: 2_000, deed: 'yes' },
  ])
  t.strictSame(
    scriptOf([prompted('disclosure', 10_000, 10_000), asked(10_010), answered(16_010, 'refused'), released]),
    [{ prompt: { purpose: 'service', attempt: 1 }, afterMs: 6_000, deed: 'no' }],
  )
  t.strictSame(
    scriptOf([
      prompted('disclosure', 4_000, 4_000),
      answered(4_000, 'abandoned', 'service', 'none'),
      ended(4_000),
    ]),
    [{ prompt: { purpose: null }, afterMs: 4_000, deed: 'hang-up' }],
  )
  t.strictSame(
    scriptOf([
      ...[ignored(500, 'too-early'), prompted('disclosure', 10_000, 10_000), asked(10_000)],
      ...[ignored(11_000, 'wrong-key'), answered(12_000, 'granted'), released, ended(60_000)],
    ]).map(({ deed, afterMs }) => [deed, afterMs]),
    [
      ['yes', 500],
      ['wrong-key', 1_000],
      ['yes', 2_000],
    ],
    'what came too early counts as the answer, and what came after the questions does not count',
  )
  t.strictSame(
    scriptOf([prompted('disclosure', 900, 900), answered(900, 'granted', 'a'), answered(900, 'granted', 'b')])
      .length,
    1,
    'one key answers both purposes',
  )
  t.strictSame(scriptOf([answered(1_000, 'silent', 'service', 'none')]), [])
  t.end()
})

t.test('a caller does on another line the same as on the old one', t => {
  const late = [{ prompt: { purpose: 'service', attempt: 1 }, afterMs: 7_500, deed: 'yes' }] as const
  const once = { ...line, retries: 0, waitMs: 5_000 }
  t.match(replayCall(once, lengthOf, late), { decision: 'granted', recorded: ['service'] })
  t.match(replayCall({ ...once, waitMs: 3_000 }, lengthOf, late), { decision: 'silent', recorded: [] })
  t.match(replayCall({ ...once, keys: { ...once.keys, yes: '5' } }, lengthOf, late), { decision: 'granted' })
  t.match(replayCall({ ...once, mode: 'none' }, lengthOf, late), { recorded: [], leftAt: 0 })

  const inDisclosure = [{ prompt: { purpose: null }, afterMs: 6_000, deed: 'no' }] as const
  t.match(replayCall(line, lengthOf, inDisclosure), { decision: 'refused' })
  const shorter = () => 2_000
  t.match(replayCall(line, shorter, inDisclosure), { decision: 'refused' }, 'it comes in the question then')
  const gone = [{ prompt: { purpose: null }, afterMs: 1_000, deed: 'hang-up' }] as const
  t.match(replayCall(line, lengthOf, gone), { decision: 'abandoned', leftAt: null })
  const wrong = [{ prompt: { purpose: 'service', attempt: 1 }, afterMs: 1_000, deed: 'wrong-key' }] as const
  t.match(replayCall({ ...line, retries: 0 }, lengthOf, wrong).decision, /silent|refused/)
  t.end()
})

t.test('a caller who did nothing meets what a silent caller meets', t => {
  for (const policy of [line, two]) {
    const silent = tryCallers(policy, lengthOf).find(({ caller }) => caller === 'silent')!
    const { caller: _, heard: __, ...outcome } = silent
    t.strictSame(replayCall(policy, lengthOf, []), outcome)
  }
  t.end()
})

t.test('what was done at a question is done at the question in its place', t => {
  const renamed = { ...line, purposes: [{ ...line.purposes[0]!, purpose: 'training' }] }
  const script = [{ prompt: { purpose: 'service', attempt: 1 }, afterMs: 5_000, deed: 'yes' }] as const
  t.match(replayCall(renamed, lengthOf, script), { decision: 'silent' })
  t.match(replayCall(renamed, lengthOf, scriptFor(script, line, renamed)), {
    decision: 'granted',
    recorded: ['training'],
  })
  t.strictSame(scriptFor(script, line, two), script)
  t.end()
})

t.test('speech is said again at the same moment, and a line that hears nothing takes no notice', t => {
  const voiced: LinePolicy = { ...voiceLine, number: '700', purposes: voiceLine.purposes.slice(0, 1) }
  const voice = evidenceOf(spokenAnswer('yes'))
  const spoken = answered(22_000, 'granted', 'service')
  const events: JournalledEvent[] = [
    prompted('disclosure', 10_000, 10_000),
    asked(10_000),
    {
      ...{ type: 'speech.unsettled', at: START + 15_000 },
      data: { purpose: 'service', why: 'unclear', voice: { ...voice, class: 'unclear' } },
    },
    asked(15_000, 'service', 2),
    { ...spoken, data: { ...spoken.data, method: 'voice', voice } } as JournalledEvent,
    released,
  ]
  const script = scriptOf(events)
  t.strictSame(script, [
    { prompt: { purpose: 'service', attempt: 1 }, afterMs: 3_950, deed: 'begin-to-speak' },
    { prompt: { purpose: 'service', attempt: 1 }, afterMs: 5_000, deed: { say: 'unclear' } },
    { prompt: { purpose: 'service', attempt: 2 }, afterMs: 5_950, deed: 'begin-to-speak' },
    { prompt: { purpose: 'service', attempt: 2 }, afterMs: 7_000, deed: { say: 'yes' } },
  ])
  t.match(replayCall(voiced, lengthOf, script), { decision: 'granted', recorded: ['service'] })
  const { mode: _, ...rest } = voiced
  t.match(replayCall({ ...rest, mode: 'key' }, lengthOf, script), { decision: 'silent', recorded: [] })
  t.end()
})

t.test('a caller who speaks when the wait ends is not cut off in a replay either', t => {
  const line: LinePolicy = { ...voiceLine, purposes: voiceLine.purposes.slice(0, 1), retries: 0 }
  const prompt = { purpose: 'service', attempt: 1 }
  const began: ScriptedDeed = { prompt, afterMs: 8_900, deed: 'begin-to-speak' }
  const said: ScriptedDeed = { prompt, afterMs: 9_950, deed: { say: 'yes' } }
  t.match(replayCall(line, lengthOf, [began, said]), { decision: 'granted' })
  t.match(replayCall(line, lengthOf, [said]), { decision: 'silent' })
  t.end()
})

t.test('in a replay, too, nothing counts that began while the question played', t => {
  const once: LinePolicy = { ...voiceLine, purposes: voiceLine.purposes.slice(0, 1), retries: 0 }
  const prompt = { purpose: 'service', attempt: 1 }
  const speech = (beganMs: number, endedMs: number): ScriptedDeed[] => [
    { prompt, afterMs: beganMs, deed: 'begin-to-speak' },
    { prompt, afterMs: endedMs, deed: { say: 'yes' } },
  ]
  const whole = { ...once, bargeIn: false }
  for (const line of [once, whole]) {
    t.match(replayCall(line, lengthOf, speech(4_000, 5_000)), { decision: 'granted' })
    t.match(replayCall(line, lengthOf, speech(2_000, 3_000)), { decision: 'silent' }, 'it is passed over')
    t.match(replayCall(line, lengthOf, speech(3_900, 5_000)), { decision: 'silent' })
  }
  const again = speech(5_500, 6_500)
  t.match(
    replayCall(whole, lengthOf, [...speech(3_900, 5_000), ...again]),
    { decision: 'granted' },
    'the wait goes on where prompts play in full',
  )
  t.match(
    replayCall(once, lengthOf, [...speech(3_900, 5_000), ...again]),
    { decision: 'silent' },
    'elsewhere it is unclear, and the question plays again',
  )
  t.end()
})
