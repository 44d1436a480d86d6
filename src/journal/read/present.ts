import type { AlarmKind } from '../../core/alarms.js'
import type { Decision } from '../../core/events.js'
import type { CallId } from '../../core/ids.js'
import { FROM_INSIDE } from '../../core/party-events.js'
import { ASKING_MODES } from '../../core/policy.js'
import { type Db, sql } from '../../db/database.js'
import { callerColumn, callerEvent } from './call-rows.js'
import { givenElsewhere } from './given-elsewhere.js'

/** Number of calls in a part of a day with the same decision. */
export interface CallCount {
  /** Beginning of the part, ms since the epoch. */
  from: number
  /** Null if the caller has not decided, or was not asked. */
  decision: Decision | null
  calls: number
}

/**
 * Whether the caller was not to be asked: the number is not a line, or the line does not record. The journal calls that
 * decision `failed`, although there was no fault. A rescued call does have a fault.
 */
const unasked = sql<boolean>`(mode = 'none' and rescued_at is null)`

/**
 * Counts the calls since a moment, by decision, without probe calls and calls whose caller was not to be asked.
 *
 * @param stepMs length of a part of the day, ms
 */
export async function countCalls(db: Db, since: Date, stepMs: number): Promise<CallCount[]> {
  const part = sql<string>`floor(extract(epoch from started_at) * 1000 / ${stepMs}::int)`
  const rows = await db
    .selectFrom('call')
    .select([part.as('part'), 'decision', sql<string>`count(*)`.as('calls')])
    .where('started_at', '>=', since)
    .where('probe', '=', false)
    .where(sql<boolean>`not (decision is not null and ${unasked})`)
    .groupBy(['part', 'decision'])
    .orderBy('part')
    .execute()
  return rows.map(({ part, decision, calls }) => ({
    ...{ from: Number(part) * stepMs, decision, calls: Number(calls) },
  }))
}

/** The line that the caller of a call is on, or was on last, with the version of its policy. */
const whereCallerIs = sql`(
  select coalesce(came.line, call.line) as number, coalesce(came.policy, call.policy) as version
  from (select) one left join lateral (
    select data ->> 'line' as line, (data ->> 'policy')::int as policy from event
    where call_id = call.id and type = 'call.answered' order by id desc limit 1) came on true)`

/**
 * Whether the journal allows asking the caller of a call in the conversation: the call is in the dialplan, did not come
 * from a phone of the company, and its line has a purpose to which the caller has neither agreed for the own call nor
 * withdrawn a yes. The service checks the rest.
 */
const askable = sql<boolean>`(released_at is not null and not exists (
    select from event where call_id = call.id and type = 'call.decided' and data ->> 'reason' = ${FROM_INSIDE})
  and exists (
    select from ${whereCallerIs} at
      join line on line.number = at.number and line.version = at.version 
        and line.policy ->> 'mode' in (${sql.join([...ASKING_MODES])})
      cross join lateral jsonb_array_elements(line.policy -> 'purposes') wanted
    where not exists (
      select from answer join event on event.uuid = answer.event
      where answer.call_id = call.id and answer.purpose = wanted ->> 'purpose' and not ${givenElsewhere}
        and (withdrawn_at is not null or (answer = 'granted' and legal_basis = wanted ->> 'legalBasis'
          and retention_days >= (wanted ->> 'retentionDays')::int)))))`

const lineName = sql<string | null>`(
  select policy ->> 'name' from line where line.number = call.line and line.active)`

/** A call in progress. */
export interface PresentCall {
  id: CallId
  line: string | null
  /** The present name of the line. */
  name: string | null
  caller: string | null
  startedAt: Date
  decision: Decision | null
  /** Whether the caller has withdrawn every yes. */
  withdrawn: boolean
  /** Whether callers of the line are not asked: the number is not a line, or the line does not record. */
  unasked: boolean
  /** Whether any recording of the call is in progress. */
  recorded: boolean
  /** Whether its line has something to ask in the conversation. */
  askable: boolean
}

