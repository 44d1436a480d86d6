/*
 * The tables that follow from the journal. For each, a query derives the rows from the events again and compares them.
 * The queries share nothing with the projection that writes the tables. Values that several transactions may have
 * written in another order are compared as a set: each must be one that an event states.
 */

/** The derivation of one table from the events. */
export interface ComparedTable {
  table: string
  /**
   * A query of the rows that differ. `id`: the row. `what`: names of the differing columns; null if either side lacks the row. `row`,
   * `events`: whether the table has the row, and whether the events give it.
   */
  sql: string
}

/** Name of a column if it differs. */
const differs = (column: string, expected = `x.${column}`) =>
  `case when t.${column} is distinct from ${expected} then '${column}' end`

const names = (...differences: string[]) => `array_remove(array[${differences.join(', ')}], null)`

/** The first of the events in an order. */
const first = (value: string, type: string) =>
  `(array_agg(${value} order by id) filter (where type = '${type}'))[1]`
/** The last of the events in an order. */
const last = (value: string, type: string) =>
  `(array_agg(${value} order by id desc) filter (where type = '${type}'))[1]`

const compare = (
  table: string,
  id: string,
  key: string,
  expected: string,
  columns: string,
): ComparedTable => ({
  table,
  sql: `with x as materialized (${expected})
    select * from (
      select ${id} as id, t.${key.split(',')[0]} is not null as row, x.${key.split(',')[0]} is not null as events,
        case when t.${key.split(',')[0]} is not null and x.${key.split(',')[0]} is not null then ${columns} end as what
      from ${table} t full join x using (${key})) compared
    where not row or not events or what <> '{}'
    order by id`,
})

const call = compare(
  'call',
  'id::text',
  'id',
  `select call_id as id, ${first('uuid', 'call.started')} as started_event, ${first('at', 'call.started')} as started_at,
      ${first(`data ->> 'line'`, 'call.started')} as line, ${first(`(data ->> 'policy')::int`, 'call.started')} as policy,
      ${first(`data ->> 'language'`, 'call.started')} as language, ${first(`data ->> 'mode'`, 'call.started')} as mode,
      ${first(`data ->> 'channel'`, 'call.started')} as channel,
      coalesce(${last(`data ->> 'decision'`, 'call.decided')},
        case when bool_or(type = 'call.rescued') then 'failed' end) as decision,
      ${last('at', 'call.decided')} as decided_at, ${last('at', 'call.ended')} as ended_at,
      ${last('uuid', 'person.corrected')} as caller_event,
      coalesce(${first(`data -> 'probe' = 'true'::jsonb`, 'call.started')}, false) as probe
    from event
    where call_id is not null and type in ('call.started', 'call.decided', 'call.rescued', 'call.ended', 'person.corrected')
    group by call_id having bool_or(type = 'call.started')`,
  names(
    ...['started_event', 'started_at', 'line', 'policy', 'language', 'mode', 'channel'].map(name =>
      differs(name),
    ),
    ...['decision', 'decided_at', 'ended_at', 'caller_event', 'probe'].map(name => differs(name)),
  ),
)

/**
 * Of two answers to one question the no counts, otherwise the first. A yes to a question in the conversation replaces
 * the noes before it, unless a later event replaces the yes. A no there counts only if no answer was given before.
 */
