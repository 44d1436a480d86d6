// Real: the text of a timeline. Fake: the timeline.
import { stripVTControlCharacters } from 'node:util'
import t from 'tap'
import { timelineText } from '../../../src/commands/timeline-text.js'
import type { CallTimeline } from '../../../src/journal/read/timeline.js'
import { newCallId, newServiceId } from '../../../src/shared/ids.js'

t.test('a timeline shows each event with its time and main value, without ids and terms', async t => {
  const at = '2026-01-31T09:30:00.000Z'
  const service = newServiceId()
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
