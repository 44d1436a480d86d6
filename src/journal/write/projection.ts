import type { EventType } from '../../core/events.js'

/** FROM clause of the events that the batch inserted, of one type. */
const EVENTS_IN_BATCH = 'event e where e.id = any($1::bigint[])'

/**
 * FROM clause of the last inserted event per value of `key`. An UPDATE that joins two rows to one would use an
 * arbitrary one.
 *
 * @param key SQL expression
 */
const lastEventPer = (key: string) => oneEventPer(key, 'desc')

/** As `lastEventPer`, the first. For values that a later event does not change, also not one in another batch. */
const firstEventPer = (key: string) => oneEventPer(key, 'asc')

const oneEventPer = (key: string, order: 'asc' | 'desc') =>
  `(select distinct on (${key}) call_id, at, data, ${key} as key from event where id = any($1::bigint[])
    order by ${key}, id ${order}) e`

const recordingId = `(data ->> 'recording')::uuid`
const partId = `(data ->> 'part')::uuid`

/** Name of the node of an event `e`. */
const nodeName = `(select p.data ->> 'node' from event_personal p where p.event = e.uuid)`

/** The owner that an event states, see `Owner`. */
const owner = `(data ->> 'service')::uuid`

/**
 * The SQL by which each event type updates the tables about calls and nodes. One statement applies all events of one type. The
 * statements run in this order, which is the order of a call's life. Applying an event again changes nothing.
 */
