import { setTimeout as sleep } from 'node:timers/promises'
import { decodeG711, encodeG711 } from '../../../lab/audio/g711.js'
import type { Lab } from '../../../lab/lab.js'
import { type Load, readSpeech, startLoad } from '../../../lab/load/start-load.js'
import { PACKET_MS } from '../../../lab/media/rtp.js'
import { keepersOf } from '../../../lab/process/end-keeper.js'
import { pollUntil } from '../../../lab/process/start-process.js'
import { type Database, openDatabase, sql } from '../../../src/db/database.js'
import { type PartTimes, partTimesReader, timesBetween } from '../support/part-times.js'
import { processorTime } from '../support/processor-time.js'
import { checkStored, type StoredPackets } from './check-stored.js'
import { numberPackets } from './numbered-packets.js'

/** A line that records after a yes. Its callers press the key during the disclosure. */
export const ASKED_NUMBER = '101'

/** Calls that begin, and later hang up, a second: as many as two processors are asked for at first. */
const RATE = 10
/** From the answer to the key, ms: early in the disclosure. */
const KEY_AFTER_MS = 500
/** Longest time from the last call's start to its decision, ms. */
const DECIDE_LIMIT_MS = 12_000
/** From the last decision to the start of the measurement, ms: all calls must have reached the agent. */
const SETTLE_MS = 2_000
/** Longest time until all recordings are finished after the last hang-up, ms. */
const FINISH_LIMIT_MS = 30_000
/** Interval at which the journal is read, ms. */
const POLL_MS = 500
/** Numbered packets before the callers repeat: longer than a call. */
const NUMBERED_PACKETS = 300_000 / PACKET_MS

/** Results of calls that were held at once. */
export interface HeldCalls extends StoredPackets {
  /** Callers whose yes was taken. */
  granted: number
  /** Callers who were not asked because of load. */
  passed: number
  /** Callers of whom neither is so. */
  others: number
  /** Alarms of stores. */
  storeAlarms: number
  /** Callers who were there at the end of the hold. */
  stayed: number
  /** Processor time of each part while all calls were held, ms. */
  spent: PartTimes & { callers: number }
  ms: number
}

export interface HoldOptions {
  lab: Lab
  calls: number
  holdMs: number
  /** Whether callers and PBX have real-time priority. */
  first: boolean
  /** Share of its packets that must be in a recording for it to be whole; all by default. */
  leastShare?: number
  /** Runs while all calls are held. Gets the name of each process by its id. */
  meanwhile?: ((names: ReadonlyMap<number, string>) => Promise<void>) | undefined
  tell(line: string): void
}

/**
 * Holds recorded calls at once, and searches the recordings for every packet that was sent.
 * A call that is not decided in time, or ends early, is counted.
 */
export async function holdCalls(options: HoldOptions): Promise<HeldCalls> {
  const { lab, calls, holdMs, first: realTime, leastShare = 1, tell } = options
  const comeMs = (calls / RATE) * 1_000
  const audio = decodeG711(numberPackets(encodeG711(await readSpeech(), 'alaw'), NUMBERED_PACKETS), 'alaw')
  const db = openDatabase(lab.database.url)
  tell(`${calls} callers come in`)
  const load = await startLoad({
    sip: lab.pbx.sip,
    number: ASKED_NUMBER,
    calls,
    rate: RATE,
    audio,
    realTime,
    key: '1',
    keyAfterMs: KEY_AFTER_MS,
    holdMs: comeMs + DECIDE_LIMIT_MS + SETTLE_MS + holdMs,
  })
  try {
    await waitForCount(calls, () => countOf(db, 'call.released'), comeMs + DECIDE_LIMIT_MS)
    const decided = await countDecided(db, calls)
    tell(`${decided.granted} of ${calls} said yes, ${decided.passed} passed unasked`)
    for (const course of await otherCourses(db)) tell(course)
    await sleep(SETTLE_MS)
    const measured = await measure(options, load)
    const allStayed = new Date()
    const before = await countOf(db, 'recording.finished')
    tell('the callers hang up, one after another')
    if (!(await load.waitUntilDone(comeMs + FINISH_LIMIT_MS))) tell('some callers do not end')
    await waitForCount(before + decided.granted, () => countOf(db, 'recording.finished'), FINISH_LIMIT_MS)
    tell('looking for every packet in what was recorded')
    const storeAlarms = await storeAlarmsOf(db)
    for (const alarm of storeAlarms) tell(alarm)
    const stored = await checkStored(lab, db, { packets: NUMBERED_PACKETS, until: allStayed, leastShare })
    return { ...measured, ...decided, storeAlarms: storeAlarms.length, ...stored }
  } finally {
    await load.stop()
    await db.close()
  }
}

