import { type Db, sql } from '../../db/database.js'
import type { CallId, ChannelId } from '../../shared/ids.js'
import { isOwner, type Owner } from '../../shared/owner.js'
import type { WithdrawalTerms } from '../../shared/policy.js'
import type { RecoveredAnswer, RecoveredCall } from '../../shared/recovered-call.js'

/** Calls of this service that have no end in the journal, newest first. Calls of other owners are left out. */
export async function unfinishedCalls(db: Db, owner: Owner): Promise<RecoveredCall[]> {
  const open = await db
    .selectFrom('call')
    .select(['id', 'channel', 'line', 'policy', 'started_at', 'answered_at', 'decided_at', 'released_at'])
    .select(['node', 'node_name', 'keeper'])
    .where('ended_at', 'is', null)
    .orderBy('started_at', 'desc')
    .execute()
  const calls = open.filter(({ node, node_name, keeper }) =>
    isOwner(owner, { service: node, node: node_name, keeper }),
  )
  if (calls.length === 0) return []
  const ids = calls.map(({ id }) => id)
  const [answers, disclosed] = await Promise.all([answersOf(db, ids), callsWithDisclosure(db, ids)])
  return calls.map(({ id, channel, line, policy, started_at, answered_at, decided_at, released_at }) => ({
    id,
    line,
    policy,
    startedAt: started_at.getTime(),
    channel: channel as ChannelId,
    answers: answers.filter(({ call }) => call === id).map(({ call, ...answer }) => answer),
    answered: answered_at !== null,
    disclosed: disclosed.has(id),
    decided: decided_at !== null,
    returned: released_at !== null,
  }))
}

async function answersOf(db: Db, calls: readonly CallId[]): Promise<(RecoveredAnswer & { call: CallId })[]> {
  const rows = await db
    .selectFrom('answer')
    .leftJoin('recording', join =>
      join.onRef('recording.basis', '=', 'answer.event').onRef('recording.purpose', '=', 'answer.purpose'),
    )
    .innerJoin('event', 'event.uuid', 'answer.event')
    .select([
      'answer.call_id',
      'answer.purpose',
      'answer.answer',
      'answer.event',
      'answer.retention_days',
      'answer.withdrawn_at',
      'recording.id',
      sql<WithdrawalTerms | null>`event.data -> 'withdrawal'`.as('terms'),
    ])
    .where('answer.call_id', 'in', calls)
    .orderBy('answer.answered_at')
    .execute()
  return rows.map(({ call_id, purpose, answer, event, retention_days, withdrawn_at, id, terms }) => ({
    call: call_id,
    purpose,
    answer,
    event,
    retentionDays: retention_days,
    withdrawn: withdrawn_at !== null,
    recorded: id !== null,
    terms: terms ?? undefined,
  }))
}

/** Of these calls, those whose caller heard the disclosure to its end or until pressing a key. */
async function callsWithDisclosure(db: Db, calls: readonly CallId[]): Promise<Set<CallId | null>> {
  const rows = await db
    .selectFrom('event')
    .select('call_id')
    .distinct()
    .where('call_id', 'in', calls)
    .where('type', '=', 'prompt.ended')
    .where(sql<boolean>`data ->> 'role' = 'disclosure' and data ->> 'end' in ('complete', 'key')`)
    .execute()
  return new Set(rows.map(({ call_id }) => call_id))
}
