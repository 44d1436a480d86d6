// Real: the text of a timeline. Fake: the timeline.
import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { answerText, timelineText } from '../../../src/commands/timeline-text.js'
import { newCallId, newNodeId } from '../../../src/core/ids.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'

t.test('a timeline shows each event with its time and main value, without ids and terms', async t => {
  const at = '2026-01-31T09:30:00.000Z'
  const service = newNodeId()
  const withdrawal = { keys: '*9', onWithdraw: 'destroy', language: 'en' }
  const coloured = timelineText({
    id: newCallId(),
    line: '100',
    decision: 'granted',
    startedAt: at,
    purposes: [{ purpose: 'service', answer: 'granted' }],
    recordings: [],
    events: [
      { at, type: 'call.started', line: '100', node: 'here', service },
      { at: '2026-01-31T09:30:01.500Z', type: 'consent.answered', answer: 'granted', withdrawal },
    ],
  } as unknown as CallTimeline)
  const text = stripVTControlCharacters(coloured)
  t.match(text, /0\.000 s +call\.started +line 100\n/)
  t.match(text, /1\.500 s +consent\.answered +answer granted\n/)
  t.notMatch(text, /\[object|here/)
  t.notOk(text.includes(service))
})

t.test('a timeline says what was heard by voice, with scores and times', async t => {
  const at = '2026-01-31T09:30:00.000Z'
  const voice = {
    ...{ engine: 'embedded', model: 'ab12', class: 'yes', scores: { yes: 0.91234, grammar: 1 } },
    ...{ threshold: 0.7, beganMs: 600, endedMs: 1_100, decidedMs: 1_650 },
  }
  const unclear = { ...voice, class: 'unclear', scores: {}, reason: 'grammar' }
  const raised = { ...voice, class: 'unclear', scores: { yes: 0.84 }, needed: 0.85, reason: 'noise' }
  const text = stripVTControlCharacters(
    timelineText({
      ...{ id: newCallId(), line: '100', decision: 'granted', startedAt: at, purposes: [], recordings: [] },
      events: [
        { at, type: 'speech.unsettled', purpose: 'service', why: 'unclear', voice: unclear },
        { at, type: 'speech.unsettled', purpose: 'service', why: 'unclear', voice: raised },
        { at, type: 'speech.lost', purpose: 'service', reason: 'speech.failed' },
        { at, type: 'consent.answered', answer: 'granted', method: 'voice', voice },
      ],
    } as unknown as CallTimeline),
  )
  t.match(
    text,
    /speech\.unsettled .*why unclear {2}voice embedded heard unclear {2}spoken 600-1100 ms .*doubt grammar\n/,
  )
  t.match(text, /heard unclear {2}scores yes 0\.84, of 0\.85 .*doubt noise\n/)
  t.match(text, /speech\.lost .*reason speech\.failed\n/)
  t.match(
    text,
    /answer granted {2}method voice {2}voice embedded heard yes {2}scores yes 0\.912, grammar 1, of 0\.7 {2}spoken 600-1100 ms {2}decided 1650 ms\n/,
  )
  t.notMatch(text, /\[object|ab12/)
})

t.test('a yes that was taken back says when', t => {
  const given = { purpose: 'service', answer: 'granted' as const }
  const withdrawn = { ...given, withdrawnAt: '2026-01-31T09:30:15.000Z' }
  t.equal(stripVTControlCharacters(answerText(given)), 'service: granted')
  t.equal(
    stripVTControlCharacters(answerText(withdrawn)),
    'service: granted, withdrawn 2026-01-31T09:30:15.000Z',
  )
  t.end()
})

t.test('a timeline says how the caller was moved, and by whom', async t => {
  const at = '2026-01-31T09:30:00.000Z'
  const coloured = timelineText({
    ...{ id: newCallId(), line: '100', decision: 'granted', startedAt: at, purposes: [], recordings: [] },
    events: [
      { at, type: 'call.transferred', kind: 'blind', agent: 'PJSIP/anna', to: null },
      { at, type: 'call.conference-joined' },
    ],
  } as unknown as CallTimeline)
  const text = stripVTControlCharacters(coloured)
  t.match(text, /call\.transferred +kind blind {2}agent PJSIP\/anna\n/)
  t.match(text, /call\.conference-joined +\n/)
})
