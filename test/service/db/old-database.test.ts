// Real: PostgreSQL, the project's migrations, the journal's projection. Fake: the events and rows of older versions.
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { type Connection, connect } from '../../../src/db/connection.js'
import { startEmbedded } from '../../../src/db/embedded.js'
import { migrate } from '../../../src/db/migrate.js'
import { migrationDir, migrationNames } from '../../../src/db/migration-files.js'
import { PROJECTION } from '../../../src/journal/write/projection.js'
import type { CallEvent } from '../../../src/shared/events.js'
import { event } from '../../../src/shared/events.js'
import { newCallId, newNodeId, newPartId, newRecordingId } from '../../../src/shared/ids.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { answered, STARTED, started } from '../../support/data/call-events.js'
import { scratch, silent, testDatabase } from '../../support/processes/database.js'

const node = newNodeId()
/** What versions journalled of the owner: the oldest nothing, the next ones name and keeper, the last ones also the id. */
const OWNERS = [
  {},
  { node: 'hall', keeper: '/d/keeper.sock' },
  { node: 'hall', keeper: '/d/keeper.sock', service: node },
]

/** The events of a recorded call, without what older versions did not journal. */
function recordedBy(owner: object, pbx: string | undefined): CallEvent[] {
  const call = newCallId()
  const yes = answered(call)
  const [recording, part] = [newRecordingId(), newPartId()]
  const prepared = { recording, purpose: 'service', basis: yes.id, due: '2026-03-02', tap: '/t/a' }
  const began = started(call)
  return [
    { ...began, data: { ...began.data, ...owner } } as CallEvent,
    yes,
    event('recording.prepared', call, STARTED, { ...prepared, ...(pbx && { pbx }), ...owner }),
    event('recording.part-started', call, STARTED, {
      recording,
      part,
      number: 1,
      object: `service/2026/01/31/${part}.ctry`,
    }),
  ]
}

/** The row that a service of an older version inserts for a call, and for its recording. */
const OLD_INSERTS = [
  `insert into call (id, line, policy, language, mode, channel, started_event, started_at)
    select call_id, '100', 1, 'ru', 'key', data ->> 'channel', uuid, at from event
    where type = 'call.started' and call_id = $1`,
  `insert into answer (call_id, purpose, answer, method, legal_basis, retention_days, event, answered_at)
    select call_id, 'service', 'granted', 'key', 'consent', 30, uuid, at from event
    where type = 'consent.answered' and call_id = $1`,
  `insert into recording (id, call_id, purpose, basis, due, tap, prepared_at)
    select (data ->> 'recording')::uuid, call_id, 'service', (data ->> 'basis')::uuid, '2026-03-02', '/t/a', at
    from event where type = 'recording.prepared' and call_id = $1`,
  `insert into part (id, recording_id, number, object, started_at)
    select (data ->> 'part')::uuid, (data ->> 'recording')::uuid, 1, data ->> 'object', at
    from event where type = 'recording.part-started' and call_id = $1`,
]

const insertEvents = async (owner: Connection, events: CallEvent[]) => {
  for (const { id, call, at, type, data } of events)
    await owner.query('insert into event (uuid, call_id, at, type, data) values ($1, $2, $3, $4, $5)', [
      id,
      call,
      new Date(at),
      type,
      JSON.stringify(data),
    ])
}

async function derivedRows(owner: Connection) {
  const rows: Record<string, unknown[]> = {}
  for (const table of ['call', 'answer', 'recording', 'part', 'node_start'])
    rows[table] = (
      await owner.query(`select to_jsonb(d) as row from ${table} d order by to_jsonb(d)::text`)
    ).rows
  return rows
}

