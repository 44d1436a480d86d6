import { setTimeout as sleep } from 'node:timers/promises'
import type { Lab } from '../../../lab/lab.js'
import { startLoad } from '../../../lab/load/start-load.js'
import { pollUntil } from '../../../lab/process/start-process.js'
import { type Database, openDatabase, sql } from '../../../src/db/database.js'
import { partTimesReader, timesBetween } from '../support/part-times.js'

/** A line that records after a yes. */
const NUMBER = '101'
/** New calls a second. */
const RATE = 10
/** From the answer to the key: early in the disclosure, ms. */
const KEY_AFTER_MS = 1_500
/** From the last call's start until it is in a bridge, ms. */
const DECIDE_MS = 10_000
/** Longest time until all recordings are finished after the last hang-up, ms. */
const FINISH_LIMIT_MS = 30_000
/** Interval at which the journal is read, ms: rarely, to cost little. */
const POLL_MS = 500

/**
 * Each caller is in a bridge of their own, where nobody plays anything: with somebody else there, Asterisk would need more than two processors for 400
 * calls, and what the service adds could not be told.
 */
export const EXTENSIONS = `
exten => ${NUMBER},1,Gosub(consentry,s,1)
 same => n,BridgeWait(\${UNIQUEID},participant,e(n))
`

export interface RoundOptions {
  calls: number
  /** How long all are held, ms. */
  holdMs: number
}

/** What one round took. Times are of the processor, ms. */
export interface Round {
  asterisk: number
  service: number
  /** ARI events that the service received. */
  events: number
  /** Calls whose recording is not finished. */
  unrecorded: number
  /** The courses of those calls, the most frequent first. */
  courses: string[]
}

/** Places calls, holds all, and lets them hang up in turn. @throws Error if a call did not follow the script */
export async function playRound(lab: Lab, { calls, holdMs }: RoundOptions): Promise<Round> {
  const read = await partTimesReader(lab)
  const db = openDatabase(lab.database.url)
  const eventsNow = async () =>
    ((await (await fetch(`${lab.ready.http}/healthz`)).json()) as { events: number }).events
  try {
    const [finishedBefore, eventsBefore] = [await finished(db), await eventsNow()]
    const newest = await newestEvent(db)
    const before = await read()
    const load = await startLoad({
      ...{ sip: lab.pbx.sip, number: NUMBER, calls, rate: RATE, key: '1', keyAfterMs: KEY_AFTER_MS },
      holdMs: (calls / RATE) * 1_000 + DECIDE_MS + holdMs,
    })
    try {
      await load.waitUntilDone()
    } finally {
      await load.stop()
    }
    const recorded = async () => (await finished(db)) - finishedBefore
    await pollUntil(async () => {
      await sleep(POLL_MS)
      return (await recorded()) >= calls
    }, FINISH_LIMIT_MS)
    const { asterisk, service } = timesBetween(before, await read())
    const events = (await eventsNow()) - eventsBefore
    const unrecorded = calls - (await recorded())
    const courses = await coursesUnrecorded(db, newest)
    return { asterisk, service, events, unrecorded, courses }
  } finally {
    await db.close()
  }
}

/** What the journal has of each call whose recording is not finished: its events in order, the most frequent courses first. */
async function coursesUnrecorded(db: Database, after: string): Promise<string[]> {
  const { rows } = await sql<{ course: string; n: string }>`
    select course, count(*) as n from (
      select call_id, string_agg(type || coalesce(' (' || (data ->> 'reason') || ')', ''), ', ' order by id) as course
      from event where id > ${after} and call_id is not null and not exists (
        select from recording where recording.call_id = event.call_id and state = 'finished')
      group by call_id) as calls
    group by course order by n desc limit 10`.execute(db)
  return rows.map(({ course, n }) => `${n} × ${course}`)
}

/** Number of the newest event. */
async function newestEvent(db: Database): Promise<string> {
  const { rows } = await sql<{ id: string }>`select coalesce(max(id), 0) as id from event`.execute(db)
  return rows[0]!.id
}

/** Number of recordings that are finished. */
async function finished(db: Database): Promise<number> {
  const { rows } = await sql<{
    n: string
  }>`select count(*) as n from recording where state = 'finished'`.execute(db)
  return Number(rows[0]!.n)
}