const answer = compare(
  'answer',
  `call_id || ' ' || purpose`,
  'call_id, purpose',
  `select a.*, w.times as withdrawn from (
      select distinct on (call_id, purpose) * from (
        select *, aside and yes and (not has_first or coalesce(id > last_no, false)) as overrules from (
          select id, call_id, data ->> 'purpose' as purpose, data ->> 'answer' as answer, data ->> 'method' as method,
            data ->> 'legalBasis' as legal_basis, (data ->> 'retentionDays')::int as retention_days, uuid as event,
            at as answered_at, data ? 'inConversation' as aside, data ->> 'answer' in ('granted', 'notice') as yes,
            max(id) filter (where not data ? 'inConversation' and data ->> 'answer' not in ('granted', 'notice')) over one
              as last_no,
            bool_or(not data ? 'inConversation') over one as has_first
          from event e where type = 'consent.answered' and not (data ? 'inConversation' and exists (
            select from event later where later.call_id = e.call_id and later.type = 'consent.answered'
              and later.data ->> 'replaces' = e.uuid::text))
          window one as (partition by call_id, data ->> 'purpose')) counted) given
      order by call_id, purpose, overrules desc, aside, yes, id) a
    left join (
      select call_id, purpose, array_agg(at) as times
      from event cross join jsonb_array_elements_text(data -> 'purposes') purpose
      where type = 'consent.withdrawn' group by call_id, purpose) w using (call_id, purpose)`,
  names(
    ...['answer', 'method', 'legal_basis', 'retention_days', 'event', 'answered_at'].map(name =>
      differs(name),
    ),
    `case when (t.withdrawn_at is null) <> (x.withdrawn is null) or t.withdrawn_at <> all (x.withdrawn) then 'withdrawn_at' end`,
  ),
)

/** The assignment of a recording to an act is not journalled. The act must be open. */
const recording = compare(
  'recording',
  'id::text',
  'id',
  `select p.*, s.states, s.seconds, s.lost_bytes, w.call_id is not null as withdrawn from (
      select distinct on (data ->> 'recording') (data ->> 'recording')::uuid as id, call_id, data ->> 'purpose' as purpose,
        data ->> 'keeps' as keeps, (data ->> 'basis')::uuid as basis, (data ->> 'due')::date as due, data ->> 'tap' as tap,
        at as prepared_at
      from event where type = 'recording.prepared' order by data ->> 'recording', event.id) p
    left join (
      select (data ->> 'recording')::uuid as id,
        case when bool_or(type = 'recording.destroyed') then '{destroyed}'
          else array_agg(coalesce(data ->> 'state', substr(type, 11))) filter (where type <> 'recording.gap')
        end as states,
        array_agg((data ->> 'seconds')::float8) filter (where type = 'recording.finished') as seconds,
        coalesce(sum((data ->> 'bytes')::bigint) filter (where type = 'recording.gap'), 0) as lost_bytes
      from event
      where type in ('recording.finished', 'recording.empty', 'recording.failed', 'recording.destroyed', 'recording.gap')
        and data ->> 'recording' is not null
      group by 1) s using (id)
    left join (
      select distinct call_id, purpose from event cross join jsonb_array_elements_text(data -> 'purposes') purpose
      where type = 'consent.withdrawn' and not (data ->> 'keep')::boolean) w
      on w.call_id = p.call_id and w.purpose = p.purpose`,
  names(
    ...['call_id', 'purpose', 'keeps', 'basis', 'due', 'tap', 'prepared_at'].map(name => differs(name)),
    differs('lost_bytes', 'coalesce(x.lost_bytes, 0)'),
    // `null <> all ('{}')` is true. A recording in progress has no seconds, and no event that states them.
    `case when t.seconds is not null and t.seconds <> all (coalesce(x.seconds, '{}')) then 'seconds' end`,
    `case when t.state <> all (coalesce(x.states, '{recording}'))
      and not (t.state = 'recording' and x.states = array_fill('failed'::text, array[cardinality(x.states)]))
      and not (t.state = 'destroying' and coalesce('destroyed' <> all (x.states), true)
        and exists (select from act where act.id = t.act and act.closed_at is null)) then 'state' end`,
    `case when x.withdrawn and t.revoked_at is null then 'revoked_at' end`,
  ),
)

