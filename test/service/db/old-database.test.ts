// Real: PostgreSQL, the project's schema. Fake: the events and rows of older versions.
import t from 'tap'
import type { CallEvent } from '../../../src/core/events.js'
import { event } from '../../../src/core/events.js'
import { newCallId, newNodeId, newPartId, newRecordingId } from '../../../src/core/ids.js'
import type { Connection } from '../../../src/db/connection.js'
import { matchEach } from '../../support/assertions/match-each.js'
import { answered, STARTED, started } from '../../support/data/call-events.js'
import { testDatabase } from '../../support/processes/database.js'

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
