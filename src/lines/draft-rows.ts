import type { Actor, ActorWay, Changer } from '../core/actor.js'
import type { DraftId, EventId } from '../core/ids.js'
import type { Message } from '../core/message.js'
import { type Db, sql } from '../db/database.js'
import type { DraftState } from '../db/tables.js'

export type { DraftState } from '../db/tables.js'

/** Who took a step of a draft, and when. */
export interface Step {
  by: string
  way: ActorWay
  at: Date
}

/** A stored draft of a line. */
export interface Draft {
  id: DraftId
  line: string
  /** The version in force when the draft was begun or rebased. 0: the number was not a line. */
  base: number
  /** As it was typed: parsed JSON, unchecked. */
  input: unknown
  /** Counts the changes of `input` and `base`. */
  revision: number
  state: DraftState
  made: Step
  changed: Step
  /** Everybody who has changed it, each once. A rebase keeps them. */
  changers: Changer[]
  /** Undefined if this revision is not approved. `hash`: SHA-256 of the whole line as it was approved, hex. */
  approved: (Step & { hash: string; event: EventId | undefined }) | undefined
  /** The `line.approval-refused` of the latest request for an approval. Undefined if that request was not rejected. */
  refusal: EventId | undefined
  /** The time of publication, and who scheduled it. Undefined if it is not scheduled. */
  scheduled: { at: Date; by: string; way: ActorWay } | undefined
  /** Why it was not published at its time. Stays until the draft is published, discarded or rescheduled. */
  failure: { at: Date; reason: Message } | undefined
  publishedVersion: number | null
}

/** The states in which a draft can still be published. */
export const UNFINISHED = ['open', 'awaiting-approval', 'approved', 'scheduled'] as const

/** Finds a draft. @returns undefined if no draft has this id */
export async function findDraft(db: Db, id: DraftId): Promise<Draft | undefined> {
  const [draft] = await selectDrafts(db, query => query.where('id', '=', id))
  return draft
}

/** The drafts of a line that can still be published, the last changed first. @param limit most drafts */
export const draftsOf = (db: Db, line: string, limit: number): Promise<Draft[]> =>
  selectDrafts(db, query =>
    query
      .where('line', '=', line)
      .where('state', 'in', UNFINISHED)
      .orderBy('changed_at', 'desc')
      .limit(limit),
  )

/**
 * The drafts of numbers that are not lines and can still be published, the last changed first.
 * @param limit most drafts
 */
export const draftsOfNoLine = (db: Db, limit: number): Promise<Draft[]> =>
  selectDrafts(db, query =>
    query
      .where('state', 'in', UNFINISHED)
      .where(({ not, exists, selectFrom }) =>
        not(
          exists(
            selectFrom('line')
              .select('number')
              .whereRef('line.number', '=', 'line_draft.line')
              .where('active', '=', true),
          ),
        ),
      )
      .orderBy('changed_at', 'desc')
      .limit(limit),
  )

/** All drafts that can still be published, the last changed first. @param limit most drafts */
export const unfinishedDrafts = (db: Db, limit: number): Promise<Draft[]> =>
  selectDrafts(db, query => query.where('state', 'in', UNFINISHED).orderBy('changed_at', 'desc').limit(limit))

/**
 * Unfinished drafts that wait for an approval, a publication, their time, or an operator after a failed publication.
 * The last changed first.
 *
 * @param limit most drafts
 */
export const waitingDrafts = (db: Db, limit: number): Promise<Draft[]> =>
  selectDrafts(db, query =>
    query
      .where('state', 'in', UNFINISHED)
      .where(({ or, eb }) => or([eb('state', '!=', 'open'), eb('failed_at', 'is not', null)]))
      .orderBy('changed_at', 'desc')
      .limit(limit),
  )

/**
 * Scheduled drafts that are due, in the order of their times. A draft is due when both the service's clock and the
 * database's say so, because one of them may be wrong.
 *
 * @param now the service's time, ms since the epoch
 */
export const dueDrafts = (db: Db, now: number): Promise<Draft[]> =>
  selectDrafts(db, query =>
    query
      .where('state', '=', 'scheduled')
      .where('publish_at', '<=', sql<Date>`least(${new Date(now)}::timestamptz, clock_timestamp())`)
      .orderBy('publish_at'),
  )