const part = compare(
  'part',
  'id::text',
  'id',
  `select s.*, e.complete from (
      select distinct on (data ->> 'part') (data ->> 'part')::uuid as id, (data ->> 'recording')::uuid as recording_id,
        (data ->> 'number')::int as number, data ->> 'object' as object, data ->> 'location' as location,
        at as started_at
      from event where type = 'recording.part-started' order by data ->> 'part', event.id) s
    left join (
      select (data ->> 'part')::uuid as id, (array_agg((data ->> 'complete')::boolean order by event.id desc))[1] as complete
      from event where type = 'recording.part-ended' group by 1) e using (id)`,
  names(
    ...['recording_id', 'number', 'object', 'location', 'started_at', 'complete'].map(name => differs(name)),
  ),
)

/** The number of a hold that has ended may have been erased. */
const hold = compare(
  'hold',
  'id::text',
  'id',
  `select distinct on (id) * from (
      select (p.data ->> 'hold')::uuid as id, p.data ->> 'kind' as kind, (p.data -> 'on' ->> 'recording')::uuid as recording,
        (p.data -> 'on' ->> 'call')::uuid as call_id, (p.data -> 'on' ->> 'from')::timestamptz as from_at,
        (p.data -> 'on' ->> 'to')::timestamptz as to_at, (p.data ->> 'expiresAt')::timestamptz as expires_at,
        p.data ->> 'on' = 'number' as on_number, personal.data ->> 'number' as number,
        exists (select from event r where r.type = 'hold.released' and r.data ->> 'hold' = p.data ->> 'hold') as released
      from event p left join event_personal personal on personal.event = p.uuid where p.type = 'hold.placed') placed
    order by id`,
  names(
    ...['kind', 'recording', 'call_id', 'from_at', 'to_at', 'expires_at'].map(name => differs(name)),
    `case when (t.released_at is not null) <> x.released then 'released_at' end`,
    `case when (t.number is not null) <> x.on_number or t.number <> x.number then 'number' end`,
  ),
)

/** The last version of a line is in force. */
const line = compare(
  'line',
  `number || ' version ' || version`,
  'number, version',
  `select given.*, version = max(version) over (partition by number) as active from (
      select distinct on (1, 2) data -> 'after' ->> 'number' as number, (data -> 'after' ->> 'version')::int as version,
        (data -> 'after') - array['number', 'version'] as policy, uuid as event
      from event where type = 'line.changed' order by 1, 2, id) given`,
  names(...['policy', 'event', 'active'].map(name => differs(name))),
)

/** Whether an event about a destruction of the act states another cause. */
const OTHER_CAUSE = `exists (select from event d join recording r on r.call_id = d.call_id and r.act = a.id
  where d.type = 'recording.destroyed' and d.data ->> 'recording' = r.id::text and d.data ->> 'cause' <> a.cause)`

/** Whether the act has a recording whose caller did not withdraw. */
const NOT_WITHDRAWN = `exists (select from recording r where r.act = a.id and not exists (
  select from event w where w.call_id = r.call_id and w.type = 'consent.withdrawn'
    and w.data -> 'purposes' ? r.purpose and not (w.data ->> 'keep')::boolean))`

/** A closed act is as its event states it. An act of a withdrawal has only recordings whose callers withdrew. */
const act: ComparedTable = {
  table: 'act',
  sql: `select * from (
      select a.id::text as id, true as row, a.closed_at is null or closed.data is not null as events,
        ${names(
          `case when a.cause <> closed.data ->> 'cause' or ${OTHER_CAUSE}
            or a.cause = 'withdrawal' and ${NOT_WITHDRAWN} then 'cause' end`,
          `case when a.number <> (closed.data ->> 'number')::bigint then 'number' end`,
        )} as what
      from act a left join lateral (
        select data from event where type = 'act.closed' and data ->> 'act' = a.id::text
        order by id limit 1) closed on true) compared
    where not events or what <> '{}'
    order by id`,
}

/** All tables that are compared, in the order of a call's life. */
export const COMPARED_TABLES: readonly ComparedTable[] = [line, call, answer, recording, part, act, hold]
