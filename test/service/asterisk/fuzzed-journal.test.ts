// Real: PostgreSQL, journal, ari-client, WebSocket, telephony, calls, consent. Fake: models of PBX, recorder and time.
// Long: ten times as many sequences of events.
import fc from 'fast-check'
import t from 'tap'
import { startTestJournal } from '../../support/data/journal.js'
import { FuzzedCalls } from '../../support/fuzz/fuzzed-calls.js'
import { fuzzRuns } from '../../support/fuzz/seeded.js'
import { sequences } from '../../support/fuzz/sequences.js'
import { testDatabase } from '../../support/processes/database.js'

t.test('the journal accepts every event that hostile messages of a PBX lead to', async t => {
  const { server } = await testDatabase(t)
  const journal = startTestJournal(t, server.url)
  const fuzzed = await FuzzedCalls.start(t, journal)
  await fc.assert(
    fc.asyncProperty(sequences, async sequence => {
      const { faults } = await fuzzed.play(sequence)
      await journal.idle()
      if (journal.counts.refused > 0) faults.push('the journal refused an event')
      if (faults.length > 0) throw new Error(faults.join('\n'))
    }),
    fuzzRuns(50, 500),
  )
  t.ok(journal.counts.committed > 500, `${journal.counts.committed} events entered`)
  t.equal(journal.counts.dropped, 0)
})
