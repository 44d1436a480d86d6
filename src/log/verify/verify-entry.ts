import type { Connection } from '../../db/connection.js'
import { counted } from '../../lib/plural.js'
import type { Faults } from './faults.js'

/**
 * How far the time of an event may be from the database's own time of its insertion, ms, unless an outage explains it.
 * The clocks of the machine and of PostgreSQL may differ by five minutes before an alarm is raised.
 */
const APART_MS = 600_000
/**
 * Longest time from an event of an outage to the report of the outage, ms. The service replays some thousand events a
 * second.
 */
const REPLAY_MS = 3_600_000

/** An event whose time differs from that of its insertion. Times in ms since the epoch. */
interface MisdatedRow {
  id: number
  at: number
  entered: number
  /** The latest insertion among earlier events. */
  latest: number | null
  /** True for a yes or a notice, on which a recording may rest. */
  positive: boolean
}

/** The report of an outage: the number of events that waited for the database, or the beginning of the outage. */
interface Outage {
  id: number
  entered: number
  /** Number of events that waited. Infinite for an alarm, which states only how long the database was away. */
  events: number
  /** Start of the outage; 0 if the report does not state it. */
  since: number
}

const MISDATED = `
  select id, extract(epoch from at) * 1000 as at, extract(epoch from entered_at) * 1000 as entered,
    extract(epoch from latest) * 1000 as latest,
    type = 'consent.answered' and (select data ->> 'answer' in ('granted', 'notice') from event e where e.id = dated.id) as positive
  from (
    select id, type, at, entered_at,
      max(entered_at) over (order by id rows between unbounded preceding and 1 preceding) as latest
    from event) dated
  where at < entered_at - $1 * interval '1 ms' or at > entered_at + $1 * interval '1 ms'
    or entered_at < latest - $1 * interval '1 ms'
  order by id desc`

const OUTAGES = `
  select id, extract(epoch from entered_at) * 1000 as entered,
    case type when 'journal.caught-up' then (data ->> 'events')::float8 else 'infinity' end as events,
    case type when 'journal.caught-up' then coalesce(extract(epoch from (data ->> 'since')::timestamptz) * 1000, 0)
      else extract(epoch from at) * 1000 - (data ->> 'stoodMs')::float8 end as since
  from event
  where type = 'journal.caught-up' or type = 'alarm.cleared' and data ->> 'alarm' = 'database-away'
  order by id desc`

/** The column is not null, so somebody has changed the table. */
const UNDATED = 'select id from event where entered_at is null order by id limit 1000'

const LATE_CHECKPOINTS = `
  select size, (select min(id) from event where id > before and id <= last_event
    and entered_at > signed_at + $1 * interval '1 ms') as event
  from (select size, last_event, signed_at, lag(last_event, 1, 0::bigint) over (order by size) as before
    from log_checkpoint) bounded`

/**
 * Compares the stated time of each event with its time of insertion into the database. Compares the time of insertion
 * with the events and the signed checkpoints around it. Events of an outage enter late, and the journal states their
 * number. A yes is never among them, because it counts only if it is committed within a second.
 *
 * @param connection in a snapshot of the database
 * @returns how many events entered late because of an outage
 */
export async function verifyEntry(connection: Connection, faults: Faults): Promise<number> {
  const { rows } = await connection.query<MisdatedRow>(MISDATED, [APART_MS])
  const explains = explainer(rows.length > 0 ? (await connection.query<Outage>(OUTAGES)).rows : [])
  let late = 0
  for (const row of rows.map(numeric)) {
    const where = `event ${row.id}`
    if (row.latest !== null && row.entered < row.latest - APART_MS)
      faults.add(
        'event-misdated',
        where,
        `the database says that it was inserted ${iso(row.entered)}, and an earlier event ${iso(row.latest)}`,
      )
    else if (row.at < row.entered && explains(row) && !row.positive) late++
    else
      faults.add(
        'event-misdated',
        where,
        `it says ${iso(row.at)}, and entered the database ${apart(row)}, which no outage explains`,
      )
  }
  for (const { id } of (await connection.query<{ id: number }>(UNDATED)).rows)
    faults.add('event-misdated', `event ${id}`, 'the database does not say when it was inserted')
  const { rows: checkpoints } = await connection.query<{ size: number; event: number | null }>(
    LATE_CHECKPOINTS,
    [APART_MS],
  )
  for (const { size, event } of checkpoints)
    if (event !== null)
      faults.add(
        'event-misdated',
        `event ${event}`,
        `the database says that it was inserted after the checkpoint of ${counted(size, 'event', 'events')}, which covers it`,
      )
  return late
}

/** PostgreSQL's numeric comes as text. */
const numeric = (row: MisdatedRow): MisdatedRow => ({
  ...row,
  at: Number(row.at),
  entered: Number(row.entered),
  latest: row.latest === null ? null : Number(row.latest),
})

/**
 * Makes a function that returns true if an outage explains a late event. Call it with the events from the latest to the
 * earliest.
 */
function explainer(outages: readonly Outage[]): (row: MisdatedRow) => boolean {
  const waiting = outages.map(({ id, entered, events, since }) => ({
    id,
    entered: Number(entered),
    left: Number(events),
    since: Number(since),
  }))
  return ({ id, at, entered }) => {
    const outage = waiting.find(
      one => one.id > id && one.entered <= entered + REPLAY_MS && one.left > 0 && at >= one.since - APART_MS,
    )
    if (outage) outage.left--
    return outage !== undefined
  }
}

const iso = (ms: number): string => new Date(ms).toISOString()

function apart({ at, entered }: MisdatedRow): string {
  const minutes = Math.round(Math.abs(entered - at) / 60_000)
  const text =
    minutes < 2 * 1_440
      ? counted(minutes, 'minute', 'minutes')
      : counted(Math.round(minutes / 1_440), 'day', 'days')
  return at < entered ? `${text} later` : `${text} earlier`
}
