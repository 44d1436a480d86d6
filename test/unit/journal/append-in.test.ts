// Real: the refusals. Fake: the database, which is not reached.
import t from 'tap'
import { event } from '../../../src/core/events.js'
import { newCallId, newHoldId } from '../../../src/core/ids.js'
import type { Db } from '../../../src/db/database.js'
import { appendIn } from '../../../src/journal/write/append-in.js'

t.test('events that belong into the queue of the journal do not pass by it', async t => {
  const none = {} as Db
  const ofCall = event('person.corrected', newCallId(), 0, { by: 'anna', reason: 'misread' })
  await t.rejects(appendIn(none, [ofCall]), { message: 'person.corrected is entered by the journal' })
  const released = event('hold.released', null, 0, { hold: newHoldId(), by: 'anna', reason: 'settled' })
  await t.rejects(appendIn(none, [released]), { message: 'hold.released is entered by the journal' })
  await appendIn(none, [])
})
