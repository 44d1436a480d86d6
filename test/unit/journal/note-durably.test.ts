// Real: the journal, whose database is at a port where nobody listens. Fake: none.
import t from 'tap'
import { newCallId } from '../../../src/core/ids.js'
import { startJournal } from '../../../src/journal/journal.js'
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

t.test('an event that is lost when the journal stops, or comes later, is reported as lost', async t => {
  const waiting = journal.noteDurably(asked(newCallId(), 1))
  const lost = t.rejects(waiting, { code: 'db.unavailable' })
  await journal.stop()
  await lost
  await t.rejects(journal.noteDurably(asked(newCallId(), 1)), {
    code: 'journal.unwritten',
    message: 'The journal lost an event: it was stopped',
  })
  t.equal(journal.counts.dropped, 2)
})

t.test('so is one for which there is no room', async t => {
  const full = startJournal('postgres://consentry@127.0.0.1:1/consentry', silent)
  const [call, most] = [newCallId(), 50_000]
  for (let i = 0; i < most; i++) full.note(asked(call, i))
  await t.rejects(full.noteDurably(asked(call, most)), {
    code: 'journal.unwritten',
    message: 'The journal lost an event: too many events wait',
  })
  t.equal(full.counts.dropped, 1)
  const observed: string[] = []
  full.onEvent(({ id }) => void observed.push(id))
  const event = asked(call, most)
  for (let times = 0; times < 3; times++)
    await t.rejects(full.noteDurably(event), { code: 'journal.unwritten' })
  t.equal(full.counts.dropped, 2, 'it counts once, however often it is given')
  t.strictSame(observed, [event.id], 'and is observed once')
  await full.stop()
})