async function measure({ lab, holdMs, meanwhile, tell }: HoldOptions, load: Load) {
  tell(`holding them for ${holdMs / 1_000} s`)
  const read = await partTimesReader(lab)
  const readAll = async () => ({ ...(await read()), callers: await processorTime(load.pid) })
  const started = performance.now()
  const before = await readAll()
  await Promise.all([sleep(holdMs), meanwhile?.(await namesOf(lab, load))])
  const after = await readAll()
  const ms = performance.now() - started
  const answer = await lab.pbx.cli('core show channels count')
  const stayed = Number(/(\d+) active channel/.exec(answer)?.[1])
  return { stayed, spent: { ...timesBetween(before, after), callers: after.callers - before.callers }, ms }
}

async function namesOf({ ready }: Lab, load: Load): Promise<ReadonlyMap<number, string>> {
  const keepers = await keepersOf(ready.tap)
  return new Map([
    [ready.asteriskPid, 'Asterisk'],
    [ready.servicePid ?? 0, 'service'],
    ...keepers.map(pid => [pid, 'keeper'] as const),
    [load.pid, 'callers'],
  ])
}

/** What became of the callers. */
async function countDecided(db: Database, calls: number) {
  const { rows } = await sql<{ granted: string; passed: string }>`
    select count(*) filter (where data ->> 'decision' = 'granted') as granted,
      count(*) filter (where data ->> 'reason' = 'overloaded') as passed
    from event where type = 'call.decided'`.execute(db)
  const [granted, passed] = [Number(rows[0]!.granted), Number(rows[0]!.passed)]
  return { granted, passed, others: calls - granted - passed }
}

/** What the journal has of callers who were neither granted nor passed, the most frequent courses first. */
async function otherCourses(db: Database): Promise<string[]> {
  const { rows } = await sql<{ n: string; course: string }>`
    select count(*) as n, course from (
      select string_agg(type || coalesce(' (' || (data ->> 'reason') || ')', ''), ', ' order by id) as course
      from event where call_id is not null group by call_id
      having coalesce(bool_or(type = 'call.decided' and
        (data ->> 'decision' = 'granted' or data ->> 'reason' = 'overloaded')), false) = false) as courses
    group by course order by 1 desc`.execute(db)
  return rows.map(({ n, course }) => `${n} × ${course}`)
}

/** What alarms of stores say. */
async function storeAlarmsOf(db: Database): Promise<string[]> {
  const { rows } = await sql<{ alarm: string }>`
    select concat_ws(' ', to_char(at, 'HH24:MI:SS'), event.data ->> 'alarm', event.data, event_personal.data) as alarm
    from event left join event_personal on event_personal.event = event.uuid
    where type = 'alarm.raised' and event.data ->> 'alarm' in ('store-unwritable', 'keys-unwritable', 'container-stuck')
    order by id`.execute(db)
  return rows.map(({ alarm }) => alarm)
}

async function countOf(db: Database, type: string): Promise<number> {
  const { rows } = await sql<{ count: string }>`select count(*) from event where type = ${type}`.execute(db)
  return Number(rows[0]!.count)
}

/** Waits until a count is reached. Polls rarely, to cost little. */
async function waitForCount(wanted: number, count: () => Promise<number>, limit: number): Promise<boolean> {
  return pollUntil(async () => {
    await sleep(POLL_MS)
    return (await count()) >= wanted
  }, limit)
}
