// Real: the table of what people type, the encoding of events. Fake: none.
import t from 'tap'
import { encodeEvent } from '../../../src/journal/write/encode-event.js'
import { type CallEvent, type EventData, event } from '../../../src/shared/events.js'
import { newCallId, newHoldId, newRecordingId } from '../../../src/shared/ids.js'
import { typedIn, withTyped } from '../../../src/shared/typed-text.js'

const NUMBER = '+79161234567'
const AT = Date.UTC(2026, 0, 31)
const rowOf = (one: CallEvent) => JSON.parse(encodeEvent(one))

t.test('what people type is in the personal part alone, and readers have it as before', async t => {
  const data: EventData['hold.placed'] = {
    hold: newHoldId(),
    kind: 'hold',
    on: 'number',
    reason: `${NUMBER} complained`,
    by: NUMBER,
    expiresAt: null,
  }
  const row = rowOf(event('hold.placed', null, AT, data, { number: NUMBER }))
  t.notMatch(JSON.stringify({ ...row, personal: null }), /9161234567/)
  t.strictSame(row.personal, { number: NUMBER, by: NUMBER, reason: `${NUMBER} complained` })
  t.match(row.personal_hash, /^[0-9a-f]{64}$/)
  t.strictSame(withTyped('hold.placed', row.data, row.personal), data)
})

t.test('a name one level down is typed, too, and its neighbours stay', async t => {
  const data = {
    by: 'anna',
    way: 'console',
    before: null,
    after: { number: '100' },
    draft: { id: 'd', revision: 3, approvedBy: NUMBER },
  } as unknown as EventData['line.changed']
  const row = rowOf(event('line.changed', null, AT, data))
  t.strictSame(row.data.draft, { id: 'd', revision: 3 })
  t.strictSame(row.personal, { by: 'anna', 'draft.approvedBy': NUMBER })
  t.strictSame(withTyped('line.changed', row.data, row.personal), data)
  const { draft: _, ...plain } = data
  t.strictSame(withTyped('line.changed', rowOf(event('line.changed', null, AT, plain)).data, null), {
    way: 'console',
    before: null,
    after: { number: '100' },
  })
})

t.test('an event of an older version, and one whose texts were erased, can be read', async t => {
  const old = { recording: newRecordingId(), by: 'anna', reason: 'a complaint', how: 'play' } as const
  t.strictSame(withTyped('recording.opened', old, null), old)
  t.strictSame(withTyped('recording.opened', { how: 'play' }, { by: 'anna' }), { how: 'play', by: 'anna' })
})

t.test('nobody typed these: no name, a program, and the audio that an agent paused', async t => {
  const nobody = { by: null, token: null, session: null, way: 'token', action: 'line.list' } as const
  t.strictSame(rowOf(event('console.limited', null, AT, nobody)).data, nobody)
  t.equal(rowOf(event('console.limited', null, AT, nobody)).personal, undefined)
  t.equal(typedIn('recording.paused'), undefined)
  const paused = { recording: newRecordingId(), by: 'agent', caller: 1, agent: 2 } as const
  t.strictSame(rowOf(event('recording.paused', newCallId(), AT, paused)).data, paused)
})