/** When the next scheduled draft is due, ms since the epoch. Undefined if none is scheduled. */
export async function nextDueAt(db: Db): Promise<number | undefined> {
  const row = await db
    .selectFrom('line_draft')
    .select('publish_at')
    .where('state', '=', 'scheduled')
    .orderBy('publish_at')
    .limit(1)
    .executeTakeFirst()
  return row?.publish_at?.getTime()
}

/** Adds a draft, in its first revision. */
export async function addDraft(
  db: Db,
  { name: by, way }: Actor,
  { id, line, base, input, at }: Pick<Draft, 'id' | 'line' | 'base' | 'input'> & { at: number },
): Promise<void> {
  const now = new Date(at)
  await db
    .insertInto('line_draft')
    .values({
      ...{ id, line, base, input: JSON.stringify(input), revision: 1 },
      ...{ made_at: now, made_by: by, made_way: way },
      ...{ changed_at: now, changed_by: by, changed_way: way, changers: JSON.stringify([{ by, way }]) },
    })
    .execute()
}

/** Stores the next revision of a draft. An approval of the former revision becomes void. @param next.changers with the actor */
export async function saveRevision(
  db: Db,
  { name, way }: Actor,
  {
    id,
    base,
    input,
    revision,
    changers,
    at,
  }: Pick<Draft, 'id' | 'base' | 'input' | 'revision' | 'changers'> & {
    at: number
  },
): Promise<void> {
  await db
    .updateTable('line_draft')
    .set({
      ...{ base, input: JSON.stringify(input), revision, state: 'open' },
      ...{ changed_at: new Date(at), changed_by: name, changed_way: way, changers: JSON.stringify(changers) },
      ...{ approved_revision: null, approved_at: null, approved_by: null, approved_way: null },
      ...{ approved_hash: null, approval_event: null },
    })
    .where('id', '=', id)
    .execute()
}

/** Stores the changes of a step other than those of the revision. */
export async function updateDraft(db: Db, id: DraftId, step: DraftUpdate): Promise<void> {
  await db.updateTable('line_draft').set(columnsOf(step)).where('id', '=', id).execute()
}

/** The changes of a step. An absent field stays, null removes it. */
export interface DraftUpdate {
  state: DraftState
  approved?: Step & { revision: number; hash: string; event: EventId }
  refusal?: EventId | null
  scheduled?: { at: Date; by: string; way: ActorWay } | null
  failure?: { at: Date; reason: Message } | null
}

const columnsOf = ({ state, approved, refusal, scheduled, failure }: DraftUpdate) => ({
  state,
  ...(refusal !== undefined && { refusal_event: refusal }),
  ...(approved && {
    approved_revision: approved.revision,
    approved_at: approved.at,
    approved_by: approved.by,
    approved_way: approved.way,
    approved_hash: approved.hash,
    approval_event: approved.event,
  }),
  ...(scheduled !== undefined && {
    publish_at: scheduled?.at ?? null,
    scheduled_by: scheduled?.by ?? null,
    scheduled_way: scheduled?.way ?? null,
  }),
  ...(failure !== undefined && {
    failure: failure ? JSON.stringify(failure.reason) : null,
    failed_at: failure?.at ?? null,
  }),
})

const all = (db: Db) => db.selectFrom('line_draft').selectAll()
type Query = ReturnType<typeof all>

async function selectDrafts(db: Db, narrow: (query: Query) => Query): Promise<Draft[]> {
  const rows = await narrow(all(db)).execute()
  return rows.map(row => ({
    ...{
      id: row.id,
      line: row.line,
      base: row.base,
      input: row.input,
      revision: row.revision,
      state: row.state,
    },
    made: { by: row.made_by, way: row.made_way, at: row.made_at },
    changed: { by: row.changed_by, way: row.changed_way, at: row.changed_at },
    changers: row.changers,
    approved:
      row.approved_revision === row.revision
        ? {
            ...{ by: row.approved_by!, way: row.approved_way!, at: row.approved_at! },
            ...{ hash: row.approved_hash!, event: row.approval_event ?? undefined },
          }
        : undefined,
    refusal: row.refusal_event ?? undefined,
    scheduled: row.publish_at
      ? { at: row.publish_at, by: row.scheduled_by!, way: row.scheduled_way! }
      : undefined,
    failure: row.failed_at ? { at: row.failed_at, reason: JSON.parse(row.failure!) as Message } : undefined,
    publishedVersion: row.published_version,
  }))
}
