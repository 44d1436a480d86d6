// Real: the summary of recordings. Fake: the leaves.
import t from 'tap'
import type { EventType } from '../../../src/core/events.js'
import { newCallId, newEventId } from '../../../src/core/ids.js'
import { recordingsOf } from '../../../src/receipts/recordings.js'
import { matchEach } from '../../support/assertions/match-each.js'

const call = newCallId()
const entry = (type: EventType, data: Record<string, unknown>, id: number) => ({
  leaf: { at: '2026-01-31T09:30:00.000Z', call, data, id, type, uuid: newEventId() },
  personal: undefined,
})
const moment = (at: string) => ({ utc: at, local: at })
const prepared = entry(
  'recording.prepared',
  { recording: 'r', purpose: 'service', basis: 'b', due: '2030-01-01' },
  1,
)
const begun = { recording: 'r', part: 'p', number: 1, object: 'o' }

t.test('a part without an end has the length and hash that were journalled last', async t => {
  const started = entry('recording.part-started', { ...begun, chunks: 2, bytes: 300, hash: 'aa' }, 2)
  const { recordings } = recordingsOf([prepared, started], moment)
  matchEach(t, recordings[0]?.parts, [{ part: 'p', chunks: 2, bytes: 300, sha256: 'aa' }])
  const later = entry(
    'recording.progress',
    { recording: 'r', part: 'p', chunks: 9, bytes: 900, hash: 'bb' },
    3,
  )
  matchEach(t, recordingsOf([prepared, started, later], moment).recordings[0]?.parts, [
    { chunks: 9, bytes: 900, sha256: 'bb' },
  ])
})

t.test('a destroyed recording counts as destroyed', async t => {
  const finished = entry('recording.finished', { recording: 'r', state: 'finished', seconds: 4 }, 2)
  const destroyed = entry('recording.destroyed', { recording: 'r', act: 'a', cause: 'term', parts: [] }, 3)
  matchEach(t, recordingsOf([prepared, finished], moment).recordings, [
    { state: 'finished', destroyed: undefined },
  ])
  matchEach(t, recordingsOf([prepared, finished, destroyed], moment).recordings, [
    { state: 'destroyed', seconds: 4, destroyed: { act: 'a', cause: 'term' } },
  ])
})
