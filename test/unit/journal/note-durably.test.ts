// Real: the journal. Its database is at a port where nobody listens; the clock is real.
import t from 'tap'
import { startJournal } from '../../../src/journal/journal.js'
import { newCallId } from '../../../src/shared/ids.js'
import { asked } from '../../support/data/call-events.js'
import { silent } from '../../support/processes/database.js'

const journal = startJournal('postgres://consentry@127.0.0.1:1/consentry', silent)
t.teardown(() => journal.stop())

t.test('what JSON cannot express is refused, so whoever keeps it need not wait', async t => {
  const event = asked(newCallId(), 1)
  await t.resolves(
    journal.noteDurably({ ...event, data: { ...event.data, attempt: 1n } } as unknown as typeof event),
  )
})

t.test('what is lost when the journal stops never counts as kept', async t => {
  let kept = false
  void journal.noteDurably(asked(newCallId(), 1)).then(() => {
    kept = true
  })
  await journal.stop()
  t.equal(journal.counts.dropped, 1)
  t.notOk(kept)
})
