// Real: the encoding. Fake: none.
import t from 'tap'
import { event } from '../../../src/core/events.js'
import { newCallId } from '../../../src/core/ids.js'
import { encodeEvent } from '../../../src/journal/write/encode-event.js'

const AT = Date.UTC(2026, 0, 31, 9, 30, 0, 7)

t.test('an event becomes one row, and its time keeps milliseconds', async t => {
  const call = newCallId()
  const one = event('consent.asked', call, AT, { purpose: 'service', attempt: 2 })
  t.strictSame(JSON.parse(encodeEvent(one)), {
    uuid: one.id,
    call_id: call,
    at: '2026-01-31T09:30:00.007Z',
    type: 'consent.asked',
    data: { purpose: 'service', attempt: 2 },
  })
})

t.test('the personal part is separate and has a salt of 16 random bytes', async t => {
  const one = event('call.unknown-line', null, AT, {}, { dialled: '777' })
  const [first, second] = [JSON.parse(encodeEvent(one)), JSON.parse(encodeEvent(one))]
  t.strictSame(first.personal, { dialled: '777' })
  t.strictSame(first.data, {})
  t.match(first.salt, /^[0-9a-f]{32}$/)
  t.not(first.salt, second.salt)
})

t.test('an invalid time throws', async t => {
  t.throws(
    () => encodeEvent(event('call.answered', null, Number.NaN, { line: '100', policy: 1 })),
    RangeError,
  )
})
