// Real: PostgreSQL, journal, holds. Fake: the calls, which are only events.
import t from 'tap'
import { systemClock } from '../../../../src/core/clock.js'
import { event } from '../../../../src/core/events.js'
import { verifyDerived } from '../../../../src/recordings/audit/verify.js'
import { placeHold, releaseHold } from '../../../../src/recordings/retain/holds.js'
import { matchEach } from '../../../support/assertions/match-each.js'
import { answered, recordedCall } from '../../../support/data/call-events.js'
import { startTestJournal } from '../../../support/data/journal.js'
import { journalAct } from '../../../support/data/journalled-act.js'
import {
  askedAgainCall,
  grantedCall,
  interleaveEvents,
  noticeCall,
  refusedCall,
  spokenCall,
  twoPurposeCall,
} from '../../../support/data/whole-calls.js'
import { testDatabase } from '../../../support/processes/database.js'

const { db, asOwner, asService, server } = await testDatabase(t)
const journal = startTestJournal(t, server.url)
const calls = [grantedCall(), refusedCall(), noticeCall(), twoPurposeCall(), spokenCall(), askedAgainCall()]
await journal.append(interleaveEvents(calls), 60_000)
// Each event of a call in a transaction of its own, as in life, and a call that is still going on.
for (const one of recordedCall().events) await journal.append([one], 60_000)
await journal.append(grantedCall().events.slice(0, 9), 60_000)
// A recording that is still going on.
const { events: running } = recordedCall()
await journal.append(
  running.slice(
    0,
    running.findIndex(({ type }) => type === 'recording.finished'),
  ),
  60_000,
)
// A yes that came late, after the no that replaces it.
const late = refusedCall()
for (const one of late.events) await journal.append([one], 60_000)
await journal.append([answered(late.call)], 60_000)
await journalAct(db, journal, { number: 1, callers: ['+79001110001', '+79001110002'] })
const [{ call }, { recordings }] = [calls[1]!, calls[0]!]
const recording = recordings[0]!
const stated = { kind: 'hold', reason: 'a claim', by: 'olga', expiresAt: null } as const
const deps = { db, journal, clock: systemClock }
const { hold } = await placeHold(deps, { ...stated, on: { recording } })
const byNumber = await placeHold(deps, { ...stated, kind: 'block', on: { number: '+79001234567' } })
const over = await placeHold(deps, { ...stated, on: { call }, expiresAt: new Date(Date.now() + 60_000) })
await releaseHold(deps, over.hold, stated)
for (const version of [1, 2]) {
  const after = { number: '100', version, mode: 'key' }
  const data = { by: 'anna', way: 'command', before: null, after, stated: [] }
  await journal.append([event('line.changed', null, Date.now(), data as never)], 60_000)
}

/** Changes rows, verifies, and undoes the change. */
async function found(by: typeof asOwner, ...statements: string[]) {
  await snapshot()
  for (const statement of statements) await by.query(statement)
  const { faults } = await verifyDerived(db)
  await restore()
  return faults
}

const TABLES = ['line', 'call', 'answer', 'recording', 'part', 'hold'] as const

/** Copies of the tables, so that each test begins with the true ones. */
async function snapshot(): Promise<void> {
  for (const table of TABLES)
    await asOwner.query(`drop table if exists true_${table}; create table true_${table} as table ${table}`)
}

async function restore(): Promise<void> {
  for (const table of [...TABLES].reverse()) await asOwner.query(`delete from ${table}`)
  for (const table of TABLES) {
    const { rows } = await asOwner.query<{ name: string }>(
      `select quote_ident(column_name) as name from information_schema.columns
       where table_name = '${table}' and is_generated = 'NEVER' order by ordinal_position`,
    )
    const columns = rows.map(({ name }) => name).join(', ')
    await asOwner.query(`insert into ${table} (${columns}) select ${columns} from true_${table}`)
  }
}

t.test('the tables follow from the events', async t => {
  t.strictSame(await verifyDerived(db), { tables: 7, faults: [] })
})

t.test('each change by the role of the service is found', async t => {
  const changes: [statement: string, where: RegExp, what: RegExp][] = [
    [`update call set decision = 'granted' where id = '${call}'`, /^call /, /^decision differs/],
    [`update call set ended_at = now() where id = '${call}'`, /^call /, /^ended_at/],
    [
      `update answer set answer = 'granted' where call_id = '${call}'`,
      /^answer .* service$/,
      /^answer differs/,
    ],
    [`update answer set withdrawn_at = now() where call_id = '${call}'`, /^answer /, /^withdrawn_at/],
    [`update recording set state = 'destroyed' where id = '${recording}'`, /^recording /, /^state/],
    [`update recording set state = 'destroying' where id = '${recording}'`, /^recording /, /^state/],
    [`update recording set seconds = 1 where id = '${recording}'`, /^recording /, /^seconds/],
    [
      `update part set complete = false where recording_id = '${recording}' and number = 1`,
      /^part /,
      /complete/,
    ],
    [`update hold set released_at = now() where id = '${hold}'`, /^hold /, /^released_at/],
    [`update hold set released_at = null where id = '${over.hold}'`, /^hold /, /^released_at/],
    [`update hold set number = '+7' where id = '${byNumber.hold}'`, /^hold /, /^number/],
    [`update line set active = false where number = '100'`, /^line 100 version 2/, /^active/],
  ]
  for (const [statement, where, what] of changes)
    matchEach(t, await found(asService, statement), [{ kind: 'table-differs', where, what }])
  t.strictSame((await verifyDerived(db)).faults, [], 'and undone')
})

t.test('the role of the service cannot change what a row began with', async t => {
  for (const statement of [
    `update recording set due = '2026-01-01'`,
    `update recording set basis = gen_random_uuid()`,
    `update recording set call_id = gen_random_uuid()`,
    `update call set line = '101'`,
    `update call set probe = true`,
    `update call set started_at = now()`,
    `update answer set purpose = 'marketing'`,
    `update part set object = 'elsewhere'`,
    `update part set recording_id = gen_random_uuid()`,
    `update hold set expires_at = now()`,
    `update hold set recording = null, call_id = gen_random_uuid()`,
    `update line set policy = '{}'`,
    `update act set cause = 'erasure'`,
    `delete from recording`,
    `delete from hold`,
  ])
    await t.rejects(asService.query(statement), { code: '42501' }, statement)
})

t.test('each change by the owner is found, and so are rows that are gone or made up', async t => {
  const changes: [statement: string, where: RegExp, what: RegExp][] = [
    [`update recording set due = '2030-01-01' where id = '${recording}'`, /^recording /, /^due differs/],
    [`update call set probe = true where id = '${call}'`, /^call /, /^probe differs/],
    [`update call set line = '999' where id = '${call}'`, /^call /, /^line/],
    [
      `update part set object = 'x/y.ctry' where recording_id = '${recording}' and number = 2`,
      /^part /,
      /^object/,
    ],
    [`update hold set expires_at = now() where id = '${hold}'`, /^hold /, /^expires_at/],
    [`update line set policy = '{}' where version = 2`, /^line 100 version 2/, /^policy/],
    [`delete from hold where id = '${hold}'`, /^hold /, /it is missing/],
    [
      `insert into line (number, version, policy, active, event, stated)
        values ('100', 3, '{}', false, gen_random_uuid(), '[]')`,
      /^line 100 version 3/,
      /no event/,
    ],
  ]
  for (const [statement, where, what] of changes)
    matchEach(t, await found(asOwner, statement), [{ kind: 'table-differs', where, what }])
})
