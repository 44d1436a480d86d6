// Real: the journal, whose database is at a port where nobody listens. Fake: none.
import t from 'tap'
import { startJournal } from '../../../src/journal/journal.js'
import { newCallId } from '../../../src/shared/ids.js'
import { asked } from '../../support/data/call-events.js'
import { silent } from '../../support/processes/database.js'

const journal = startJournal('postgres://consentry@127.0.0.1:1/consentry', silent)
t.teardown(() => journal.stop())

t.test('an event that JSON cannot express counts as kept, because it can never be stored', async t => {
  const event = asked(newCallId(), 1)
  await t.resolves(
    journal.noteDurably({ ...event, data: { ...event.data, attempt: 1n } } as unknown as typeof event),
  )
  t.equal(journal.counts.refused, 1)
})

t.test('an event that is lost when the journal stops never counts as kept', async t => {
  let kept = false
  void journal.noteDurably(asked(newCallId(), 1)).then(() => {
    kept = true
  })
  await journal.stop()
  t.equal(journal.counts.dropped, 1)
  await new Promise(resolve => setImmediate(resolve))
  t.notOk(kept)
})
