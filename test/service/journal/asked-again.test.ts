// Real: PostgreSQL, the journal, the conversation of a receipt, the comparison of tables. Fake: the calls, which are only answers.
// Answers at the beginning of a call and in its conversation, in any order and in any batches: which one counts.
import fc from 'fast-check'
import t from 'tap'
import type { CallEvent } from '../../../src/core/events.js'
import { newCallId } from '../../../src/core/ids.js'
import { startJournal } from '../../../src/journal/journal.js'
import { conversationOf } from '../../../src/receipts/conversation.js'
import type { LoggedEvent } from '../../../src/receipts/leaf.js'
import { verifyDerived } from '../../../src/recordings/audit/verify.js'
import { answered, started } from '../../support/data/call-events.js'
import { silent, testDatabase } from '../../support/processes/database.js'

const { db, server } = await testDatabase(t)
const journal = startJournal(server.url, silent)
t.teardown(() => journal.stop())

/** An answer: at the beginning or in the conversation, and whether it replaces the one before it. */
const answers = fc.array(
  fc.record({
    answer: fc.constantFrom('granted', 'refused', 'silent', 'failed', 'notice'),
    aside: fc.boolean(),
    replaces: fc.integer({ min: 0, max: 3 }).map(n => n === 0),
  }),
  { minLength: 1, maxLength: 5 },
)

t.test('table, receipt and comparison agree on which answer counts', async t => {
  const counted = new Map<string, number>()
  for (const [i, script] of fc.sample(answers, { numRuns: 150, seed: 7 }).entries()) {
    const call = newCallId()
    const events: CallEvent[] = [started(call)]
    for (const { answer, aside, replaces } of script) {
      const made = answered(call, answer)
      const before = events.at(-1)!
      Object.assign(made.data, {
        ...(aside && { inConversation: true }),
        ...(replaces && before.type === 'consent.answered' && { replaces: before.id }),
      })
      events.push(made)
    }
    if (i % 2 === 0) await journal.append(events, 60_000)
    else for (const one of events) await journal.append([one], 60_000)
    const logged = events.map(
      ({ id: uuid, type, data, at }, id) =>
        ({
          leaf: { uuid, type, data, id, call, at: new Date(at).toISOString() },
          personal: undefined,
        }) as unknown,
    ) as LoggedEvent[]
    const told = conversationOf(logged, utc => ({ utc, local: utc })).answers
    const valid = told.findIndex(({ overruled }) => !overruled)
    const row = await db
      .selectFrom('answer')
      .select(['event', 'answer'])
      .where('call_id', '=', call)
      .executeTakeFirstOrThrow()
    t.equal(row.event, events[valid + 1]?.id, JSON.stringify(script))
    counted.set(row.answer, (counted.get(row.answer) ?? 0) + 1)
  }
  t.ok(counted.size >= 4, [...counted].join(' '))
  t.strictSame((await verifyDerived(db)).faults, [])
})