/** The calls in progress, the latest first, without probe calls. @param limit maximum number of calls */
export function presentCalls(db: Db, limit: number): Promise<PresentCall[]> {
  return db
    .selectFrom('call')
    .leftJoin('event_personal', join => join.on(sql<boolean>`event_personal.event = ${callerEvent}`))
    .select(['id', 'line', 'started_at as startedAt', callerColumn.as('caller'), lineName.as('name')])
    .select(sql<Decision | null>`case when ${unasked} then null else decision end`.as('decision'))
    .select([unasked.as('unasked'), askable.as('askable')])
    .select(
      sql<boolean>`coalesce((select bool_and(withdrawn_at is not null) from answer
        where call_id = call.id and positive), false)`.as('withdrawn'),
    )
    .select(({ exists, selectFrom }) =>
      exists(
        selectFrom('recording')
          .select('recording.id')
          .whereRef('call_id', '=', 'call.id')
          .where('state', '=', 'recording'),
      )
        .$castTo<boolean>()
        .as('recorded'),
    )
    .where('ended_at', 'is', null)
    .where('probe', '=', false)
    .orderBy('started_at', 'desc')
    .limit(limit)
    .execute()
}

/** The number of calls in progress, and how many of them are being recorded, without probe calls. */
export async function countPresent(db: Db): Promise<{ calls: number; recorded: number }> {
  const { rows } = await sql<{ calls: number; recorded: number }>`
    select count(*)::int as calls,
      count(*) filter (where exists (
        select from recording where call_id = call.id and state = 'recording'))::int as recorded
    from call where ended_at is null and not probe`.execute(db)
  return rows[0]!
}

/** A standing alarm. */
export interface StandingAlarm {
  alarm: AlarmKind
  detail: string
  at: Date
  /** The call of the alarm, with the line of its caller. Null if the alarm is not about a call. */
  call: { id: CallId; line: string | null; caller: string | null } | null
}

/** The standing alarms: raised since the latest start of a service and not cleared, the oldest first. */
export async function standingAlarms(db: Db): Promise<StandingAlarm[]> {
  const { rows } = await sql<StandingAlarm>`
    select at, latest.data ->> 'alarm' as alarm, coalesce(apart.data ->> 'detail', latest.data ->> 'detail', '') as detail,
      case when call.id is null then null else json_build_object(
        'id', call.id, 'line', (select number from ${whereCallerIs} at), 'caller', ${callerColumn}) end as call
    from (
      select distinct on (data ->> 'alarm', data ->> 'recording', data ->> 'leg', data ->> 'purpose', data ->> 'check') *
      from event
      where type in ('alarm.raised', 'alarm.cleared')
        and id > (select coalesce(max(id), 0) from event where type = 'service.started')
      order by data ->> 'alarm', data ->> 'recording', data ->> 'leg', data ->> 'purpose', data ->> 'check', id desc
    ) latest
      left join event_personal apart on apart.event = latest.uuid
      left join call on call.id = latest.call_id
      left join event_personal on event_personal.event = ${callerEvent}
    where latest.type = 'alarm.raised'
    order by latest.id`.execute(db)
  return rows
}

/** The latest event of the journal. @returns its id; 0 if none exists */
export async function latestEvent(db: Db): Promise<number> {
  const { rows } = await sql<{ id: number }>`select coalesce(max(id), 0) as id from event`.execute(db)
  return rows[0]!.id
}

/**
 * The events after one: the id of the latest, and whether any of them changes the calls in progress or the standing
 * alarms.
 */
export interface NewEvents {
  latest: number
  changed: boolean
}

/** Reads the events after one. Misses an event with a smaller id that is committed later. */
export async function eventsAfter(db: Db, event: number): Promise<NewEvents> {
  const { rows } = await sql<NewEvents>`
    select coalesce(max(id), ${event}) as latest,
      coalesce(bool_or(type ~ '^(call|consent|recording|alarm|service)[.]'), false) as changed
    from event where id > ${event}`.execute(db)
  return rows[0]!
}
