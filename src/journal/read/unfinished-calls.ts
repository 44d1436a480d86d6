import type { AnnouncedPrompt, AnnouncedWords } from '../../core/announcement.js'
import type { EventData, EventType } from '../../core/events.js'
import type { CallId, ChannelId } from '../../core/ids.js'
import type { Owner } from '../../core/owner.js'
import { FROM_INSIDE } from '../../core/party-events.js'
import type { WithdrawalTerms } from '../../core/policy.js'
import type { RecoveredAnswer, RecoveredCall } from '../../core/recovered-call.js'
import { type Db, sql } from '../../db/database.js'
import { groupBy } from '../../lib/group-by.js'
import { givenElsewhere } from './given-elsewhere.js'

/** An answer with its place in the journal, which determines the visit of its call. */
type AnswerRow = Omit<RecoveredAnswer, 'earlier'> & { call: CallId; place: number }

/** Calls of this service that have no end in the journal, newest first. Calls of other owners are left out. */
export async function unfinishedCalls(db: Db, owner: Owner): Promise<RecoveredCall[]> {
  const calls = await db
    .selectFrom('call')
    .select(['id', 'channel', 'line', 'policy', 'started_at'])
    .where('ended_at', 'is', null)
    .where('node', '=', owner.service)
    .orderBy('started_at', 'desc')
    .execute()
  if (calls.length === 0) return []
  const ids = calls.map(({ id }) => id)
  const [answers, again, disclosed, milestones] = await Promise.all([
    answersOf(db, ids),
    answersGivenAgain(db, ids),
    callsWithDisclosure(db, ids),
    milestonesOf(db, ids),
  ])
  return calls.map(({ id, line, policy, channel, started_at }) => {
    const last = lastOf(milestones.get(id) ?? [])
    const [arrival, released] = [last('call.answered'), last('call.released')]
    const decided = last('call.decided')
    const prepared = last('recording.prepared')
    // The journal keeps the events of a call in their order.
    const cameBack = released && arrival && arrival.place > released.place
    const isEarlier = (place: number) => cameBack === true && place < arrival.place
    const ofCall = asTheyCount(answers, again).filter(({ call }) => call === id)
    return {
      id,
      channel: channel as ChannelId,
      line: arrival?.data.line ?? line,
      policy: arrival?.data.policy ?? policy,
      visitStartedAt: (cameBack ? arrival.at : started_at).getTime(),
      answers: ofCall.map(({ call, place, ...answer }) => ({ ...answer, earlier: isEarlier(place) })),
      answered: arrival !== undefined,
      ...heardOf(disclosed.get(id), isEarlier),
      language: last('call.language-chosen')?.data.language ?? null,
      decided: decided ? ofCall.filter(({ place }) => place < decided.place).length : null,
      joined: arrival ? null : (last('call.started')?.data.joined ?? null),
      fromInside: decided?.data.reason === FROM_INSIDE,
      tap: prepared && !isEarlier(prepared.place) ? prepared.data.tap : null,
      returned: released !== undefined && !cameBack,
    }
  })
}

async function answersOf(db: Db, calls: readonly CallId[]): Promise<AnswerRow[]> {
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
      'recording.id as recording',
      'event.id as place',
      sql<WithdrawalTerms>`event.data -> 'withdrawal'`.as('terms'),
      sql<AnnouncedWords | null>`event.data -> 'told'`.as('words'),
      'answer.legal_basis',
      'answer.method',
      givenElsewhere.as('elsewhere'),
    ])
    .where('answer.call_id', 'in', calls)
    .orderBy('answer.answered_at')
    .execute()
  return rows.map(
    ({ call_id, purpose, answer, event, place, retention_days, withdrawn_at, recording, ...more }) => ({
      call: call_id,
      purpose,
      answer,
      event,
      place,
      retentionDays: retention_days,
      announced: {
        ...{ basis: more.legal_basis, days: retention_days, asked: more.method !== 'notice' },
        words: more.words ?? undefined,
      },
      withdrawn: withdrawn_at !== null,
      recorded: recording !== null,
      terms: more.terms,
      elsewhere: more.elsewhere,
    }),
  )
}

/**
 * The last answer to each purpose for which a caller had given a yes on another line. The table keeps that yes, on
 * which a recording may rest.
 */
