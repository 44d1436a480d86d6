import type { Lab } from '../../../lab/lab.js'
import { startLoad } from '../../../lab/load/start-load.js'
import { pollUntil } from '../../../lab/process/start-process.js'
import { SHED_REASONS } from '../../../src/core/ports.js'
import { type Database, sql } from '../../../src/db/database.js'

/** The number that callers dial. */
export const NUMBER = '101'
const MARK = 'BENCH_BACK_'
const NOW = '${STRFTIME(,,%s.%3q)}'

/** Notes when each caller entered the Gosub and left it. The PBX itself is the agent, because that costs least; it answers
 * callers whom the Gosub passed. */
export const EXTENSIONS = `
exten => ${NUMBER},1,Set(BENCH_IN=${NOW})
 same => n,Gosub(consentry,s,1)
 same => n,Set(GLOBAL(${MARK}\${CALLERID(num)})=\${BENCH_IN} ${NOW})
 same => n,Answer()
 same => n,Echo()
 same => n,Hangup()
`

/** How long new calls come in, s. */
const SECONDS = 10
/** From the answer to the key, and from the key to the hang-up, ms. */
const KEY_AFTER_MS = 2_500
const HOLD_MS = 10_000
/** Longest time from the last call's start until all calls and recordings are over, ms. */
const OVER_LIMIT_MS = 60_000
/** How much of the conversation a whole recording has at least. */
const WHOLE_SHARE = 0.95

/** What became of callers who came at one rate. */
export interface Burst {
  rate: number
  calls: number
  /** Callers who were asked. */
  asked: number
  /** Callers whose yes was committed and whose conversation is recorded whole. */
  whole: number
  /** Callers who were passed unasked, by reason. */
  passed: Record<string, number>
  /** Longest time that a caller who was passed spent in the Gosub, ms. */
  longestPassMs: number
  /** Callers who did not come back to the dialplan. */
  dropped: number
  /** What the journal has of the asked callers who are not recorded whole, the most frequent courses first. */
  courses: string[]
}

/** Places calls at a rate, each with a yes. @param rate new calls a second */
export async function placeBurst(lab: Lab, db: Database, rate: number): Promise<Burst> {
  const calls = rate * SECONDS
  const since = new Date()
  const load = await startLoad({
    ...{ sip: lab.pbx.sip, number: NUMBER, calls, rate, key: '1' },
    ...{ keyAfterMs: KEY_AFTER_MS, holdMs: HOLD_MS },
  })
  try {
    // A call that does not follow the script is seen in the journal, or is missing there.
    const done = load.waitUntilDone().catch(() => {})
    let ended = false
    void done.then(() => {
      ended = true
    })
    await pollUntil(
      async () => ended && (await countOpen(db, since)) === 0,
      (SECONDS + KEY_AFTER_MS / 1_000) * 1_000 + HOLD_MS + OVER_LIMIT_MS,
    )
  } finally {
    await load.stop()
  }
  const times = await readTimes(lab, since)
  const found = await readCalls(db, since)
  const passed: Record<string, number> = {}
  let longestPassMs = 0
  for (const { caller, reason, asked } of found) {
    if (asked) continue
    passed[reason ?? 'none'] = (passed[reason ?? 'none'] ?? 0) + 1
    longestPassMs = Math.max(longestPassMs, times.get(caller) ?? 0)
  }
  const asked = found.filter(one => one.asked)
  const courses = new Map<string, number>()
  for (const { whole, course } of asked) if (!whole) courses.set(course, (courses.get(course) ?? 0) + 1)
  return {
    ...{ rate, calls, asked: asked.length, passed, longestPassMs },
    whole: asked.filter(({ whole }) => whole).length,
    dropped: calls - times.size,
    courses: [...courses].sort(([, a], [, b]) => b - a).map(([course, n]) => `${n} × ${course}`),
  }
}

/** Number of calls and recordings that have not ended. */
async function countOpen(db: Database, since: Date): Promise<number> {
  const { rows } = await sql<{ n: string }>`
    select (select count(*) from event where type = 'call.started' and at >= ${since})
      - (select count(*) from event where type = 'call.ended' and at >= ${since})
      + (select count(*) from recording where state = 'recording') as n`.execute(db)
  return Number(rows[0]!.n)
}

/** Each call since then: whether it was asked, and what came of it. */
async function readCalls(db: Database, since: Date) {
  const { rows } = await sql<{
    caller: string
    reason: string | null
    whole: boolean
    course: string
  }>`
    with calls as (
      select call_id, max(at) filter (where type = 'call.ended') - max(at) filter (where type = 'call.released') as talk,
        max(event.data ->> 'reason') filter (where type = 'call.decided') as reason,
        string_agg(type || coalesce(' (' || coalesce(event.data ->> 'state' || ' ', '') || (event.data ->> 'reason') || ')', ''),
          ', ' order by event.id) as course,
        max(event_personal.data ->> 'caller') filter (where type = 'call.started') as caller
      from event left join event_personal on event_personal.event = event.uuid
      where call_id is not null group by call_id having min(at) >= ${since})
    select caller, reason, course, exists (
      select from recording where recording.call_id = calls.call_id and state = 'finished' and lost_bytes = 0
        and seconds >= ${WHOLE_SHARE} * extract(epoch from talk)) as whole
    from calls`.execute(db)
  return rows.map(row => ({ ...row, asked: !SHED_REASONS.some(reason => reason === row.reason) }))
}

/** How long each caller was in the Gosub, by the caller's number, ms. */
async function readTimes(lab: Lab, since: Date): Promise<Map<string, number>> {
  const globals = await lab.pbx.cli('dialplan show globals')
  const marks = globals.matchAll(new RegExp(`${MARK}(\\d+)=(\\d+\\.\\d+) (\\d+\\.\\d+)`, 'g'))
  const times = new Map<string, number>()
  for (const [, caller, from, to] of marks)
    if (Number(from) * 1_000 >= since.getTime()) times.set(caller!, (Number(to) - Number(from)) * 1_000)
  return times
}