t.test('a database of an older version has in its new columns what its events say', async t => {
  const server = await startEmbedded({ dir: join(await scratch(t), 'db'), log: silent })
  t.teardown(() => server.stop())
  const old = join(await scratch(t), 'migrations')
  await cp(migrationDir(), old, { recursive: true })
  for (const name of await migrationNames(old)) if (name > '009') await rm(join(old, name))
  await migrate(server.adminUrl, {}, old)
  const owner = await connect(server.adminUrl, 'test')
  t.teardown(() => owner.cut())

  const start = (name: string, at: number, keys?: string[]) =>
    event('service.started', null, at, { version: '0.9', node: name, ...(keys && { keys }) })
  const pbx = '2026-01-30T10:00:00.000+0300'
  const calls = OWNERS.map((stated, i) => recordedBy(stated, i === 0 ? undefined : pbx))
  await insertEvents(owner, [
    ...calls.flat(),
    start('hall', STARTED, ['old']),
    start('silent', STARTED),
    start('hall', STARTED + 1_000, ['new', 'other']),
  ])
  for (const [begun] of calls) for (const insert of OLD_INSERTS) await owner.query(insert, [begun!.call])
  await owner.query(
    `insert into service (id, node, started_at) values ($1, 'hall', '2026-01-31T09:00:00Z')`,
    [node],
  )

  await migrate(server.adminUrl, { service: 'consentry' })
  const migrated = await derivedRows(owner)
  const owners = await owner.query(`
    select c.node, c.node_name, c.keeper, r.node as rnode, r.node_name as rname, r.keeper as rkeeper, r.pbx, p.location
    from call c join recording r on r.call_id = c.id join part p on p.recording_id = r.id
      join event e on e.uuid = c.started_event order by e.id`)
  const [none, named, known] = [
    { node: null, node_name: null, keeper: null },
    { node: null, node_name: 'hall', keeper: '/d/keeper.sock' },
    { node, node_name: 'hall', keeper: '/d/keeper.sock' },
  ].map(row => ({ ...row, rnode: row.node, rname: row.node_name, rkeeper: row.keeper, location: 'disk' }))
  t.same(owners.rows, [
    { ...none, pbx: null },
    { ...named, pbx },
    { ...known, pbx },
  ])
  t.same((await owner.query('select name, keys from node_start order by name')).rows, [
    { name: 'hall', keys: ['new', 'other'] },
    { name: 'silent', keys: null },
  ])
  matchEach(t, (await owner.query('select id, name, version, seen_at = started_at as old from node')).rows, [
    { id: node, name: 'hall', version: null, old: true },
  ])

  await owner.query('delete from part; delete from recording; delete from answer; delete from call')
  await owner.query('delete from node_start')
  const { rows } = await owner.query<{ id: number; type: string }>('select id, type from event order by id')
  for (const { type, sql } of PROJECTION)
    await owner.query(sql, [rows.filter(row => row.type === type).map(({ id }) => id)])
  t.same(await derivedRows(owner), migrated, 'the tables derived anew from the journal are the same')
})

t.test(
  'a service of an older version that runs on after the migration leaves rows with their owner',
  async t => {
    const { asService } = await testDatabase(t)
    const calls = OWNERS.map(stated => recordedBy(stated, 'since'))
    for (const events of calls) await insertEvents(asService, events)
    for (const [begun] of calls)
      for (const insert of OLD_INSERTS) await asService.query(insert, [begun!.call])
    const { rows } = await asService.query(`
    select c.node as node, c.node_name as name, c.keeper, r.node as rnode, r.node_name as rname, r.keeper as rkeeper, r.pbx
    from call c join recording r on r.call_id = c.id join event e on e.uuid = c.started_event order by e.id`)
    t.same(
      rows,
      [
        { node: null, name: null, keeper: null },
        { node: null, name: 'hall', keeper: '/d/keeper.sock' },
        { node, name: 'hall', keeper: '/d/keeper.sock' },
      ].map(row => ({ ...row, rnode: row.node, rname: row.name, rkeeper: row.keeper, pbx: 'since' })),
    )
    await asService.query(`insert into node (id, name) values ($1, 'hall')`, [node])
    matchEach(t, (await asService.query('select id, node from service')).rows, [{ id: node, node: 'hall' }])
  },
)