async function answersGivenAgain(db: Db, calls: readonly CallId[]) {
  const rows = await db
    .selectFrom('event')
    .distinctOn(['call_id', sql`data ->> 'purpose'`])
    .select(['call_id', 'id as place', 'data'])
    .where('call_id', 'in', calls)
    .where('type', '=', 'consent.answered')
    .where(sql<boolean>`data ? 'again'`)
    .orderBy('call_id')
    .orderBy(sql`data ->> 'purpose'`)
    .orderBy('id', 'desc')
    .execute()
  return rows.map(({ call_id, place, data }) => ({
    ...{ call: call_id, place, data: data as EventData['consent.answered'] },
  }))
}

/** The answers in the order of the journal. A repeated answer replaces the earlier one, and keeps its basis. */
const asTheyCount = (
  rows: readonly AnswerRow[],
  again: Awaited<ReturnType<typeof answersGivenAgain>>,
): AnswerRow[] =>
  rows
    .flatMap((row): AnswerRow[] => {
      const later = again.find(({ call, data }) => call === row.call && data.purpose === row.purpose)
      if (!later || row.elsewhere) return [row]
      const { answer, legalBasis, retentionDays: days, method, told: words, withdrawal: terms } = later.data
      const announced = { basis: legalBasis, days, asked: method !== 'notice', words }
      return [
        { ...row, superseded: true },
        { ...row, answer, announced, terms, place: later.place, retentionDays: days },
      ]
    })
    .sort((one, other) => one.place - other.place)

/** A disclosure that was heard, with its place in the journal. */
interface HeardDisclosure extends Pick<RecoveredCall, 'cutAfterMs'>, AnnouncedPrompt {
  place: number
}

/** The disclosure as heard in the present visit of a call. @param last the last disclosure that was heard */
const heardOf = (last: HeardDisclosure | undefined, isEarlier: (place: number) => boolean) =>
  last && !isEarlier(last.place)
    ? { disclosed: true, disclosure: promptIn(last), cutAfterMs: last.cutAfterMs }
    : { disclosed: false, disclosure: null, cutAfterMs: null }

const promptIn = ({ prompt, version }: HeardDisclosure): AnnouncedPrompt => ({ prompt, version })

/**
 * Of these calls, those whose caller heard a disclosure to its end or until pressing a key, with the last such
 * disclosure.
 */
async function callsWithDisclosure(
  db: Db,
  calls: readonly CallId[],
): Promise<Map<CallId | null, HeardDisclosure>> {
  const rows = await db
    .selectFrom('event')
    .distinctOn('call_id')
    .select([
      'call_id',
      'id as place',
      sql<string>`data ->> 'prompt'`.as('prompt'),
      sql<number>`(data -> 'version')::int`.as('version'),
      sql<number | null>`case data ->> 'end' when 'key' then (data -> 'heardMs')::int end`.as('cutAfterMs'),
    ])
    .where('call_id', 'in', calls)
    .where('type', '=', 'prompt.ended')
    .where(sql<boolean>`data ->> 'role' = 'disclosure' and data ->> 'end' in ('complete', 'key')`)
    .orderBy('call_id')
    .orderBy('id', 'desc')
    .execute()
  return new Map(rows.map(({ call_id, ...heard }) => [call_id, heard]))
}

/** The events that divide a call into its visits. */
const MILESTONES = [
  'call.started',
  'call.answered',
  'call.language-chosen',
  'call.decided',
  'recording.prepared',
  'call.released',
] as const

type Milestones = Awaited<ReturnType<typeof selectMilestones>>

const selectMilestones = (db: Db, calls: readonly CallId[]) =>
  db
    .selectFrom('event')
    .select(['call_id', 'id as place', 'type', 'at', 'data'])
    .where('call_id', 'in', calls)
    .where('type', 'in', MILESTONES)
    // The recording of a kept answer has no tap.
    .where(sql<boolean>`data ->> 'tap' is distinct from ''`)
    .orderBy('id')
    .execute()

const milestonesOf = async (db: Db, calls: readonly CallId[]) =>
  groupBy(await selectMilestones(db, calls), ({ call_id }) => call_id)

const lastOf =
  (events: Milestones) =>
  <T extends EventType & (typeof MILESTONES)[number]>(wanted: T) => {
    const found = events.findLast(({ type }) => type === wanted)
    return found && { ...found, data: found.data as EventData[T] }
  }
