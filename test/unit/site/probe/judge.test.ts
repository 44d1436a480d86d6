// Real: the judgement of probe calls. Fake: the journal of the calls.
import t from 'tap'
import { policyOfProbe } from '../../../../src/call/run/call-started.js'
import { type CallId, newCallId, newRecordingId } from '../../../../src/core/ids.js'
import type { LinePolicy } from '../../../../src/core/policy.js'
import type { ProbeAnswer } from '../../../../src/core/probe-call.js'
import type { CallTimeline } from '../../../../src/journal/read/timeline.js'
import { validateLine } from '../../../../src/lines/validate.js'
import { judgeProbe, purposesToRecord } from '../../../../src/site/probe/probe-line.js'
import { quickLine, quickPurpose } from '../../../support/data/quick-lines.js'

const lineOf = (changes: object = {}): LinePolicy => ({
  ...validateLine(quickLine('370', changes)),
  version: 1,
})

type Event = CallTimeline['events'][number]

/** A call that went as it should: each event a second after the one before. */
function soundCall(line: LinePolicy, answer: ProbeAnswer): CallTimeline {
  const given = { yes: 'granted', no: 'refused', silent: 'silent' } as const
  const decision = line.mode === 'notice' ? 'notice' : given[answer]
  const wanted = purposesToRecord(line, answer)
  const recordings = wanted.map(purpose => ({
    ...{ id: newRecordingId(), purpose, seconds: 5, files: [], state: 'finished' as const },
  }))
  const played = (role: string): object => ({
    ...{ type: 'prompt.ended', role, prompt: role, end: 'complete', heardMs: 990, lengthMs: 1_000 },
  })
  const asked = line.mode === 'notice' ? [] : [played('question')]
  const confirmed = line.mode === 'notice' || answer === 'silent' ? [] : [played(decision)]
  const events = [
    ...[{ type: 'call.started' }, { type: 'call.answered' }, played('disclosure')],
    ...line.purposes.flatMap(({ purpose }) => [
      ...asked,
      { type: 'consent.answered', purpose, answer: decision, method: answer === 'silent' ? 'none' : 'key' },
    ]),
    ...wanted.map(purpose => ({ type: 'recording.prepared', purpose })),
    ...confirmed,
    ...[{ type: 'call.decided', decision }, { type: 'call.released' }, { type: 'call.ended' }],
  ]
  return {
    ...{ id: newCallId() as CallId, line: line.number, caller: null, probe: true, decision },
    purposes: line.purposes.map(({ purpose }) => ({ purpose, answer: decision })),
    ...{ startedAt: '2026-01-31T09:30:00.000Z', endedAt: null, recordings },
    events: events.map((one, i) => ({
      ...one,
      at: new Date(Date.UTC(2026, 0, 31) + i * 1_000).toISOString(),
    })) as Event[],
  }
}

const judge = (line: LinePolicy, answer: ProbeAnswer, change: (call: CallTimeline) => void = () => {}) => {
  const call = soundCall(line, answer)
  change(call)
  const verified = new Map(call.recordings.map(({ id }) => [id, [] as string[]]))
  return judgeProbe({ line, answer, call, spokenMs: 5_000, verified }).map(({ kind }) => kind)
}

/** Changes the last event of a type. */
const changed = (type: string, fields: object) => (call: CallTimeline) => {
  call.events = call.events.map(one =>
    one === call.events.findLast(event => event.type === type) ? { ...one, ...fields } : one,
  )
}
const without = (type: string) => (call: CallTimeline) => {
  call.events = call.events.filter(one => one.type !== type)
}

const line = lineOf()
const two = lineOf({ purposes: [quickPurpose('service'), quickPurpose('marketing')] })
const notice = lineOf({ mode: 'notice' })

t.test('nothing is wrong with a call that went as it should', async t => {
  for (const answer of ['yes', 'no', 'silent'] as const)
    for (const one of [line, two, notice]) t.strictSame(judge(one, answer), [], `${one.mode}, ${answer}`)
  t.strictSame(purposesToRecord(two, 'yes'), ['service', 'marketing'])
  t.strictSame(purposesToRecord(notice, 'silent'), ['service'])
  t.strictSame(purposesToRecord(line, 'no'), [])
})

