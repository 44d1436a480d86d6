// Real: PostgreSQL, the statements of the journal. Fake: none.
import t from 'tap'
import { encodeEvent } from '../../../src/journal/write/encode-event.js'
import { writeBatch } from '../../../src/journal/write/write-batch.js'
import { recordedCall } from '../../support/data/call-events.js'
import { testDatabase } from '../../support/processes/database.js'

const { asService } = await testDatabase(t)

const read = async (sql: string) => (await asService.query(sql)).rows as Record<string, string>[]

t.test('no plan that is made while the journal is empty reads all of it later', async t => {
  const { events } = recordedCall()
  await writeBatch(asService, events.map(encodeEvent), new Set(events.map(({ type }) => type)))
  const prepared = await read('select name from pg_prepared_statements')
  const names = prepared.flatMap(({ name }) => (name?.startsWith('project ') ? name : []))
  t.ok(names.length > 10, `${names.length} statements`)
  for (const name of names) {
    const plan = (await read(`explain execute "${name}"`)).map(line => line['QUERY PLAN'] ?? '')
    t.ok(plan.length > 0, name)
    t.strictSame(
      plan.filter(line => /Seq Scan on event\b/.test(line)),
      [],
      name,
    )
  }
})
