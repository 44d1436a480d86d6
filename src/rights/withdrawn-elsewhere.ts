import { dayOf } from '../core/clock.js'
import type { CallId } from '../core/ids.js'
import { type Db, sql } from '../db/database.js'
import { begunHearing, type HeardRecording, heardIn, stillHearing } from '../journal/read/heard-in.js'
import { groupBy } from '../lib/group-by.js'
import { daysLeft, dueOn } from './deadlines.js'

/**
 * A withdrawal after which the caller is still heard in recordings of other callers, without a decision about these
 * recordings. Days are `YYYY-MM-DD`.
 */
export interface WithdrawnElsewhere {
  /** The caller's own call. */
  call: CallId
  /** Null if the PBX had none or it was erased. */
  number: string | null
  /** ISO 8601, UTC. */
  withdrawnAt: string
  /** The end of the shortest term for an erasure, counted from the day of the withdrawal. */
  dueOn: string
  /** 0 on the last day, negative after it. */
  daysLeft: number
  /** Neither destroyed nor under a hold or block. */
  recordings: HeardRecording[]
}

/** A recording in these states needs no decision. */
const DECIDED = ['destroying', 'destroyed', 'held', 'blocked']

/**
 * Lists the withdrawals after which the caller is still heard in recordings of other callers, the most urgent first. A
 * hold on a recording counts as the decision to keep it. After the end of the hold the withdrawal is listed again.
 *
 * @param now ms since the epoch
 */
export async function listWithdrawnElsewhere(db: Db, now: number): Promise<WithdrawnElsewhere[]> {
  const { rows } = await sql<{ id: CallId; number: string | null }>`
    select c.id, p.data ->> 'caller' as number from call c
      left join event_personal p on p.event = coalesce(c.caller_event, c.started_event)
    where c.id in (select call_id from answer where withdrawn_at is not null)
      and exists (select from event e join recording r on ${stillHearing} where ${begunHearing})`.execute(db)
  const numbers = new Map(rows.map(({ id, number }) => [id, number]))
  const undecided = (await heardIn(db, [...numbers.keys()])).filter(
    ({ state, withdrawnAt }) => withdrawnAt !== undefined && !DECIDED.includes(state),
  )
  return [...groupBy(undecided, ({ heard }) => heard)]
    .map(([call, recordings]) => {
      const withdrawnAt = recordings.map(one => one.withdrawnAt!).sort()[0]!
      const due = dueOn('erasure', '152-fz', withdrawnAt.slice(0, 10))
      const left = daysLeft(due, dayOf(now))
      return { call, number: numbers.get(call)!, withdrawnAt, dueOn: due, daysLeft: left, recordings }
    })
    .sort((one, other) => one.withdrawnAt.localeCompare(other.withdrawnAt))
}