t.test('what must not be is found', async t => {
  const recorded = (call: CallTimeline) =>
    void call.recordings.push({
      ...{ id: newRecordingId(), purpose: 'service', seconds: 5, files: [], state: 'finished' },
    })
  t.strictSame(judge(line, 'no', recorded), ['recorded-unasked'])
  const prepared = (call: CallTimeline) =>
    void call.events.push({ at: '2026-01-31T09:30:00.000Z', type: 'recording.prepared', purpose: 'service' })
  t.strictSame(judge(line, 'silent', prepared), ['recorded-unasked'], 'also one that was only made ready')
  t.strictSame(
    judge(line, 'no', call => {
      prepared(call)
      without('call.released')(call)
    }),
    ['unfinished', 'recorded-unasked'],
    'also in a call that hangs',
  )
})

t.test('what must be and is not is found', async t => {
  t.strictSame(judge(line, 'yes', without('call.released')), ['unfinished'])
  const unanswered = (call: CallTimeline) => {
    call.purposes = [{ purpose: 'service', answer: 'failed' }]
  }
  t.strictSame(judge(line, 'no', unanswered), ['answer-differs'])
  t.strictSame(
    judge(line, 'yes', call => void call.recordings.splice(0)),
    ['not-recorded'],
  )
  t.strictSame(
    judge(two, 'yes', call => void call.recordings.pop()),
    ['not-recorded'],
    'for one purpose',
  )
  t.strictSame(judge(line, 'yes', without('prompt.ended')), [
    'prompt-missing',
    'prompt-missing',
    'prompt-missing',
  ])
})

t.test('prompts are heard to their end', async t => {
  t.strictSame(judge(line, 'yes', changed('prompt.ended', { end: 'fault' })), ['prompt-cut'])
  t.strictSame(judge(line, 'yes', changed('prompt.ended', { heardMs: 940 })), ['prompt-cut'])
})

t.test('a recording is whole, as long as the conversation, and verifies', async t => {
  const first = (fields: object) => (call: CallTimeline) => {
    call.recordings = [{ ...call.recordings[0]!, ...fields }]
  }
  t.strictSame(judge(line, 'yes', first({ state: 'truncated' })), ['recording-cut'])
  t.strictSame(judge(line, 'yes', first({ seconds: 3.4 })), ['recording-short'])
  const gap = (call: CallTimeline) =>
    void call.events.push({
      ...{ at: '2026-01-31T09:30:00.000Z', type: 'recording.gap', reason: 'keeper-full' },
      recording: call.recordings[0]!.id,
    })
  t.strictSame(judge(line, 'yes', gap), ['recording-cut'])
  const call = soundCall(line, 'yes')
  const verified = new Map(call.recordings.map(({ id }) => [id, ['hash-differs']]))
  const [fault] = judgeProbe({ line, answer: 'yes', call, spokenMs: 5_000, verified })
  t.match(fault, { kind: 'recording-faulty', what: { en: /1 fault: hash-differs/, ru: /hash-differs/ } })
  const unverified = judgeProbe({ line, answer: 'yes', call, spokenMs: 5_000, verified: new Map() })
  t.strictSame(
    unverified.map(({ kind }) => kind),
    ['recording-faulty'],
    'one that was not verified does not pass',
  )
})

t.test('slow stages are found, and the wait of a caller who presses nothing is none', async t => {
  const late = (type: string) => changed(type, { at: new Date(Date.UTC(2026, 0, 31) + 60_000).toISOString() })
  t.strictSame(judge(line, 'yes', late('call.answered')), ['slow'])
  t.strictSame(judge(line, 'yes', late('consent.answered')), ['slow'])
  t.strictSame(judge(line, 'yes', late('call.released')), ['slow'])
  t.strictSame(judge(line, 'silent', late('call.released')), [])
})

t.test('a probe call is kept for a day, and rings nobody else', async t => {
  const transfer = { do: 'transfer', context: 'agents', extension: 's', priority: 1 } as const
  const own = lineOf({ onRefused: transfer, onSilent: { do: 'hangup' } })
  const probed = policyOfProbe(own)
  t.strictSame(
    [probed.purposes[0]?.retentionDays, probed.onRefused, probed.onSilent, probed.onFailed],
    [1, { do: 'continue' }, { do: 'continue' }, { do: 'continue' }],
  )
  const { purposes, onRefused, onSilent, onFailed, ...rest } = probed
  t.match(own, rest, 'all else is that of callers')
})