export const PROJECTION: readonly { type: EventType; sql: string }[] = [
  {
    // The starts of two services may enter in the other order.
    type: 'service.started',
    sql: `insert into node_start (name, event, at, keys)
      select distinct on (node) node, id, at, array(select jsonb_array_elements_text(data -> 'keys'))
      from (select e.*, ${nodeName} as node from ${EVENTS_IN_BATCH}) started where node is not null order by node, id desc
      on conflict (name) do update set event = excluded.event, at = excluded.at, keys = excluded.keys
      where excluded.event > node_start.event`,
  },
  {
    // Until its next start, the service seals for these recipients, too.
    type: 'recipients.added',
    sql: `update node_start set keys = array(select distinct unnest(node_start.keys || e.added) order by 1)
      from (select ${nodeName} as node, max(e.id) as last, array_agg(one) as added
        from event e cross join jsonb_array_elements_text(e.data -> 'keys') one
        where e.id = any($1::bigint[]) group by 1) e
      where node_start.name = e.node and node_start.event < e.last`,
  },
  {
    type: 'call.started',
    sql: `insert into call (id, line, policy, language, mode, channel, started_event, started_at, probe,
        node)
      select call_id, data ->> 'line', (data ->> 'policy')::int, data ->> 'language', data ->> 'mode',
        data ->> 'channel', uuid, at, data -> 'probe' is not distinct from 'true'::jsonb, ${owner}
      from ${EVENTS_IN_BATCH} order by e.id on conflict (id) do nothing`,
  },
  {
    type: 'call.answered',
    sql: `update call set answered_at = coalesce(call.answered_at, e.at)
      from ${firstEventPer('call_id')} where call.id = e.key`,
  },
  {
    // An append that timed out may be committed beside its replacement. Of two such answers the no counts, in either
    // order.
    type: 'consent.answered',
    sql: `insert into answer (call_id, purpose, answer, method, legal_basis, retention_days, event, answered_at)
      select distinct on (call_id, data ->> 'purpose') call_id, data ->> 'purpose', data ->> 'answer',
        data ->> 'method', data ->> 'legalBasis', (data ->> 'retentionDays')::int, uuid, at
      from ${EVENTS_IN_BATCH} and not data ? 'inConversation'
      order by call_id, data ->> 'purpose', data ->> 'answer' in ('granted', 'notice'), e.id
      on conflict (call_id, purpose) do update set answer = excluded.answer, method = excluded.method,
        legal_basis = excluded.legal_basis, retention_days = excluded.retention_days,
        event = excluded.event, answered_at = excluded.answered_at
      where answer.positive and excluded.answer not in ('granted', 'notice')
        and not exists (select from event aside join event given on given.uuid = excluded.event
          where aside.uuid = answer.event and aside.data ? 'inConversation' and aside.id > given.id)`,
  },
  {
    // If a purpose was asked in a conversation, its answers are read from the journal again. Their order in the journal
    // then counts, not the batches in which they arrive. A yes there replaces the noes before it, unless a later event
    // replaces the yes. It stands beside an earlier yes.
    type: 'consent.answered',
    // `lateral` and `limit` make the planner find the events of a call by its index. A plan from a time when the
    // journal was small would later read all events.
    sql: `with asked as (
        select distinct e.call_id as call, e.data ->> 'purpose' as about from event e cross join lateral (
          select from event where call_id = e.call_id and type = 'consent.answered' and data ? 'inConversation'
            and data ->> 'purpose' = e.data ->> 'purpose' limit 1) aside
        where e.id = any($1::bigint[])),
      given as (
        select e.*, data ->> 'purpose' as purpose, data ->> 'answer' as answer, data ? 'inConversation' as aside,
          data ->> 'answer' in ('granted', 'notice') as yes
        from asked
          cross join lateral (select * from event where call_id = asked.call and type = 'consent.answered'
            and data ->> 'purpose' = asked.about offset 0) e
          left join lateral (select true as found from event where call_id = e.call_id and type = 'consent.answered'
            and data ->> 'replaces' = e.uuid::text limit 1) later on true
        where later.found is null or not data ? 'inConversation'),
      seen as (
        select *, bool_or(not aside) over one as has_first, max(id) filter (where not aside and not yes) over one as last_no
        from given window one as (partition by call_id, purpose))
      insert into answer (call_id, purpose, answer, method, legal_basis, retention_days, event, answered_at)
      select distinct on (call_id, purpose) call_id, purpose, answer, data ->> 'method', data ->> 'legalBasis',
        (data ->> 'retentionDays')::int, uuid, at
      from seen
      order by call_id, purpose, case
          when aside and yes and (not has_first or id > last_no) then 0
          when not aside and not yes then 1
          when not aside then 2
          when not yes then 3
          else 4 end, id
      on conflict (call_id, purpose) do update set answer = excluded.answer, method = excluded.method,
        legal_basis = excluded.legal_basis, retention_days = excluded.retention_days,
        event = excluded.event, answered_at = excluded.answered_at
      where answer.event <> excluded.event`,
  },
  {
    type: 'person.corrected',
    sql: `update call set caller_event = e.uuid
      from (select distinct on (call_id) call_id, uuid from event where id = any($1::bigint[])
        order by call_id, id desc) e
      where call.id = e.call_id`,
  },
  {
    type: 'call.decided',
    sql: `update call set decision = e.data ->> 'decision', decided_at = e.at
      from ${lastEventPer('call_id')} where call.id = e.key`,
  },
  {
    type: 'call.rescued',
    sql: `update call set rescued_at = e.at, decision = coalesce(call.decision, 'failed')
      from ${lastEventPer('call_id')} where call.id = e.key`,
  },
  {
    type: 'call.released',
    sql: `update call set next = e.data ->> 'next', tapped = (e.data ->> 'tapped')::boolean, released_at = e.at
      from ${lastEventPer('call_id')} where call.id = e.key`,
  },
  {
    // A caller may withdraw during the preparation. The withdrawal may then enter first.
    type: 'recording.prepared',
    sql: `insert into recording (id, call_id, purpose, keeps, basis, due, tap, prepared_at, pbx, node, revoked_at)
      select ${recordingId}, call_id, data ->> 'purpose', data ->> 'keeps', (data ->> 'basis')::uuid,
        (data ->> 'due')::date, data ->> 'tap', at, data ->> 'pbx', ${owner},
        (select w.at from event w where w.call_id = e.call_id and w.type = 'consent.withdrawn'
          and w.data -> 'purposes' ? (e.data ->> 'purpose') and not (w.data ->> 'keep')::boolean order by w.id limit 1)
      from ${EVENTS_IN_BATCH} order by e.id on conflict (id) do nothing`,
  },
  {
    // Runs after `recording.prepared`, which an outage may put into the same batch. A revoked recording is due at once.
    // If its destruction is interrupted, the next purge completes it. A caller may withdraw yeses of two lines at once,
    // on different terms.
    type: 'consent.withdrawn',
    sql: `with given as (
        select e.id, e.call_id, e.at, about as purpose, (e.data ->> 'keep')::boolean as keep
        from event e cross join jsonb_array_elements_text(e.data -> 'purposes') about
        where e.id = any($1::bigint[])),
      withdrawn as (
        update answer set withdrawn_at = coalesce(answer.withdrawn_at, g.at)
        from (select distinct on (call_id, purpose) * from given order by call_id, purpose, id) g
        where answer.call_id = g.call_id and answer.purpose = g.purpose
        returning answer.call_id, answer.purpose, answer.withdrawn_at)
      update recording set revoked_at = coalesce(revoked_at, withdrawn_at)
      from withdrawn where recording.call_id = withdrawn.call_id and recording.purpose = withdrawn.purpose
        and exists (select from given where given.call_id = withdrawn.call_id and given.purpose = withdrawn.purpose
          and not given.keep)`,
  },
  {
    type: 'recording.part-started',
    sql: `insert into part (id, recording_id, number, object, location, started_at, chunks, bytes, hash)
      select ${partId}, ${recordingId}, (data ->> 'number')::int, data ->> 'object',
        data ->> 'location', at, (data ->> 'chunks')::bigint, (data ->> 'bytes')::bigint, data ->> 'hash'
      from ${EVENTS_IN_BATCH} order by e.id on conflict (id) do nothing`,
  },
  {
    type: 'recording.progress',
    sql: `update part set chunks = (e.data ->> 'chunks')::bigint, bytes = (e.data ->> 'bytes')::bigint,
        hash = e.data ->> 'hash'
      from ${lastEventPer(partId)} where part.id = e.key and part.ended_at is null`,
  },
  {
    type: 'recording.part-ended',
    sql: `update part set chunks = (e.data ->> 'chunks')::bigint, bytes = (e.data ->> 'bytes')::bigint,
        hash = e.data ->> 'hash', samples = (e.data ->> 'samples')::bigint,
        complete = (e.data ->> 'complete')::boolean, ended_at = e.at
      from ${lastEventPer(partId)} where part.id = e.key`,
  },
  {
    // Summed from the journal each time, so that applying an event twice counts it once.
    type: 'recording.gap',
    sql: `update recording set lost_bytes = (
        select sum((g.data ->> 'bytes')::bigint) from event g
        where g.call_id = recording.call_id and g.type = 'recording.gap'
          and g.data ->> 'recording' = recording.id::text)
      from ${lastEventPer(recordingId)} where recording.id = e.key`,
  },
  {
    type: 'recording.empty',
    sql: `update recording set state = 'empty', ended_at = e.at
      from ${firstEventPer(recordingId)} where recording.id = e.key and recording.state = 'recording'`,
  },
  {
    // A recording with a part on disk must still be kept and destroyed. Its `recording.finished` sets the state.
    type: 'recording.failed',
    sql: `update recording set state = 'failed', ended_at = e.at
      from ${firstEventPer(recordingId)} where recording.id = e.key and recording.state = 'recording'
        and not exists (select from part where part.recording_id = recording.id)`,
  },
  {
    type: 'recording.finished',
    sql: `update recording set state = e.data ->> 'state', seconds = (e.data ->> 'seconds')::double precision,
        ended_at = e.at
      from ${firstEventPer(recordingId)} where recording.id = e.key and recording.state in ('recording', 'failed')`,
  },
  {
    // A destroyed recording is already listed in its act.
    type: 'recording.destroyed',
    sql: `with destroyed as (
        update recording set state = 'destroyed', destroyed_at = e.at, act = (e.data ->> 'act')::uuid
        from ${firstEventPer(recordingId)} where recording.id = e.key and recording.state <> 'destroyed'
        returning recording.id, recording.act, recording.call_id)
      insert into act_item (recording, act, person)
      select destroyed.id, destroyed.act, mask_number(p.data ->> 'caller')
      from destroyed join call on call.id = destroyed.call_id
        left join event_personal p on p.event = coalesce(call.caller_event, call.started_event)
      on conflict (recording) do nothing`,
  },
  {
    type: 'act.closed',
    sql: `update act set closed_at = e.at, keep_until = (e.data ->> 'keepUntil')::date
      from ${firstEventPer(`(data ->> 'act')::uuid`)} where act.id = e.key and act.closed_at is null`,
  },
  {
    // The row is written in the transaction of its event. Every hold in force is thus shown by `hold list` and can be
    // released.
    type: 'hold.placed',
    sql: `insert into hold (id, kind, recording, call_id, number, from_at, to_at, reason, placed_by, expires_at)
      select (e.data ->> 'hold')::uuid, e.data ->> 'kind', (e.data -> 'on' ->> 'recording')::uuid,
        (e.data -> 'on' ->> 'call')::uuid, p.data ->> 'number', (e.data -> 'on' ->> 'from')::timestamptz,
        (e.data -> 'on' ->> 'to')::timestamptz, p.data ->> 'reason', p.data ->> 'by', (e.data ->> 'expiresAt')::timestamptz
      from event e join event_personal p on p.event = e.uuid where e.id = any($1::bigint[])
      order by e.id on conflict (id) do nothing`,
  },
  {
    type: 'hold.released',
    sql: `update hold set released_at = e.at, released_by = p.data ->> 'by'
      from event e join event_personal p on p.event = e.uuid
      where e.id = any($1::bigint[]) and hold.id = (e.data ->> 'hold')::uuid and hold.released_at is null`,
  },
  {
    // As `line.changed`: the table's key refuses other fields under an existing version. A proposal ends in the same
    // transaction, so that no approved proposal remains open.
    type: 'line.group-changed',
    sql: `with given as (
        select data ->> 'name' as name, (data ->> 'version')::int as version, data -> 'after' as fields, uuid, at,
          (data -> 'proposal' ->> 'id')::uuid as proposal
        from ${EVENTS_IN_BATCH}),
      approved as (
        update proposal set ended_at = given.at
        from given where proposal.id = given.proposal and ended_at is null),
      fresh as (
        select given.* from given left join line_group using (name, version)
        where line_group.fields is distinct from given.fields),
      retired as (
        update line_group set active = false where active and name in (select name from fresh) returning name)
      insert into line_group (name, version, fields, active, event)
      select name, version, fields, version = max(version) over (partition by name), uuid from fresh
      where (select count(*) from retired) >= 0`,
  },
  {
    // Of several versions of one line, the last is put into force. The table's key refuses a different policy under an
    // existing version, and the event with it. `retired` is counted so that it is executed before the insertion. A
    // draft is published in the same transaction, so that it cannot be published twice.
    type: 'line.changed',
    sql: `with given as (
        select data -> 'after' ->> 'number' as number, (data -> 'after' ->> 'version')::int as version,
          (data -> 'after') - array['number', 'version'] as policy, uuid, data -> 'group' ->> 'name' as group_name,
          (data -> 'group' ->> 'version')::int as group_version, data -> 'stated' as stated,
          (data -> 'draft' ->> 'id')::uuid as draft
        from ${EVENTS_IN_BATCH}),
      published as (
        update line_draft set state = 'published', published_version = given.version
        from given where line_draft.id = given.draft),
      fresh as (
        select given.* from given left join line using (number, version)
        where line.policy is distinct from given.policy),
      retired as (
        update line set active = false where active and number in (select number from fresh) returning number)
      insert into line (number, version, policy, active, event, group_name, group_version, stated)
      select number, version, policy, version = max(version) over (partition by number), uuid, group_name, group_version,
        stated
      from fresh
      where (select count(*) from retired) >= 0`,
  },
  {
    type: 'call.ended',
    sql: `update call set ended_at = e.at, cause = (e.data ->> 'cause')::int, phase = e.data ->> 'phase'
      from ${lastEventPer('call_id')} where call.id = e.key`,
  },
]
