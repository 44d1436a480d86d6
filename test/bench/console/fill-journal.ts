import { join } from 'node:path'
import type { Lab } from '../../../lab/lab.js'
import { connect } from '../../../src/db/connection.js'
import { fillCalls } from '../find/fill-calls.js'
import { superuserUrl } from '../support/bench-database.js'

const DAY_MS = 86_400_000
/** How many days the calls took: 10,000 calls a day for a million. They are kept longer, so that nothing is purged. */
const DAYS = 100
const KEEP_DAYS = 1_000
const CALLS_A_CALLER = 5

/**
 * Fills a lab's database with calls up to now, as the journal's projection would leave them: two or three events a call, and for every
 * tenth call the prompt that it heard. Every fiftieth number that was dialled is no line. Their tree is valid, their personal data is not.
 */
export async function fillJournal({ ready, database }: Lab, calls: number): Promise<void> {
  const url = await superuserUrl(join(ready.data, 'postgres'), database.adminUrl)
  const from = new Date(Date.now() - DAYS * DAY_MS)
  await fillCalls(url, { calls, callers: calls / CALLS_A_CALLER, from, days: DAYS, keepDays: KEEP_DAYS })
  const owner = await connect(url, 'bench')
  for (const statement of STATEMENTS) await owner.query(statement)
  await owner.close()
}

const STATEMENTS = [
  `set session_replication_role = replica`,
  `set synchronous_commit = off`,
  `create temporary table chosen as select id, started_event, started_at, n from
    (select *, row_number() over (order by started_at) as n from call) numbered where n % 50 = 0 or n % 10 = 1`,
  `update call set line = null, decision = null from chosen where call.id = chosen.id and chosen.n % 50 = 0`,
  `update event_personal set data = data || jsonb_build_object('dialled', '8495' || lpad((n % 300)::text, 7, '0'))
    from chosen where event = started_event and n % 50 = 0`,
  `insert into event (uuid, call_id, at, type, data)
    select gen_random_uuid(), id, started_at + interval '8 s', 'prompt.ended', jsonb_build_object('role', 'disclosure',
      'prompt', 'disclosure-key', 'version', 1, 'sha256', md5((n % 7)::text) || md5((n % 7)::text), 'end', 'complete')
    from chosen where n % 10 = 1`,
  'drop table chosen',
  'vacuum analyze',
]
